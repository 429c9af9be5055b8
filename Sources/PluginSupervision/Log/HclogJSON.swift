internal import Logging

/// hclog's JSON lines (`@level`, `@message`, `@module`, `@timestamp`, fields), and those of loggers that write `level` and `msg`.
enum HclogJSON {
    /// Nil when the line is no JSON object with a message.
    static func parse(_ line: LineSplitter.Line) -> ParsedLine? {
        guard line.bytes.first == UInt8(ascii: "{"), let members = JSONScanner.object(line.bytes, cut: line.cut > 0) else {
            return nil
        }
        let isHclog = members.contains { $0.key == "@message" || $0.key == "@level" }
        var parsed = ParsedLine(level: .info, message: "")
        var hasMessage = isHclog
        for member in members {
            let text = LogText.sanitised(member.value.text, keepingLines: true)
            switch Meaning(member.key, isHclog: isHclog) {
            case .level:
                parsed.level = Logger.Level(pluginWord: text) ?? parsed.level
            case .message:
                parsed.message = text
                hasMessage = true
            case .module:
                parsed.module = text
            case .time:
                parsed.timestampMicroseconds = LogTimestamp.microseconds(text)
            case .field:
                guard parsed.fields.count < LogField.maximumCount else { continue }
                parsed.fields.append(LogField(key: LogText.sanitised(member.key, keepingLines: false), value: text))
            }
        }
        return hasMessage ? parsed : nil
    }

    private enum Meaning {
        case level, message, module, time, field

        /// hclog's keys carry an `@`; there a plain `level` is an ordinary field.
        init(_ key: String, isHclog: Bool) {
            switch key {
            case "@level": self = .level
            case "@message": self = .message
            case "@module": self = .module
            case "@timestamp": self = .time
            case _ where isHclog: self = .field
            case "level", "lvl": self = .level
            case "msg", "message": self = .message
            case "logger": self = .module
            case "time", "ts", "timestamp": self = .time
            default: self = .field
            }
        }
    }
}
