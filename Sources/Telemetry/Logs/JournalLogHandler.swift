package import Logging

/// swift-log's way into the journal: the level becomes PRIORITY, each metadata key a field with our prefix.
///
/// A metadata key `event` (or ``LogKey/event``) that names an ``EventKind`` also gives the entry its MESSAGE_ID.
package struct JournalLogHandler: LogHandler {
    private static let eventKeys: Set<String> = ["event", LogKey.event.rawValue]

    private let journal: Journal
    private let label: String
    private let level: AdjustableLogLevel
    private var ownLevel: Logger.Level?
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?

    package init(
        label: String, journal: Journal, level: AdjustableLogLevel, metadataProvider: Logger.MetadataProvider? = nil
    ) {
        self.label = label
        self.journal = journal
        self.level = level
        self.metadataProvider = metadataProvider
    }

    /// The process's, unless this logger was given one of its own.
    package var logLevel: Logger.Level {
        get { ownLevel ?? level.current }
        set { ownLevel = newValue }
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let own = event.metadata { all.merge(own) { $1 } }

        let kindName = Self.eventKeys.lazy.compactMap { all[$0] }.first?.description
        let kind = kindName.flatMap(EventKind.init(rawValue:))
        let plain = event.message.description
        let message = kind?.description.message(plain) { key in all[key.rawValue].map { Redaction.text($0, key: key.rawValue) } }
        var entry = JournalEntry(JournalPriority(event.level), message ?? plain, event: kind, plainMessage: plain)
        entry.append(.logger, label)
        entry.append("CODE_FILE", event.file)
        entry.append("CODE_LINE", String(event.line))
        entry.append("CODE_FUNC", event.function)
        if let error = event.error { entry.append(.error, String(describing: error)) }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) where kind == nil || !Self.eventKeys.contains(key) {
            entry.append(FieldName.forKey(key), Redaction.text(value, key: key))
        }
        journal.send(entry)
    }
}

extension JournalPriority {
    init(_ level: Logger.Level) {
        switch level {
        case .trace, .debug: self = .debug
        case .info: self = .info
        case .notice: self = .notice
        case .warning: self = .warning
        case .error: self = .error
        case .critical: self = .critical
        }
    }
}
