internal import Synchronization

/// Writes what was counted to the journal: every interval one entry for each method of each plugin that had calls since, one for the
/// gateway itself; and the final totals of a plugin that is removed, and of everything at the end.
package final class SnapshotReporter: Sendable {
    /// Stands for one ``add(_:)``, to take it back.
    package struct Registration: Sendable, Hashable {
        fileprivate var number: UInt64
    }

    private struct Watched {
        var registration: Registration
        var statistics: PluginStatistics
        /// By index of the method: how many of its calls are reported.
        var reported: [UInt64] = []
    }

    private struct State {
        /// In the order of `add`.
        var watched: [Watched] = []
        var registrations: UInt64 = 0
        var sequence: UInt64 = 0
        var interval: Duration
    }

    private let journal: Journal
    private let metrics: MetricsRegistry?
    private let gauges: @Sendable () -> [Gauge]
    private let loopLag: @Sendable () -> Duration
    /// When the gateway's own counters began, in microseconds since 1970.
    private let since = WallClock.microseconds()
    private let state: Mutex<State>

    /// - Parameters:
    ///   - interval: time between two snapshots, at least 100 ms.
    ///   - metrics: the registry whose metrics are reported too.
    ///   - gauges: read for each snapshot of the gateway; at most 32 are reported.
    ///   - loopLag: by how much an event loop was late at the most since it was asked before.
    package init(
        journal: Journal, interval: Duration = .seconds(10), metrics: MetricsRegistry? = nil,
        gauges: @escaping @Sendable () -> [Gauge] = { [] }, loopLag: @escaping @Sendable () -> Duration = { .zero }
    ) {
        self.journal = journal
        self.metrics = metrics
        self.gauges = gauges
        self.loopLag = loopLag
        state = Mutex(State(interval: max(interval, .milliseconds(100))))
    }

    /// Time between two snapshots. A change counts from the next one on.
    package var interval: Duration {
        get { state.withLock { $0.interval } }
        set { state.withLock { $0.interval = max(newValue, .milliseconds(100)) } }
    }

    /// Reports these statistics from now on.
    @discardableResult
    package func add(_ statistics: PluginStatistics) -> Registration {
        state.withLock { state in
            state.registrations += 1
            let registration = Registration(number: state.registrations)
            state.watched.append(Watched(registration: registration, statistics: statistics))
            return registration
        }
    }

    /// Reports the final totals of a plugin and forgets it.
    package func remove(_ registration: Registration) {
        state.withLock { state in
            guard let index = state.watched.firstIndex(where: { $0.registration == registration }) else { return }
            report(index, final: true, &state)
            state.watched.remove(at: index)
        }
    }

    /// Reports at every interval until the task is cancelled. What happens while the service drains is in ``finish()``.
    ///
    /// - Parameter takeStock: has what is so at the moment noted in the statistics before each report.
    package func run(takeStock: @Sendable () async -> Void = {}) async {
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: interval)
            } catch {
                return
            }
            await takeStock()
            report()
        }
    }

    /// Writes the final totals of everything. To be called once, after the last call has ended.
    package func finish() {
        report(final: true)
    }

    /// Writes one snapshot now. The final one has every method, whether it had calls since or not.
    package func report(final: Bool = false) {
        let vitals = ProcessVitals.ofThisProcess()
        let gauges = gauges()
        let loopLag = loopLag()
        let samples = metrics?.samples() ?? []
        state.withLock { state in
            for index in state.watched.indices { report(index, final: final, &state) }
            for start in stride(from: 0, to: samples.count, by: SnapshotEntry.metricsPerEntry) {
                state.sequence += 1
                let part = samples[start..<min(start + SnapshotEntry.metricsPerEntry, samples.count)]
                journal.send(SnapshotEntry.metrics(part, sequence: state.sequence, since: since, final: final))
            }
            state.sequence += 1
            let openCalls = state.watched.reduce(0) { $0 + $1.statistics.openCalls }
            journal.send(
                SnapshotEntry.gateway(
                    vitals, plugins: state.watched.count, openCalls: openCalls, loopLag: loopLag, journal: journal.counters,
                    gauges: gauges, sequence: state.sequence, since: since, final: final))
        }
    }

    private func report(_ index: Int, final: Bool, _ state: inout State) {
        let snapshot = state.watched[index].statistics.snapshot()
        for (position, method) in snapshot.methods.enumerated() {
            if position >= state.watched[index].reported.count { state.watched[index].reported.append(0) }
            guard final || method.calls > state.watched[index].reported[position] else { continue }
            state.watched[index].reported[position] = method.calls
            state.sequence += 1
            journal.send(
                SnapshotEntry.plugin(snapshot, method, sequence: state.sequence, dropped: journal.droppedEntries, final: final))
        }
    }
}
