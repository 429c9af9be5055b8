/// Writes the fields of a message: a tag (one byte), a length (four bytes, big-endian), the value.
struct FieldWriter {
    private(set) var bytes: [UInt8] = []

    mutating func put(_ tag: UInt8, _ value: some Collection<UInt8>) throws(ControlError) {
        // Far below where a length would not fit its four bytes.
        guard bytes.count + value.count + 5 <= ControlLimits.messageBytes else {
            throw .messageTooLong(bytes.count + value.count)
        }
        bytes.append(tag)
        bytes.appendBigEndian(UInt32(value.count))
        bytes += value
    }

    mutating func put(_ tag: UInt8, _ value: String, _ what: String) throws(ControlError) {
        guard !value.utf8.contains(0) else { throw .containsNUL(what) }
        try put(tag, value.utf8)
    }

    mutating func put(_ tag: UInt8, _ value: Int64) throws(ControlError) {
        let bits = UInt64(bitPattern: value)
        try put(tag, stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: bits >> UInt64($0)) })
    }

    mutating func put(_ tag: UInt8, _ value: Bool) throws(ControlError) {
        try put(tag, [value ? 1 : 0])
    }

    /// A pair of strings, as `length of the first, first, second`.
    mutating func put(_ tag: UInt8, _ pair: (String, String), _ what: String) throws(ControlError) {
        guard !pair.0.utf8.contains(0), !pair.1.utf8.contains(0) else { throw .containsNUL(what) }
        var value: [UInt8] = []
        value.reserveCapacity(4 + pair.0.utf8.count + pair.1.utf8.count)
        value.appendBigEndian(UInt32(clamping: pair.0.utf8.count))
        value += pair.0.utf8
        value += pair.1.utf8
        try put(tag, value)
    }
}

/// One field of a received message.
struct ReceivedField {
    let tag: UInt8
    let value: ArraySlice<UInt8>

    func string(_ what: String) throws(ControlError) -> String {
        try Self.string(value, what)
    }

    func int64(_ what: String) throws(ControlError) -> Int64 {
        guard value.count == 8 else { throw .malformed("its \(what) has \(value.count) bytes") }
        return Int64(bitPattern: value.reduce(0) { $0 << 8 | UInt64($1) })
    }

    func bool(_ what: String) throws(ControlError) -> Bool {
        guard value.count == 1, let byte = value.first, byte <= 1 else { throw .malformed("its \(what) is neither yes nor no") }
        return byte == 1
    }

    func pair(_ what: String) throws(ControlError) -> (String, String) {
        guard value.count >= 4 else { throw .malformed("\(what) is too short") }
        let length = value.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        let rest = value.dropFirst(4)
        guard length <= rest.count else { throw .malformed("\(what) is too short") }
        return (try Self.string(rest.prefix(length), what), try Self.string(rest.dropFirst(length), what))
    }

    private static func string(_ bytes: ArraySlice<UInt8>, _ what: String) throws(ControlError) -> String {
        guard !bytes.contains(0) else { throw .containsNUL(what) }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notUTF8(what) }
        return text
    }

    /// Calls `visit` for each field in `payload`, in order.
    static func each(in payload: [UInt8], _ visit: (ReceivedField) throws(ControlError) -> Void) throws(ControlError) {
        var at = 0
        while at < payload.count {
            guard payload.count - at >= 5 else { throw .malformed("it ends within a field") }
            let length = Int(payload.bigEndianUInt32(at: at + 1))
            guard length <= payload.count - at - 5 else { throw .malformed("it ends within a field") }
            try visit(ReceivedField(tag: payload[at], value: payload[(at + 5)..<(at + 5 + length)]))
            at += 5 + length
        }
    }
}
