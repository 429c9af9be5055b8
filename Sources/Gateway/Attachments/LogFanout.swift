internal import ControlProtocol
package import Logging
internal import PluginSupervision
internal import Synchronization
internal import Telemetry

/// Where one plugin's log records go: into our log, and back to the host through its locator, as without a gateway.
final class LogFanout: Sendable {
    private let logger: Logger
    private let toHost: Atomic<Bool>
    private let link = Mutex<LocatorLink?>(nil)

    init(logger: Logger, toHost: Bool) {
        self.logger = logger
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
        var metadata = Logger.Metadata.fields([.plugin: record.pluginID, .pluginPID: "\(record.pid)"], event: .pluginLog)
        metadata["source"] = "\(record.source.rawValue)"
        if let module = record.module { metadata["module"] = "\(module)" }
        for (key, value) in record.fields.prefix(24) { metadata["field_\(key)"] = "\(value)" }
        logger.log(level: record.level, "\(record.message)", metadata: metadata)
        guard toHost.load(ordering: .relaxed), let link = link.withLock({ $0 }) else { return }
        link.sendLog(
            LogRecord(
                level: Self.level(record.level), message: record.message, timestampMicroseconds: record.timestampMicroseconds,
                module: record.module ?? "", fields: record.fields.map { ($0.key, $0.value) }))
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
