/// JSON string literals: reading and writing.
enum JSONString {
    /// The text of a valid literal with its quotes. Lone surrogates become U+FFFD, as in Go.
    static func decode(_ literal: ArraySlice<UInt8>) -> String {
        let inner = literal.dropFirst().dropLast()
        guard inner.contains(UInt8(ascii: "\\")) else { return String(decoding: inner, as: UTF8.self) }
        var text: [UInt8] = []
        text.reserveCapacity(inner.count)
        var position = inner.startIndex
        while position < inner.endIndex {
            let byte = inner[position]
            position += 1
            guard byte == UInt8(ascii: "\\"), position < inner.endIndex else {
                text.append(byte)
                continue
            }
            let kind = inner[position]
            position += 1
            switch kind {
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0c)
            case UInt8(ascii: "n"): text.append(0x0a)
            case UInt8(ascii: "r"): text.append(0x0d)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "u"): text.append(contentsOf: String(scalar(in: inner, at: &position)).utf8)
            default: text.append(kind)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The scalar of `\uXXXX` whose hexadecimal digits start at `position`, together with a low surrogate that follows.
    private static func scalar(in inner: ArraySlice<UInt8>, at position: inout Int) -> Unicode.Scalar {
        let unit = codeUnit(in: inner, at: position)
        position = min(position + 4, inner.endIndex)
        if unit & 0xfc00 == 0xd800, inner.endIndex - position >= 6,
            inner[position] == UInt8(ascii: "\\"), inner[position + 1] == UInt8(ascii: "u")
        {
            let low = codeUnit(in: inner, at: position + 2)
            if low & 0xfc00 == 0xdc00 {
                position += 6
                return Unicode.Scalar(0x10000 + (unit & 0x3ff) << 10 + (low & 0x3ff)) ?? "\u{FFFD}"
            }
        }
        return Unicode.Scalar(unit) ?? "\u{FFFD}"
    }

    private static func codeUnit(in inner: ArraySlice<UInt8>, at position: Int) -> UInt32 {
        inner[position..<min(position + 4, inner.endIndex)].reduce(0) { $0 << 4 | UInt32(hexDigit($1) ?? 0) }
    }

    static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    /// Appends `text` as a literal with its quotes.
    static func encode(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): output.append(contentsOf: [UInt8(ascii: "\\"), byte])
            case 0x0a: output.append(contentsOf: "\\n".utf8)
            case 0x0d: output.append(contentsOf: "\\r".utf8)
            case 0x09: output.append(contentsOf: "\\t".utf8)
            case 0..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                output.append(contentsOf: "\\u00".utf8)
                output.append(digits[Int(byte >> 4)])
                output.append(digits[Int(byte & 15)])
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }

    static func encode(_ text: String) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count + 2)
        encode(text, to: &output)
        return output
    }
}
