/// Text that a plugin chose, made fit for a log.
enum LogText {
    /// Valid UTF-8 without control characters: invalid bytes become U+FFFD, control characters `\xNN`; tabs stay, and line feeds
    /// where `keepingLines`.
    static func sanitised(_ bytes: some Collection<UInt8>, keepingLines: Bool) -> String {
        sanitised(String(decoding: bytes, as: UTF8.self), keepingLines: keepingLines)
    }

    static func sanitised(_ text: String, keepingLines: Bool) -> String {
        let isClean = text.utf8.allSatisfy { byte in
            // 0xC2 opens the encoding of the C1 controls; such text takes the slow way.
            byte >= 0x20 && byte != 0x7F && byte != 0xC2 || byte == 0x09 || byte == 0x0A && keepingLines
        }
        guard !isClean else { return text }
        var clean = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x09: clean.append(scalar)
            case 0x0A where keepingLines: clean.append(scalar)
            case 0..<0x20, 0x7F..<0xA0:
                let digits = String(scalar.value, radix: 16)
                clean.append(contentsOf: (digits.count == 1 ? "\\x0\(digits)" : "\\x\(digits)").unicodeScalars)
            default: clean.append(scalar)
            }
        }
        return String(clean)
    }

    /// What is appended to a line that was cut.
    static func cutMark(_ bytes: Int) -> String { " …[\(bytes) bytes cut]" }
}
