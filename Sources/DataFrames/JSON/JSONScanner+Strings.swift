extension JSONScanner {
    /// A string with its escapes resolved.
    mutating func string() throws(FrameError) -> String {
        let raw = try rawString()
        if !raw.hasEscapes { return String(decoding: UTF8Repair.text(raw.text), as: UTF8.self) }
        return String(decoding: try Self.unescaped(raw.text), as: UTF8.self)
    }

    /// Appends a string to a column.
    mutating func string(into column: inout TextColumn) throws(FrameError) {
        let raw = try rawString()
        if !raw.hasEscapes { column.append(utf8: raw.text) } else { column.appendBytes(try Self.unescaped(raw.text)) }
    }

    mutating func skipString() throws(FrameError) {
        let start = position
        let raw = try rawString()
        if raw.hasEscapes { try Self.checkEscapes(raw.text, at: start + 1) }
    }

    /// What stands between the quotes.
    private mutating func rawString() throws(FrameError) -> (text: UnsafeRawBufferPointer, hasEscapes: Bool) {
        try expect(UInt8(ascii: "\""), "a string")
        let start = position
        var hasEscapes = false
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                defer { position += 1 }
                return (UnsafeRawBufferPointer(rebasing: bytes[start..<position]), hasEscapes)
            }
            guard byte >= 0x20 else { throw malformed("a control character inside a string must be escaped") }
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                position += 1
            }
            position += 1
        }
        position = bytes.count
        throw malformed("a string does not end", at: start)
    }

    private static func checkEscapes(_ text: UnsafeRawBufferPointer, at base: Int) throws(FrameError) {
        var index = 0
        while index < text.count {
            if text[index] == UInt8(ascii: "\\") {
                _ = try escape(text, at: &index, base: base)
            } else {
                index += 1
            }
        }
    }

    private static func unescaped(_ text: UnsafeRawBufferPointer) throws(FrameError) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var index = 0
        var start = 0
        func flush(to result: inout [UInt8]) {
            result.append(contentsOf: UTF8Repair.text(UnsafeRawBufferPointer(rebasing: text[start..<index])))
        }
        while index < text.count {
            guard text[index] == UInt8(ascii: "\\") else {
                index += 1
                continue
            }
            flush(to: &result)
            let scalar = try escape(text, at: &index, base: 0)
            result.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            start = index
        }
        flush(to: &result)
        return result
    }

    /// Resolves the escape at `index` and moves behind it. A surrogate without its partner becomes U+FFFD, as in Go.
    private static func escape(
        _ text: UnsafeRawBufferPointer, at index: inout Int, base: Int
    ) throws(FrameError) -> Unicode.Scalar {
        let place = base + index
        guard index + 1 < text.count else { throw invalidEscape(place) }
        let letter = text[index + 1]
        index += 2
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            guard let unit = hexUnit(text, at: index) else { throw invalidEscape(place) }
            index += 4
            if let scalar = Unicode.Scalar(unit) { return scalar }
            if unit < 0xDC00, index + 1 < text.count, text[index] == UInt8(ascii: "\\"), text[index + 1] == UInt8(ascii: "u"),
                let low = hexUnit(text, at: index + 2), (0xDC00...0xDFFF).contains(low)
            {
                index += 6
                return Unicode.Scalar(0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00)) ?? "\u{FFFD}"
            }
            return "\u{FFFD}"
        default: throw invalidEscape(place)
        }
    }

    private static func hexUnit(_ text: UnsafeRawBufferPointer, at index: Int) -> UInt16? {
        guard index + 4 <= text.count else { return nil }
        var unit: UInt16 = 0
        for offset in index..<index + 4 {
            let digit = text[offset]
            switch digit {
            case 0x30...0x39: unit = unit << 4 | UInt16(digit - 0x30)
            case 0x41...0x46: unit = unit << 4 | UInt16(digit - 0x41 + 10)
            case 0x61...0x66: unit = unit << 4 | UInt16(digit - 0x61 + 10)
            default: return nil
            }
        }
        return unit
    }

    private static func invalidEscape(_ offset: Int) -> FrameError {
        FrameError(
            .malformedJSON, "The text is not JSON: a string holds an escape that does not exist.",
            remedy: "The sender of the text must write valid JSON.", byteOffset: offset)
    }
}
