internal import Glibc
internal import Logging
internal import Telemetry

/// The process's log: the journal when there is one, else standard error.
struct GatewayLog {
    let journal: Journal
    let logger: Logger
    let metrics: MetricsRegistry
    let level: AdjustableLogLevel

    static func start(level: String) throws(GatewayError) -> GatewayLog {
        let journal = Journal()
        let metrics = MetricsRegistry()
        let level = AdjustableLogLevel(Logger.Level(rawValue: level) ?? .info)
        LogBackend.bootstrap(journal: journal, level: level, metrics: metrics)
        return GatewayLog(journal: journal, logger: Logger(label: "plugin-gateway"), metrics: metrics, level: level)
    }

    func reporter(interval: Duration, lag: LoopLag) -> SnapshotReporter {
        SnapshotReporter(journal: journal, interval: interval, metrics: metrics, loopLag: { lag.takeLongest() })
    }

    func flush() async {
        _ = await journal.close(cap: .seconds(2))
    }
}
