internal import Glibc

/// An entry as one readable line, for standard error:
/// `2026-05-20T12:34:56.789Z warning: plugin ended plugin=legacy-datasource reason="exit code 2"`.
///
/// Control characters, line separators and direction marks are escaped, so that no value can forge a line or command a terminal.
enum JournalLine {
    static let maximumBytes = 32 * 1024
    /// Fields that say nothing to a reader of the line, or are in it already.
    private static let unsaid: Set<String> = [
        "MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER", "MESSAGE_ID", "CODE_FILE", "CODE_LINE", "CODE_FUNC",
        LogKey.event.rawValue, LogKey.logger.rawValue, LogKey.latencyHistogram.rawValue,
    ]

    /// The line with its line feed.
    static func render(_ entry: JournalEntry) -> [UInt8] {
        var line = "\(time(entry.timestamp)) \(entry.priority.name):"
        var pairs = ""
        for field in entry.fields where pairs.utf8.count < maximumBytes {
            let name = entry.name(field)
            if name == "MESSAGE" {
                line += " "
                escape(entry.plainMessage ?? entry.value(field), into: &line)
            } else if !unsaid.contains(name) {
                let key = name.hasPrefix(FieldName.prefix) ? String(name.dropFirst(FieldName.prefix.count)) : name
                pairs += " \(key.lowercased())="
                quote(entry.value(field), into: &pairs)
            }
        }
        line += pairs
        var bytes = Array(line.utf8.prefix(maximumBytes))
        if bytes.count < line.utf8.count { bytes += Array(" [cut]".utf8) }
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    private static func quote(_ value: String, into line: inout String) {
        let plain = !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "=") }
        if plain {
            escape(value, into: &line)
        } else {
            line += "\""
            escape(value, into: &line, quotes: true)
            line += "\""
        }
    }

    private static func escape(_ text: String, into line: inout String, quotes: Bool = false) {
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0A: line += "\\n"
            case 0x0D: line += "\\r"
            case 0x09: line += "\\t"
            case 0x22 where quotes: line += "\\\""
            case 0x5C: line += "\\\\"
            case 0..<0x20, 0x7F..<0xA0, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF:
                line += "\\u{\(String(scalar.value, radix: 16))}"
            default: line.unicodeScalars.append(scalar)
            }
        }
    }

    private static func time(_ microseconds: Int64) -> String {
        var seconds = time_t(microseconds / 1_000_000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func padded(_ number: some BinaryInteger, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(parts.tm_year + 1900, 4))-\(padded(parts.tm_mon + 1, 2))-\(padded(parts.tm_mday, 2))"
            + "T\(padded(parts.tm_hour, 2)):\(padded(parts.tm_min, 2)):\(padded(parts.tm_sec, 2))"
            + ".\(padded(microseconds % 1_000_000 / 1000, 3))Z"
    }
}
