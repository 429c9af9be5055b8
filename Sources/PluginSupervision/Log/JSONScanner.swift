/// Reads one JSON object from a line of a log: strings decoded, numbers in the words of their writer, nested values as compact
/// JSON.
///
/// A line that was cut yields the members before the cut, which is where hclog puts level and message.
struct JSONScanner {
    enum Value: Equatable {
        case string(String)
        /// A number, `true`, `false` or `null`, as written.
        case literal(String)
        /// An array or object, compact.
        case nested(String)

        var text: String {
            switch self {
            case .string(let text), .literal(let text), .nested(let text): text
            }
        }
    }

    struct Member: Equatable {
        var key: String
        var value: Value
    }

    private struct Malformed: Error {}

    private static let maximumDepth = 32

    private let bytes: [UInt8]
    private var position = 0

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The members of the object that `bytes` is, in their order; nil when it is none.
    static func object(_ bytes: [UInt8], cut: Bool) -> [Member]? {
        var scanner = JSONScanner(bytes)
        var members: [Member] = []
        do {
            try scanner.readObject { members.append($0) }
            scanner.skipSpace()
            return scanner.position == bytes.count ? members : nil
        } catch {
            return cut && !members.isEmpty ? members : nil
        }
    }

    private mutating func readObject(_ visit: (Member) -> Void) throws(Malformed) {
        try expect(UInt8(ascii: "{"))
        if accept(UInt8(ascii: "}")) { return }
        repeat {
            let key = try readString()
            try expect(UInt8(ascii: ":"))
            visit(Member(key: key, value: try readValue()))
        } while accept(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"))
    }

    private mutating func readValue() throws(Malformed) -> Value {
        skipSpace()
        guard position < bytes.count else { throw Malformed() }
        switch bytes[position] {
        case UInt8(ascii: "\""):
            return .string(try readString())
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            var compact: [UInt8] = []
            try copyNested(into: &compact, depth: 0)
            return .nested(String(decoding: compact, as: UTF8.self))
        default:
            return .literal(try readLiteral())
        }
    }

    private mutating func readLiteral() throws(Malformed) -> String {
        let start = position
        while position < bytes.count, Self.isLiteral(bytes[position]) { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        let isNumber = text.utf8.first.map { (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") } ?? false
        guard isNumber || text == "true" || text == "false" || text == "null" else { throw Malformed() }
        return text
    }

    private static func isLiteral(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "E") || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".")
    }

    /// Copies an array or object without the space between its tokens, checking no more than that brackets and strings are
    /// closed.
    private mutating func copyNested(into output: inout [UInt8], depth: Int) throws(Malformed) {
        guard depth < Self.maximumDepth else { throw Malformed() }
        let close = bytes[position] == UInt8(ascii: "{") ? UInt8(ascii: "}") : UInt8(ascii: "]")
        output.append(bytes[position])
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case close:
                output.append(byte)
                position += 1
                return
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                try copyNested(into: &output, depth: depth + 1)
            case UInt8(ascii: "\""):
                let start = position
                try skipString()
                output += bytes[start..<position]
            case 0x20, 0x09, 0x0A, 0x0D:
                position += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                output.append(byte)
                position += 1
            default:
                output += Array(try readLiteral().utf8)
            }
        }
        throw Malformed()
    }

    private mutating func skipString() throws(Malformed) {
        position += 1
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position += 1
                return
            case UInt8(ascii: "\\"): position += 2
            default: position += 1
            }
        }
        throw Malformed()
    }

    private mutating func readString() throws(Malformed) -> String {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { throw Malformed() }
        let start = position
        try skipString()
        // A backslash at the very end steps over it.
        guard position <= bytes.count else { throw Malformed() }
        let inner = bytes[(start + 1)..<(position - 1)]
        guard inner.contains(UInt8(ascii: "\\")) else { return String(decoding: inner, as: UTF8.self) }
        guard let decoded = JSONEscapes.decoded(inner) else { throw Malformed() }
        return String(decoding: decoded, as: UTF8.self)
    }

    private mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    }

    private mutating func accept(_ byte: UInt8) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws(Malformed) {
        guard accept(byte) else { throw Malformed() }
    }
}

/// The backslash escapes of JSON strings.
enum JSONEscapes {
    /// UTF-8 of the string whose inside is `inner`; nil when an escape is malformed. Half a surrogate pair becomes U+FFFD.
    static func decoded(_ inner: ArraySlice<UInt8>) -> [UInt8]? {
        var output: [UInt8] = []
        output.reserveCapacity(inner.count)
        var rest = inner
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                output.append(byte)
                continue
            }
            guard let escape = rest.popFirst() else { return nil }
            switch escape {
            case UInt8(ascii: "n"): output.append(0x0A)
            case UInt8(ascii: "t"): output.append(0x09)
            case UInt8(ascii: "r"): output.append(0x0D)
            case UInt8(ascii: "b"): output.append(0x08)
            case UInt8(ascii: "f"): output.append(0x0C)
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): output.append(escape)
            case UInt8(ascii: "u"):
                guard let unit = hexadecimal(&rest) else { return nil }
                output += Array(String(scalar(unit, &rest)).utf8)
            default: return nil
            }
        }
        return output
    }

    private static func scalar(_ unit: UInt32, _ rest: inout ArraySlice<UInt8>) -> Unicode.Scalar {
        let replacement: Unicode.Scalar = "\u{FFFD}"
        guard (0xD800..<0xDC00).contains(unit) else { return Unicode.Scalar(unit) ?? replacement }
        var ahead = rest
        guard ahead.popFirst() == UInt8(ascii: "\\"), ahead.popFirst() == UInt8(ascii: "u"), let low = hexadecimal(&ahead),
            (0xDC00..<0xE000).contains(low)
        else { return replacement }
        rest = ahead
        return Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)) ?? replacement
    }

    private static func hexadecimal(_ rest: inout ArraySlice<UInt8>) -> UInt32? {
        guard rest.count >= 4, let value = UInt32(String(decoding: rest.prefix(4), as: UTF8.self), radix: 16),
            rest.first != UInt8(ascii: "+"), rest.first != UInt8(ascii: "-")
        else { return nil }
        rest = rest.dropFirst(4)
        return value
    }
}
