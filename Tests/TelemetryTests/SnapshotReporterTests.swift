internal import Testing

@testable internal import Telemetry

@Suite(.timeLimit(.minutes(2))) struct SnapshotReporterTests {
    private let pipe = TestPipe()
    private let journal: Journal

    init() { journal = pipe.journal() }

    private func lines() async -> [String] {
        #expect(await journal.flush(cap: .seconds(60)))
        return pipe.lines()
    }

    private func call(_ method: String, losses: [(path: String, cause: String, count: Int)] = []) -> CallRecord {
        CallRecord(method: method, versionPath: "2-1", code: 0, duration: .microseconds(1200), points: 300, losses: losses)
    }

    @Test func aSnapshotReadsLikeASentence() async {
        let statistics = PluginStatistics(pluginID: "legacy-datasource")
        let reporter = SnapshotReporter(journal: journal)
        reporter.add(statistics)
        for _ in 0..<120 { statistics.record(call("/pluginv2.Data/QueryData", losses: [("headers", "noPlace", 1)])) }
        reporter.report()
        let lines = await lines()
        #expect(
            lines.first?.contains(
                "info: legacy-datasource pluginv2.Data/QueryData 2→1: 120 calls, 0 errors, p50 1.2 ms, p99 1.2 ms, 36000 points, losses: headers 120"
            ) == true)
        #expect(lines.last?.contains("info: gateway: ") == true)
    }

    @Test func onlyMethodsWithNewCallsAreReported() async {
        let statistics = PluginStatistics(pluginID: "p")
        let reporter = SnapshotReporter(journal: journal)
        reporter.add(statistics)
        statistics.record(call("a/A"))
        statistics.record(call("b/B"))
        reporter.report()
        #expect(await lines().count == 3)
        statistics.record(call("b/B"))
        reporter.report()
        let second = await lines()
        #expect(second.count == 2)
        #expect(second.first?.contains("p b/B 2→1: 2 calls") == true)
        reporter.report()
        #expect(await lines().count == 1)
    }

    @Test func whatIsSoAtTheMomentIsTakenDownBeforeEachReport() async {
        let statistics = [PluginStatistics(pluginID: "p"), PluginStatistics(pluginID: "q")]
        let reporter = SnapshotReporter(journal: journal, interval: .milliseconds(100), loopLag: { .microseconds(1500) })
        for statistics in statistics {
            reporter.add(statistics)
            statistics.recordTranslation(
                method: "a/A", versionPath: "2-1", points: 1, frames: 1, time: .nanoseconds(1_999_999), losses: [])
            statistics.record(call("a/A"))
        }
        let (reports, reported) = AsyncStream.makeStream(of: Int.self)
        let running = Task {
            await reporter.run {
                for (index, statistics) in statistics.enumerated() { statistics.note(openCalls: 2 + index, restarts: 7) }
                reported.yield(1)
            }
        }
        var iterator = reports.makeAsyncIterator()
        for _ in 0..<2 { _ = await iterator.next() }
        running.cancel()
        await running.value
        let lines = await lines()
        for words in [" calls_open=2", " restarts_total=7", " translation_sum_usec=1999"] {
            #expect(lines.first?.contains(words) == true, "\(lines)")
        }
        #expect(lines.contains { $0.contains("2 plugins, 5 calls open") && $0.contains(" loop_lag_max_usec=1500") }, "\(lines)")
    }

    @Test func theSequenceHasNoGaps() async {
        let statistics = PluginStatistics(pluginID: "p")
        let reporter = SnapshotReporter(journal: journal)
        reporter.add(statistics)
        for _ in 0..<5 {
            statistics.record(call("a/A"))
            reporter.report()
        }
        let numbers = await lines().compactMap { $0.firstMatch(of: /\ssequence=(\d+)/).flatMap { Int($0.1) } }
        #expect(numbers == Array(1...10))
    }

    @Test func theFinalTotalsHaveWhatHappenedAfterTheLastInterval() async {
        let statistics = PluginStatistics(pluginID: "p")
        let reporter = SnapshotReporter(journal: journal, interval: .seconds(3600))
        reporter.add(statistics)
        statistics.record(call("a/A"))
        reporter.report()
        let run = Task { await reporter.run() }
        run.cancel()
        await run.value
        #expect(await lines().count == 2)
        statistics.record(call("a/A"))
        reporter.finish()
        let lines = await lines()
        #expect(lines.count == 2)
        #expect(lines.allSatisfy { $0.contains(" final=1") })
        #expect(lines.first?.contains("p a/A 2→1: 2 calls, 0 errors") == true)
    }

    @Test func aRemovedPluginGetsItsFinalTotalsAndNothingMore() async {
        let statistics = PluginStatistics(pluginID: "p")
        let reporter = SnapshotReporter(journal: journal)
        let registration = reporter.add(statistics)
        statistics.record(call("a/A"))
        reporter.remove(registration)
        reporter.remove(registration)
        statistics.record(call("a/A"))
        reporter.finish()
        let lines = await lines()
        #expect(lines.count == 2)
        #expect(lines.first?.contains(" final=1") == true)
    }

    @Test func twoAttachmentsOfOnePluginAreReportedApart() async {
        let reporter = SnapshotReporter(journal: journal)
        let both = [PluginStatistics(pluginID: "p", attachmentID: "one"), PluginStatistics(pluginID: "p", attachmentID: "two")]
        for statistics in both {
            reporter.add(statistics)
            statistics.record(call("a/A"))
        }
        reporter.report()
        let lines = await lines()
        #expect(lines.contains { $0.contains(" attachment=one ") })
        #expect(lines.contains { $0.contains(" attachment=two ") })
    }

    @Test func theIntervalRunsByItself() async {
        let reporter = SnapshotReporter(journal: journal, interval: .milliseconds(100))
        let run = Task { await reporter.run() }
        var count = 0
        while count < 3 {
            count += await lines().count
            try? await Task.sleep(for: .milliseconds(10))
        }
        run.cancel()
        await run.value
    }

    @Test func theWorstSnapshotKeepsAllItsFields() {
        let statistics = PluginStatistics(pluginID: "p", attachmentID: "a")
        for code in 0..<17 {
            for loss in 0..<200 {
                statistics.record(
                    CallRecord(
                        method: "m", versionPath: "2-1", code: code, duration: .microseconds(1 << loss % 36),
                        losses: [("path\(loss)", "c", 1)]))
            }
        }
        let snapshot = statistics.snapshot()
        let entry = SnapshotEntry.plugin(snapshot, snapshot.methods[0], sequence: 1, dropped: 0, final: true)
        #expect(entry.leftOutFields == 0)
        #expect(entry.fields.count <= 60)
        #expect(entry.fields.allSatisfy { !entry.value($0).contains("[cut") })
    }

    @Test func gaugesAndLibraryMetricsAreReported() async {
        let metrics = MetricsRegistry()
        metrics.makeCounter(label: "pool.opened", dimensions: []).increment(by: 7)
        let reporter = SnapshotReporter(journal: journal, metrics: metrics) { [Gauge("attachments", 3, help: "Attachments.")] }
        reporter.report()
        let lines = await lines()
        #expect(lines.first?.contains(" metric_pool_opened_total=7") == true)
        #expect(lines.last?.contains(" gauge_attachments=3") == true)
    }

    @Test func vitalsOfThisProcessAreReal() {
        let vitals = ProcessVitals.ofThisProcess()
        #expect(vitals.residentBytes > 1 << 20)
        #expect(vitals.processorMicroseconds > 0)
        #expect(vitals.descriptors >= 3)
        #expect(ProcessVitals.residentBytes(of: Int32.max) == nil)
    }
}
