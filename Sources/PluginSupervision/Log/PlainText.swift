internal import Logging

/// Lines of other loggers and of none: grpc-go (`ERROR: 2024/05/06 07:08:09 …`), glog and gRPC C++ (`E0506 07:08:09.1234 77
/// file.cc:9] …`), logfmt (`level=warn msg="…"`), Go's log package, and plain text, which counts as info.
enum PlainText {
    static func parse(_ text: String) -> ParsedLine {
        logfmt(text) ?? glog(text) ?? worded(text)
    }

    private static func logfmt(_ text: String) -> ParsedLine? {
        guard let fields = KeyValueText.pairs(text[...]),
            let message = fields.first(where: { $0.key == "msg" || $0.key == "message" })
        else { return nil }
        var parsed = ParsedLine(level: .info, message: message.value)
        for field in fields where field.key != message.key {
            switch field.key {
            case "level", "lvl": parsed.level = Logger.Level(pluginWord: field.value) ?? .info
            case "time", "t", "ts": parsed.timestampMicroseconds = LogTimestamp.microseconds(field.value)
            case "logger", "module": parsed.module = field.value
            default: parsed.fields.append(field)
            }
        }
        return parsed
    }

    /// The letter, month and day, a time, a thread, `file:line]`.
    private static func glog(_ text: String) -> ParsedLine? {
        let bytes = Array(text.utf8.prefix(6))
        guard bytes.count == 6, bytes[1..<5].allSatisfy({ (0x30...0x39).contains($0) }), bytes[5] == 0x20,
            let level = glogLevels[bytes[0]], let end = text.utf8.prefix(200).firstIndex(of: UInt8(ascii: "]"))
        else { return nil }
        let words = text[..<end].split(separator: " ")
        guard let place = words.last, words.count >= 3, place.contains(":") else { return nil }
        return ParsedLine(
            level: level, module: nil, message: String(text[text.utf8.index(after: end)...].drop { $0 == " " }),
            fields: [LogField(key: "caller", value: String(place))])
    }

    private static let glogLevels: [UInt8: Logger.Level] = [
        UInt8(ascii: "I"): .info, UInt8(ascii: "W"): .warning, UInt8(ascii: "E"): .error, UInt8(ascii: "F"): .critical,
        UInt8(ascii: "D"): .debug,
    ]

    private static func worded(_ text: String) -> ParsedLine {
        var rest = GoLogTime.stripped(text[...])
        var level = Logger.Level.info
        if let colon = rest.utf8.prefix(12).firstIndex(of: UInt8(ascii: ":")),
            rest[..<colon].utf8.allSatisfy({ (0x41...0x5A).contains($0) }), let named = Logger.Level(pluginWord: rest[..<colon])
        {
            level = named
            rest = GoLogTime.stripped(rest[rest.index(after: colon)...].drop { $0 == " " })
        }
        return ParsedLine(level: level, message: String(rest))
    }
}
