internal import ControlProtocol
package import Logging
internal import PluginSupervision
internal import Synchronization
internal import Telemetry

/// Where one plugin's log records go: into our log with secrets masked, and back to the host through its locator as they came, which
/// is what the host would have read without a gateway.
final class LogFanout: Sendable {
    /// Named values of one record that become fields.
    private static let maximumFields = 24

    private let logger: Logger
    private let attachmentID: String
    private let secrets: SecretValues
    private let toHost: Atomic<Bool>
    private let link = Mutex<LocatorLink?>(nil)

    init(logger: Logger, attachmentID: String, secrets: SecretValues, toHost: Bool) {
        self.logger = logger
        self.attachmentID = attachmentID
        self.secrets = secrets
        self.toHost = Atomic(toHost)
    }

    func forward(toHost: Bool) {
        self.toHost.store(toHost, ordering: .relaxed)
    }

    /// The locator that forwards lines now; nil while there is none.
    func attach(_ link: LocatorLink?) {
        self.link.withLock { $0 = link }
    }

    func receive(_ record: PluginLogRecord) {
        if logger.logLevel <= record.level {
            logger.log(level: record.level, "\(secrets.masked(record.message))", metadata: metadata(record))
        }
        guard toHost.load(ordering: .relaxed), let link = link.withLock({ $0 }) else { return }
        link.sendLog(
            LogRecord(
                level: Self.level(record.level), message: record.message, timestampMicroseconds: record.timestampMicroseconds,
                module: record.module ?? "", fields: record.fields.map { ($0.key, $0.value) }))
    }

    private func metadata(_ record: PluginLogRecord) -> Logger.Metadata {
        let notKept = record.fields.count - Self.maximumFields
        var metadata = Logger.Metadata.fields(
            [
                .plugin: record.pluginID, .attachment: attachmentID, .pluginPID: "\(record.pid)", .source: record.source.rawValue,
                .module: record.module ?? "", .pluginTime: "\(record.timestampMicroseconds)",
                .fieldsNotKept: notKept > 0 ? "\(notKept)" : "",
            ], event: .pluginLog)
        for (key, value) in record.fields.prefix(Self.maximumFields) { metadata["field_\(key)"] = "\(secrets.masked(value))" }
        return metadata
    }

    private static func level(_ level: Logger.Level) -> LogRecord.Level {
        switch level {
        case .trace: .trace
        case .debug: .debug
        case .info, .notice: .info
        case .warning: .warn
        case .error, .critical: .error
        }
    }
}
