/// Withholds secrets in a text that somebody else wrote, such as the last words of a plugin.
///
/// It knows the values that were handed over as secrets, and finds what looks like one: the value after a telling name (`password=…`,
/// `"token": "…"`), what follows `Bearer` and `Basic`, a user's part of a URL, a JSON web token. A net, and no proof: texts of plugins go
/// nowhere that their own log does not go.
package struct SecretText: Sendable {
    /// A shorter value would withhold words of everyday language.
    private static let shortestKnown = 6
    private static let maximumKnown = 256

    /// Longest first, so that one that contains another is withheld as a whole.
    private let known: [[UInt8]]

    /// - Parameter environment: of the process that writes; the values under telling names are withheld wherever they stand.
    package init(environment: [(String, String)] = []) {
        let values = environment.lazy.filter { Redaction.isSecret($0.0) && $0.1.utf8.count >= Self.shortestKnown }.map {
            Array($0.1.utf8)
        }
        known = Array(Array(values).sorted { $0.count > $1.count }.prefix(Self.maximumKnown))
    }

    /// The text without what is secret.
    package func withheld(_ text: String) -> String {
        var bytes = Array(text.utf8)
        for value in known { bytes = Self.replacing(value, in: bytes) }
        var scanner = SecretScanner(bytes)
        return String(decoding: scanner.withheld(), as: UTF8.self)
    }

    private static func replacing(_ value: [UInt8], in bytes: [UInt8]) -> [UInt8] {
        guard let first = value.first, bytes.count >= value.count else { return bytes }
        var result: [UInt8] = []
        var place = 0
        while place < bytes.count {
            if bytes[place] == first, bytes[place...].starts(with: value) {
                result += Redaction.replacement.utf8
                place += value.count
            } else {
                result.append(bytes[place])
                place += 1
            }
        }
        return result
    }
}

/// Goes once through a text, word by word.
private struct SecretScanner {
    private let bytes: [UInt8]
    private var place = 0
    private var result: [UInt8] = []

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        result.reserveCapacity(bytes.count)
    }

    mutating func withheld() -> [UInt8] {
        while place < bytes.count {
            guard Self.isOfName(bytes[place]) else {
                copyUserInformation()
                continue
            }
            let start = place
            while place < bytes.count, Self.isOfName(bytes[place]) { place += 1 }
            let word = bytes[start..<place]
            if Self.isWebToken(word) {
                result += Redaction.replacement.utf8
                continue
            }
            result += word
            if Self.isScheme(word) {
                withholdAfterSpace()
            } else if Redaction.isSecret(String(decoding: word, as: UTF8.self)) {
                withholdValue()
            }
        }
        return result
    }

    /// After a telling name: `=value`, `: value`, `":"value"`. Nothing happens when no value follows.
    private mutating func withholdValue() {
        var end = place
        skip(&end) { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "'") || $0 == UInt8(ascii: "]") }
        skip(&end, Self.isSpace)
        guard end < bytes.count, bytes[end] == UInt8(ascii: "=") || bytes[end] == UInt8(ascii: ":") else { return }
        end += 1
        // `:=` and `=>`
        skip(&end) { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ">") }
        skip(&end, Self.isSpace)
        skip(&end) { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "\\") }
        guard end < bytes.count else { return }
        result += bytes[place..<end]
        place = end
        withholdWord()
    }

    /// After the name of a scheme of HTTP authentication.
    private mutating func withholdAfterSpace() {
        var end = place
        skip(&end, Self.isSpace)
        guard end > place, end < bytes.count, Self.isOfToken(bytes[end]) else { return }
        result += bytes[place..<end]
        place = end
        withholdWord()
    }

    private mutating func withholdWord() {
        let quote = bytes[place]
        if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
            var end = place + 1
            while end < bytes.count, bytes[end] != quote { end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1 }
            result.append(quote)
            result += Redaction.replacement.utf8
            place = min(end, bytes.count)
            return
        }
        let start = place
        while place < bytes.count, !Self.endsValue(bytes[place]) { place += 1 }
        guard place > start else { return }
        result += Redaction.replacement.utf8
        // `Authorization: Bearer …`: the scheme was not the secret.
        if Self.isScheme(bytes[start..<place]) { withholdAfterSpace() }
    }

    /// One byte that is of no name; of `://user:password@host` the part between.
    private mutating func copyUserInformation() {
        result.append(bytes[place])
        place += 1
        guard result.suffix(3).elementsEqual("://".utf8) else { return }
        var end = place
        while end < bytes.count, !Self.isSpace(bytes[end]), !Array("/\"'<>".utf8).contains(bytes[end]) {
            if bytes[end] == UInt8(ascii: "@") {
                result += Redaction.replacement.utf8
                place = end
                return
            }
            end += 1
        }
    }

    private func skip(_ end: inout Int, _ isSkipped: (UInt8) -> Bool) {
        while end < bytes.count, isSkipped(bytes[end]) { end += 1 }
    }

    // MARK: Bytes

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."): true
        default: byte >= 0x80
        }
    }

    private static func isOfToken(_ byte: UInt8) -> Bool {
        isOfName(byte) || "+/=~\"'".utf8.contains(byte)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private static func endsValue(_ byte: UInt8) -> Bool {
        byte <= 0x20 || ",;&)]}\"'<>".utf8.contains(byte)
    }

    private static func isScheme(_ word: ArraySlice<UInt8>) -> Bool {
        ["bearer", "basic", "digest", "negotiate"].contains { scheme in
            scheme.utf8.count == word.count && zip(scheme.utf8, word).allSatisfy { $0 == $1 | 0x20 }
        }
    }

    private static func isWebToken(_ word: ArraySlice<UInt8>) -> Bool {
        word.count >= 20 && word.starts(with: "eyJ".utf8) && word.count { $0 == UInt8(ascii: ".") } == 2
    }
}
