package import Logging

extension Logger {
    /// Logs an event of a kind that the catalog explains.
    ///
    /// - Parameters:
    ///   - message: constant text; what varies goes into `fields`. In the journal the plugin's id stands before it and the fields of
    ///     the kind's headline behind it.
    ///   - fields: those that the kind's ``EventDescription`` lists; never a secret (headers, settings, environment). Empty values
    ///     are left out.
    package func event(
        _ kind: EventKind, at level: Logger.Level = .notice, _ message: @autoclosure () -> Logger.Message,
        _ fields: @autoclosure () -> KeyValuePairs<LogKey, String> = [:],
        file: String = #fileID, function: String = #function, line: UInt = #line
    ) {
        log(level: level, message(), metadata: .fields(fields(), event: kind), file: file, function: function, line: line)
    }
}

extension Logger.Metadata {
    /// Metadata under the names of journal fields.
    package static func fields(_ fields: KeyValuePairs<LogKey, String>, event: EventKind? = nil) -> Logger.Metadata {
        var metadata: Logger.Metadata = [:]
        for (key, value) in fields where !value.isEmpty { metadata[key.rawValue] = .string(value) }
        if let event { metadata[LogKey.event.rawValue] = .string(event.rawValue) }
        return metadata
    }
}
