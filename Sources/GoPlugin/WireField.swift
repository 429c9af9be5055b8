/// What is wrong with one of go-plugin's small messages.
package enum SmallMessageError: Error, Sendable, Equatable {
    case truncated
    case malformed
}

/// One field of a protobuf message: enough of the wire format for messages of one or two fields.
enum WireField {
    case varint(UInt64)
    case bytes(ArraySlice<UInt8>)
    /// Fixed-width values, which none of the messages here has.
    case other

    /// Calls `visit` with the number and value of each field in `message`.
    static func each(in message: some Collection<UInt8>, _ visit: (UInt64, WireField) -> Void) throws(SmallMessageError) {
        var rest = ArraySlice(Array(message))
        while !rest.isEmpty {
            let key = try readVarint(&rest)
            guard key >> 3 != 0, key <= UInt64(UInt32.max) else { throw .malformed }
            switch key & 7 {
            case 0:
                visit(key >> 3, .varint(try readVarint(&rest)))
            case 1:
                _ = try take(8, from: &rest)
                visit(key >> 3, .other)
            case 2:
                let length = try readVarint(&rest)
                guard length <= UInt64(rest.count) else { throw .truncated }
                visit(key >> 3, .bytes(try take(Int(length), from: &rest)))
            case 5:
                _ = try take(4, from: &rest)
                visit(key >> 3, .other)
            default:
                throw .malformed
            }
        }
    }

    static func encode(_ number: UInt8, varint value: UInt64) -> [UInt8] {
        [number << 3] + encodeVarint(value)
    }

    static func encode(_ number: UInt8, bytes value: some Collection<UInt8>) -> [UInt8] {
        [number << 3 | 2] + encodeVarint(UInt64(value.count)) + value
    }

    private static func encodeVarint(_ value: UInt64) -> [UInt8] {
        var rest = value
        var bytes: [UInt8] = []
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
        return bytes
    }

    private static func take(_ count: Int, from rest: inout ArraySlice<UInt8>) throws(SmallMessageError) -> ArraySlice<UInt8> {
        guard rest.count >= count else { throw .truncated }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    private static func readVarint(_ rest: inout ArraySlice<UInt8>) throws(SmallMessageError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard let byte = rest.popFirst() else { throw .truncated }
            // The tenth byte has room for one bit.
            guard shift < 63 || byte <= 1 else { throw .malformed }
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
        }
        throw .malformed
    }
}
