extension Redaction {
    /// Text that a plugin wrote, with what looks like a secret masked: values behind telling names (`password=…`, `"token":"…"`,
    /// `Authorization: …`), bearer and basic credentials, the user part of URLs, JSON web tokens, private keys.
    ///
    /// It may mask too much, never the text around it. Linear in the length of the text.
    package static func line(_ text: String) -> String {
        var scan = SecretScan(Array(text.utf8))
        return scan.masked() ?? text
    }
}

/// One pass over a text in search of secrets.
private struct SecretScan {
    private static let longestName = 64
    private static let deepest = 32
    private static let schemes = ["bearer", "basic", "token", "digest", "negotiate", "apikey"]

    private let bytes: [UInt8]
    private var out: [UInt8] = []
    private var position = 0
    private var found = false

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The text with its secrets masked; nil when there are none.
    mutating func masked() -> String? {
        out.reserveCapacity(bytes.count)
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: ":") where starts(with: "://", at: position): url()
            case UInt8(ascii: ":"), UInt8(ascii: "="): assignment()
            case UInt8(ascii: "-") where starts(with: "-----BEGIN ", at: position): key()
            case UInt8(ascii: " ") where position > 0: credentials()
            case UInt8(ascii: "e") where starts(with: "eyJ", at: position): webToken()
            default: copy(1)
            }
        }
        return found ? String(decoding: out, as: UTF8.self) : nil
    }

    // MARK: What is looked for

    /// `scheme://user:password@host`
    private mutating func url() {
        copy(3)
        var end = position
        var at: Int?
        while end < bytes.count, !isSpace(bytes[end]), !"/?#\"'<>".utf8.contains(bytes[end]) {
            if bytes[end] == UInt8(ascii: "@") { at = end }
            end += 1
        }
        if let at { mask(to: at) }
    }

    /// `name=value`, `"name": "value"`, `Name: value` up to the end of the line, `name:[…]`
    private mutating func assignment() {
        let name = nameBefore(position)
        copy(1)
        guard Redaction.namesSecret(name) else { return }
        var quote: [UInt8] = []
        // `: `, `:=`, `=>`
        while position < bytes.count, isBlank(bytes[position]) || "=>".utf8.contains(bytes[position]) { copy(1) }
        if position < bytes.count, bytes[position] == UInt8(ascii: "\\") {
            quote.append(bytes[position])
            copy(1)
        }
        if position < bytes.count, isQuote(bytes[position]) {
            quote.append(bytes[position])
            copy(1)
            return mask(to: endOfQuoted(by: quote))
        }
        guard position < bytes.count else { return }
        if bytes[position] == UInt8(ascii: "{") || bytes[position] == UInt8(ascii: "[") { return mask(to: endOfBracketed()) }
        let lower = name.lowercased()
        let isHeader = lower.contains("authorization") || lower.contains("cookie")
        mask(to: isHeader ? endOfLine() : endOfWord())
    }

    /// `Bearer abc123…` anywhere
    private mutating func credentials() {
        let scheme = nameBefore(position).lowercased()
        copy(1)
        guard scheme == "bearer" || scheme == "basic" else { return }
        var end = position
        var hasDigit = false
        while end < bytes.count, isName(bytes[end]) || "~+/=".utf8.contains(bytes[end]) {
            hasDigit = hasDigit || (0x30...0x39).contains(bytes[end]) || bytes[end] == UInt8(ascii: "=")
            end += 1
        }
        // "basic authentication" is no credential.
        if end - position >= (hasDigit ? 8 : 20) { mask(to: end) }
    }

    /// Three parts of base64, of which the first begins with `{"`.
    private mutating func webToken() {
        guard position == 0 || !isName(bytes[position - 1]) else { return copy(3) }
        var end = position
        while end < bytes.count, isName(bytes[end]) { end += 1 }
        let isToken = end - position >= 20 && bytes[position..<end].count { $0 == UInt8(ascii: ".") } == 2
        if isToken { mask(to: end) } else { copy(end - position) }
    }

    /// A private key in PEM, to its end or the end of the text.
    private mutating func key() {
        var end = position
        let limit = min(bytes.count, position + Self.longestName)
        while end < limit, bytes[end] != 0x0A, bytes[end] != UInt8(ascii: "\\") { end += 1 }
        guard String(decoding: bytes[position..<end], as: UTF8.self).contains("PRIVATE KEY") else { return copy(5) }
        copy(end - position)
        while end < bytes.count, !starts(with: "-----END", at: end) { end += 1 }
        mask(to: end)
    }

    // MARK: Where a value ends

    /// At the quote that opened it; a backslash before another one hides it.
    private func endOfQuoted(by quote: [UInt8]) -> Int {
        var end = position
        while end < bytes.count {
            if bytes[end...].starts(with: quote) { return end }
            end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1
        }
        return bytes.count
    }

    private func endOfBracketed() -> Int {
        var end = position
        var depth = 0
        while end < bytes.count {
            switch bytes[end] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
            end += 1
            if depth == 0 || depth > Self.deepest { break }
        }
        return depth == 0 ? end : bytes.count
    }

    private func endOfWord() -> Int {
        let end = wordEnd(from: position)
        let word = String(decoding: bytes[position..<end], as: UTF8.self).lowercased()
        guard Self.schemes.contains(word), end < bytes.count, bytes[end] == 0x20 else { return end }
        return wordEnd(from: end + 1)
    }

    private func wordEnd(from start: Int) -> Int {
        var end = start
        while end < bytes.count, !isSpace(bytes[end]), !isQuote(bytes[end]), !",;&)}]".utf8.contains(bytes[end]) { end += 1 }
        return end
    }

    private func endOfLine() -> Int {
        var end = position
        while end < bytes.count, bytes[end] != 0x0A, !isQuote(bytes[end]), bytes[end] != UInt8(ascii: "\\") { end += 1 }
        return end
    }

    // MARK: Pieces

    private func nameBefore(_ index: Int) -> String {
        var end = index
        while end > 0, index - end < 4, isBlank(bytes[end - 1]) { end -= 1 }
        let named = end
        while end > 0, isQuote(bytes[end - 1]) || bytes[end - 1] == UInt8(ascii: "\\") || bytes[end - 1] == UInt8(ascii: "]") {
            guard named - end < 3 else { break }
            end -= 1
        }
        var start = end
        while start > 0, end - start < Self.longestName, isName(bytes[start - 1]) { start -= 1 }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    private func starts(with text: String, at index: Int) -> Bool { bytes[index...].starts(with: text.utf8) }

    private mutating func copy(_ count: Int) {
        let end = min(bytes.count, position + count)
        out.append(contentsOf: bytes[position..<end])
        position = end
    }

    private mutating func mask(to end: Int) {
        let end = min(end, bytes.count)
        guard end > position else { return }
        out.append(contentsOf: Redaction.replacement.utf8)
        position = end
        found = true
    }

    private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
    private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    private func isQuote(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") || byte == UInt8(ascii: "`")
    }

    private func isName(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || "_.-".utf8.contains(byte)
    }
}
