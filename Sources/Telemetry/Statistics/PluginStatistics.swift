internal import Synchronization

/// Everything that is counted for one attachment of a plugin: per method and version path, cumulative. Any thread may record.
///
/// Methods that are told apart are bounded, since the host names them: further ones count as ``otherMethod``.
package final class PluginStatistics: Sendable {
    package static let maximumSeries = 64
    package static let otherMethod = "(other)"
    private static let maximumNameBytes = 200

    private struct Key: Hashable {
        var method: String
        var versionPath: String
    }

    private struct State {
        var indices: [Key: Int] = [:]
        /// Grows only, so an index stays valid.
        var series: [MethodStatistics] = []
        var openCalls = 0
        var restarts = 0
    }

    package let pluginID: String
    package let attachmentID: String
    /// When counting began, in microseconds since 1970.
    package let since: Int64
    private let state = Mutex(State())

    package init(pluginID: String, attachmentID: String = "") {
        self.pluginID = pluginID
        self.attachmentID = attachmentID
        since = WallClock.microseconds()
    }

    /// Counts one finished call.
    ///
    /// - Returns: the losses that this method of the plugin had never had before, worth an event of the kind
    ///   ``EventKind/lossFirstSeen``.
    @discardableResult
    package func record(_ call: CallRecord) -> [LossKey] {
        state.withLock { state in
            let index = Self.index(call.method, call.versionPath, &state)
            state.series[index].add(call)
            return state.series[index].add(
                points: call.points, frames: call.frames, time: .zero, losses: call.losses)
        }
    }

    /// Adds what a translation found, where that is known before the call as such ends and is recorded.
    ///
    /// - Returns: as ``record(_:)``.
    @discardableResult
    package func recordTranslation(
        method: String, versionPath: String, points: Int, frames: Int, time: Duration = .zero,
        losses: [(path: String, cause: String, count: Int)]
    ) -> [LossKey] {
        state.withLock { state in
            state.series[Self.index(method, versionPath, &state)].add(
                points: points, frames: frames, time: time, losses: losses)
        }
    }

    /// Takes down what is so at the moment, for the snapshots: how many calls are in progress, and how often the plugin was restarted.
    package func note(openCalls: Int, restarts: Int) {
        state.withLock { state in
            state.openCalls = openCalls
            state.restarts = restarts
        }
    }

    private static func index(_ method: String, _ versionPath: String, _ state: inout State) -> Int {
        let key = Key(method: method, versionPath: versionPath)
        return state.indices[key] ?? newSeries(key, &state)
    }

    private static func newSeries(_ key: Key, _ state: inout State) -> Int {
        var method = key.method.hasPrefix("/") ? String(key.method.dropFirst()) : key.method
        var path = key.versionPath
        if state.series.count >= maximumSeries - 1 || method.utf8.count > maximumNameBytes || path.utf8.count > maximumNameBytes {
            (method, path) = (otherMethod, "")
        }
        if let index = state.series.firstIndex(where: { $0.method == method && $0.versionPath == path }) {
            // Only known names get an entry of their own; strange ones would let the host fill the dictionary.
            if method != otherMethod { state.indices[key] = index }
            return index
        }
        state.series.append(MethodStatistics(method: method, versionPath: path))
        let index = state.series.count - 1
        if method != otherMethod { state.indices[key] = index }
        return index
    }

    /// As they were ``note(openCalls:restarts:)``d last.
    package var openCalls: Int { state.withLock { $0.openCalls } }

    /// The counters as they are now, in the order in which the methods were first called.
    package func snapshot() -> Snapshot {
        state.withLock { state in
            Snapshot(
                pluginID: pluginID, attachmentID: attachmentID, since: since, methods: state.series, openCalls: state.openCalls,
                restarts: state.restarts)
        }
    }

    package struct Snapshot: Sendable {
        package var pluginID: String
        package var attachmentID: String
        /// When counting began, in microseconds since 1970.
        package var since: Int64
        package var methods: [MethodStatistics]
        /// As they were ``note(openCalls:restarts:)``d last.
        package var openCalls = 0
        package var restarts = 0
    }

    /// The counters in the Prometheus text format, for `CollectMetrics`.
    package func prometheusText(gauges: [Gauge] = []) -> [UInt8] {
        PrometheusText.render(snapshot(), gauges: gauges)
    }
}
