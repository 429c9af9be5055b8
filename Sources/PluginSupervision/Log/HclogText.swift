internal import Logging

/// hclog's text lines: `2024-05-06T07:08:09.123Z [WARN]  module: message: key=value`, the time being optional; also those of
/// go-plugin before hclog: `2018/05/06 07:08:09 [ERR] plugin: message`.
enum HclogText {
    private static let tags: [(tag: String, level: Logger.Level)] = [
        ("[TRACE]", .trace), ("[DEBUG]", .debug), ("[INFO]", .info), ("[WARN]", .warning), ("[ERROR]", .error), ("[ERR]", .error),
    ]

    /// Places where fields may begin that are tried, so that a line of nothing but colons costs no more than its length.
    private static let maximumAttempts = 8

    static func parse(_ text: String) -> ParsedLine? {
        var rest = GoLogTime.stripped(text[...])
        var time: Int64?
        if let space = rest.firstIndex(of: " "), let stamp = LogTimestamp.microseconds(rest[..<space]) {
            time = stamp
            rest = rest[rest.index(after: space)...]
        }
        guard let (tag, level) = tags.first(where: { rest.hasPrefix($0.tag) }) else { return nil }
        rest = rest.dropFirst(tag.count).drop { $0 == " " }

        var parsed = ParsedLine(level: level, message: "", timestampMicroseconds: time)
        (rest, parsed.fields) = splitFields(rest)
        if let separator = rest.firstRange(of: ": "), isModule(rest[..<separator.lowerBound]) {
            parsed.module = String(rest[..<separator.lowerBound])
            rest = rest[separator.upperBound...]
        }
        parsed.message = String(rest)
        return parsed
    }

    private static func splitFields(_ text: Substring) -> (Substring, [LogField]) {
        var search = text
        for _ in 0..<maximumAttempts {
            guard let separator = search.firstRange(of: ": ") else { break }
            if let fields = KeyValueText.pairs(text[separator.upperBound...]) { return (text[..<separator.lowerBound], fields) }
            search = search[separator.upperBound...]
        }
        return (text, [])
    }

    private static func isModule(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.count <= 128
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || "._-/".utf8.contains(byte)
            }
    }
}
