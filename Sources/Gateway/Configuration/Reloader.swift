internal import Logging
internal import Telemetry

/// Reads the configuration anew while the gateway runs: on SIGHUP, and for `plugin-gateway reload`.
///
/// The whole of it is checked first; one with an error changes nothing.
package actor Reloader {
    private let file: String?
    /// Of the process: a service's environment does not change while it runs.
    private let environment: [String: String]
    private let registry: AttachmentRegistry
    private let level: AdjustableLogLevel
    private let logger: Logger
    private let readyStatus: String
    private var current: Configuration

    init(
        file: String?, environment: [String: String], current: Configuration, registry: AttachmentRegistry,
        level: AdjustableLogLevel, logger: Logger, readyStatus: String
    ) {
        self.file = file
        self.environment = environment
        self.current = current
        self.registry = registry
        self.level = level
        self.logger = logger
        self.readyStatus = readyStatus
    }

    /// One reload. Returns when new calls see the change; plugins that need a restart are still finishing their calls then.
    func reload() async -> ReloadReport {
        Systemd.reloading()
        defer { Systemd.ready(status: readyStatus) }
        let name = file ?? environment["PLUGIN_GATEWAY_CONFIG"] ?? ConfigurationLoader.defaultFile
        do throws(GatewayError) {
            var (new, remarks) = try ConfigurationLoader.load(file: file, environment: environment)
            let changes = ConfigurationChange.between(current, new)
            // What cannot be changed stays as it is, and is named again by the next reload.
            new.keep(current, for: changes)
            current = new
            if let level = Logger.Level(rawValue: new.logs.level) { self.level.set(level) }
            var report = await registry.apply(new, changes)
            report.changes = changes.map { "\(DisplayText.plain($0.path)): \($0.effect.words)" }
            report.remarks = remarks
            logger.event(.configuration, "configuration read anew", [.file: name, .reason: report.summary])
            for remark in remarks { logger.event(.configuration, at: .warning, "configuration remark", [.reason: remark]) }
            return report
        } catch {
            logger.event(
                .configuration, at: .error, "configuration rejected; the gateway goes on with the one it has",
                [.file: name, .reason: error.cause.map { "\(error.message) (\($0))" } ?? error.message, .remedy: error.remedy])
            return ReloadReport(rejected: error)
        }
    }
}

extension Configuration {
    /// Takes back the changes that need a restart of the gateway.
    fileprivate mutating func keep(_ old: Configuration, for changes: [ConfigurationChange]) {
        runtimeDirectory = old.runtimeDirectory
        limits.returnPatience = old.limits.returnPatience
        for change in changes where change.effect == .gatewayRestart { written[change.path] = old.written[change.path] }
    }
}
