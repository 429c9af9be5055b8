/// A log line in the JSON form of hashicorp/go-hclog, which a go-plugin host reads from its plugin's standard error.
///
/// A host process *panics* on a line whose `@message`, `@level` or `@timestamp` is not a string, and degrades a line to debug when its
/// timestamp has other than six fractional digits. So every value here is a string, and a peer's line is never passed on as it came.
package struct HclogLine: Sendable, Equatable {
    package enum Level: String, Sendable, CaseIterable {
        case trace, debug, info, warn, error
    }

    /// Hosts split lines of more than 64 KiB; this leaves room for a host's own prefix.
    package static let defaultMaximumBytes = 60 * 1024

    /// Bounds below this leave no room for the fixed part of a line.
    package static let smallestMaximumBytes = 512

    package var level: Level
    package var message: String
    /// Microseconds since 1970-01-01T00:00:00Z.
    package var timestampMicroseconds: Int64
    package var module: String?
    package var fields: [(String, String)]

    package init(
        level: Level, message: String, timestampMicroseconds: Int64, module: String? = nil, fields: [(String, String)] = []
    ) {
        self.level = level
        self.message = message
        self.timestampMicroseconds = timestampMicroseconds
        self.module = module
        self.fields = fields
    }

    package static func == (left: HclogLine, right: HclogLine) -> Bool {
        left.level == right.level && left.message == right.message && left.module == right.module
            && left.timestampMicroseconds == right.timestampMicroseconds
            && left.fields.elementsEqual(right.fields, by: ==)
    }

    /// The line with its newline, at most `maxBytes` bytes (but never less than `smallestMaximumBytes`). A message that does not fit is
    /// cut and says so; fields that do not fit are left out and counted in `omitted_fields`.
    package func encoded(maxBytes: Int = defaultMaximumBytes) -> [UInt8] {
        let limit = max(maxBytes, Self.smallestMaximumBytes)
        var line = Array("{\"@level\":\"\(level.rawValue)\",\"@timestamp\":\"\(UTCTimestamp.text(timestampMicroseconds))\"".utf8)
        if let module {
            line += Array(",\"@module\":\"".utf8)
            JSONText.append(module, to: &line, limit: 128)
            line.append(UInt8(ascii: "\""))
        }
        line += Array(",\"@message\":\"".utf8)
        // Room for the closing of the line and for `omitted_fields`.
        let reserve = 48
        JSONText.append(message, to: &line, limit: limit - line.count - reserve)
        line.append(UInt8(ascii: "\""))

        var omitted = 0
        for (name, value) in fields {
            var field = Array(",\"".utf8)
            // The names with "@" are hclog's own, and only strings may stand there.
            let plain = name.utf8.first == UInt8(ascii: "@") ? "_" + String(name.dropFirst()) : name
            JSONText.append(plain, to: &field, limit: 256)
            field += Array("\":\"".utf8)
            JSONText.append(value, to: &field, limit: limit)
            field.append(UInt8(ascii: "\""))
            if line.count + field.count + reserve <= limit {
                line += field
            } else {
                omitted += 1
            }
        }
        if omitted > 0 { line += Array(",\"omitted_fields\":\"\(omitted)\"".utf8) }
        line += [UInt8(ascii: "}"), UInt8(ascii: "\n")]
        return line
    }
}
