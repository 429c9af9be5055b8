/// One record of a plugin's log on its way to the host.
package struct LogRecord: Sendable {
    package enum Level: String, Sendable, CaseIterable {
        case trace, debug, info, warn, error
    }

    /// A longer message is cut, with a mark, when a record is encoded.
    package static let maximumMessageBytes = 48 * 1024
    /// Fields beyond this number, or this many bytes in all, are left out when a record is encoded.
    package static let maximumFields = 64
    package static let maximumFieldBytes = 16 * 1024

    package var level: Level
    package var message: String
    /// Microseconds since 1970-01-01T00:00:00Z.
    package var timestampMicroseconds: Int64
    package var module: String
    package var fields: [(String, String)]

    package init(
        level: Level, message: String, timestampMicroseconds: Int64, module: String = "", fields: [(String, String)] = []
    ) {
        self.level = level
        self.message = message
        self.timestampMicroseconds = timestampMicroseconds
        self.module = module
        self.fields = fields
    }

    /// The record within its bounds: what a plugin prints must never make a record that cannot be sent.
    package var bounded: LogRecord {
        var record = self
        record.message = Self.cut(message, to: Self.maximumMessageBytes)
        record.module = Self.cut(module, to: 256)
        record.fields = []
        var room = Self.maximumFieldBytes
        for (name, value) in fields where record.fields.count < Self.maximumFields {
            let size = name.utf8.count + value.utf8.count
            guard size <= room else { continue }
            room -= size
            record.fields.append((Self.withoutNUL(name), Self.withoutNUL(value)))
        }
        return record
    }

    private static func cut(_ text: String, to limit: Int) -> String {
        guard text.utf8.count > limit else { return withoutNUL(text) }
        let mark = "… (cut)"
        var end = text.utf8.index(text.startIndex, offsetBy: limit - mark.utf8.count)
        // Back to the beginning of a character's encoding.
        while end > text.startIndex, text.utf8[end] & 0xC0 == 0x80 { end = text.utf8.index(before: end) }
        return withoutNUL(String(text[..<end])) + mark
    }

    private static func withoutNUL(_ text: String) -> String {
        guard text.utf8.contains(0) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : $0 }))
    }
}
