/// Appends protobuf fields to a byte array. Proto3 rules: scalars with their default value are left out.
struct WireWriter {
    private(set) var bytes: [UInt8]

    init(reservingCapacity capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func tag(_ number: UInt32, _ type: WireType) {
        varint(UInt64(number) << 3 | UInt64(type.rawValue))
    }

    mutating func int64(_ number: UInt32, _ value: Int64) {
        guard value != 0 else { return }
        tag(number, .varint)
        varint(UInt64(bitPattern: value))
    }

    mutating func bool(_ number: UInt32, _ value: Bool) {
        int64(number, value ? 1 : 0)
    }

    mutating func string(_ number: UInt32, _ value: some StringProtocol) {
        guard !value.isEmpty else { return }
        delimited(number, value.utf8)
    }

    mutating func string(_ number: UInt32, _ value: WireText) {
        string(number, value.string)
    }

    /// A bytes field; empty bytes are left out.
    mutating func data(_ number: UInt32, _ value: some Collection<UInt8>) {
        guard !value.isEmpty else { return }
        delimited(number, value)
    }

    /// A length-delimited field that is written even when it is empty: messages, map entries, elements of repeated fields.
    mutating func delimited(_ number: UInt32, _ value: some Collection<UInt8>) {
        tag(number, .bytes)
        varint(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    /// Only the tag and length of a length-delimited field; the caller then writes exactly `length` bytes.
    mutating func delimitedHeader(_ number: UInt32, length: Int) {
        tag(number, .bytes)
        varint(UInt64(length))
    }

    /// Bytes that are already encoded.
    mutating func raw(_ encoded: some Collection<UInt8>) {
        bytes.append(contentsOf: encoded)
    }

    mutating func message(_ number: UInt32, _ body: (inout WireWriter) -> Void) {
        var nested = WireWriter()
        body(&nested)
        delimited(number, nested.bytes)
    }

    /// One entry of a `map<string, string>`.
    mutating func mapEntry(_ number: UInt32, key: WireText, value: WireText) {
        message(number) { entry in
            entry.string(1, key)
            entry.string(2, value)
        }
    }
}

extension WireWriter {
    static func size(ofVarint value: UInt64) -> Int {
        value == 0 ? 1 : (70 - value.leadingZeroBitCount) / 7
    }

    /// Encoded size of a length-delimited field with its tag.
    static func size(ofDelimited number: UInt32, length: Int) -> Int {
        size(ofVarint: UInt64(number) << 3) + size(ofVarint: UInt64(length)) + length
    }
}
