internal import Logging

/// What a line of a plugin's log says, in whatever dialect it was written.
struct ParsedLine: Equatable {
    var level: Logger.Level
    var module: String?
    var message: String
    /// Microseconds since 1970, when the line carries a time with a zone.
    var timestampMicroseconds: Int64?
    var fields: [LogField] = []
}

struct LogField: Equatable {
    var key: String
    var value: String

    /// Fields of one record that are kept.
    static let maximumCount = 64
}

extension Logger.Level {
    /// The level names of hclog, logrus, log15 and their like, in any case.
    init?(pluginWord word: some StringProtocol) {
        switch word.lowercased() {
        case "trace", "trce": self = .trace
        case "debug", "dbug", "debg": self = .debug
        case "info", "information": self = .info
        case "notice": self = .notice
        case "warn", "warning": self = .warning
        case "error", "err", "eror": self = .error
        case "fatal", "panic", "crit", "critical", "dpanic", "emerg", "alert": self = .critical
        default: return nil
        }
    }
}
