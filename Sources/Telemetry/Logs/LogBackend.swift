package import Logging
internal import Metrics

/// Makes the journal the end of every logger and metric in the process.
package enum LogBackend {
    /// To be called once, before the first logger is made.
    ///
    /// - Parameters:
    ///   - level: the least severe level that is logged, which may change while the process runs.
    ///   - metrics: where metrics of libraries are counted, for the snapshots; nil leaves them uncounted.
    package static func bootstrap(journal: Journal, level: AdjustableLogLevel, metrics: MetricsRegistry? = nil) {
        LoggingSystem.bootstrap(
            { label, provider in JournalLogHandler(label: label, journal: journal, level: level, metadataProvider: provider) },
            metadataProvider: nil)
        if let metrics { MetricsSystem.bootstrap(metrics) }
    }
}
