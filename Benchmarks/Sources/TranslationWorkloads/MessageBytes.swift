/// A protobuf message that is being written, as the libraries of plugins and hosts write it: fields in order, defaults left out.
///
/// The gateway's own writer is not used, so that a fault of it cannot hide in the inputs.
struct MessageBytes {
    private(set) var bytes: [UInt8] = []

    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func integer(_ number: UInt64, _ value: Int64) {
        guard value != 0 else { return }
        varint(number << 3)
        varint(UInt64(bitPattern: value))
    }

    mutating func double(_ number: UInt64, _ value: Double) {
        guard value.bitPattern != 0 else { return }
        varint(number << 3 | 1)
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Text, bytes and messages.
    mutating func delimited(_ number: UInt64, _ content: some Collection<UInt8>) {
        varint(number << 3 | 2)
        varint(UInt64(content.count))
        bytes.append(contentsOf: content)
    }

    mutating func text(_ number: UInt64, _ text: String) {
        if !text.isEmpty { delimited(number, text.utf8) }
    }

    mutating func message(_ number: UInt64, _ write: (inout MessageBytes) -> Void) {
        var inner = MessageBytes()
        write(&inner)
        delimited(number, inner.bytes)
    }

    mutating func entry(_ number: UInt64, _ key: String, _ value: String) {
        message(number) {
            $0.text(1, key)
            $0.text(2, value)
        }
    }
}
