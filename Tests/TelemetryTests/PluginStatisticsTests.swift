internal import Testing

@testable internal import Telemetry

@Suite struct PluginStatisticsTests {
    private func call(
        _ method: String = "/pluginv2.Data/QueryData", _ path: String = "2-1", code: Int = 0,
        losses: [(path: String, cause: String, count: Int)] = []
    ) -> CallRecord {
        CallRecord(
            method: method, versionPath: path, code: code, duration: .milliseconds(3), bytesIn: 100, bytesOut: 2000, points: 300,
            frames: 2,
            losses: losses)
    }

    @Test func callsAreCountedPerMethodAndVersionPath() {
        let statistics = PluginStatistics(pluginID: "p", attachmentID: "a")
        for _ in 0..<3 { statistics.record(call()) }
        statistics.record(call(code: 14))
        statistics.record(call("pluginv2.Data/QueryData", "2-2"))
        statistics.record(call("/pluginv2.Diagnostics/CheckHealth"))
        let methods = statistics.snapshot().methods
        #expect(
            methods.map(\.method) == ["pluginv2.Data/QueryData", "pluginv2.Data/QueryData", "pluginv2.Diagnostics/CheckHealth"])
        #expect(methods.map(\.versionPath) == ["2-1", "2-2", "2-1"])
        #expect(methods.map(\.calls) == [4, 1, 1])
        #expect(methods[0].errors == 1)
        #expect(methods[0].callsByCode[14] == 1)
        #expect(methods[0].bytesIn == 400)
        #expect(methods[0].bytesOut == 8000)
        #expect(methods[0].points == 1200)
        #expect(methods[0].frames == 8)
        #expect(methods[0].latency.quantile(0.5) == 3000)
    }

    @Test func aMethodWithAndWithoutTheSlashIsTheSame() {
        let statistics = PluginStatistics(pluginID: "p")
        statistics.record(call("/a/b"))
        statistics.record(call("a/b"))
        #expect(statistics.snapshot().methods.map(\.calls) == [2])
    }

    @Test func aLossIsNewOnce() {
        let statistics = PluginStatistics(pluginID: "p")
        #expect(statistics.record(call(losses: [("headers", "noPlace", 2)])) == [LossKey(path: "headers", cause: "noPlace")])
        #expect(statistics.record(call(losses: [("headers", "noPlace", 5), ("meta", "noPlace", 1)])).map(\.path) == ["meta"])
        let method = statistics.snapshot().methods[0]
        #expect(method.lossesByCount.map(\.count) == [7, 1])
    }

    @Test func whatATranslationFoundIsAddedToTheCallOfTheSameMethod() {
        let statistics = PluginStatistics(pluginID: "p")
        let found = statistics.recordTranslation(
            method: "pluginv2.Data/QueryData", versionPath: "2-1", points: 30, frames: 3, losses: [("headers", "noPlace", 2)])
        #expect(found == [LossKey(path: "headers", cause: "noPlace")])
        #expect(statistics.record(call(losses: [("headers", "noPlace", 1)])).isEmpty)
        let methods = statistics.snapshot().methods
        #expect(methods.map(\.calls) == [1])
        #expect(methods.map(\.points) == [330])
        #expect(methods.first?.lossesByCount.map(\.count) == [3])
    }

    @Test func strangeCodesCountAsUnknown() {
        let statistics = PluginStatistics(pluginID: "p")
        for code in [-1, 17, Int.max] { statistics.record(call(code: code)) }
        #expect(statistics.snapshot().methods[0].callsByCode[2] == 3)
    }

    @Test func aHostThatInventsMethodsCannotGrowTheTable() {
        let statistics = PluginStatistics(pluginID: "p")
        for number in 0..<10_000 { statistics.record(call("/invented/\(number)")) }
        statistics.record(call("/" + String(repeating: "x", count: 100_000)))
        let methods = statistics.snapshot().methods
        #expect(methods.count == PluginStatistics.maximumSeries)
        #expect(methods.reduce(0) { $0 + $1.calls } == 10_001)
        #expect(methods.last?.method == PluginStatistics.otherMethod)
    }

    @Test func aPluginWithEndlessLossesCannotGrowTheTable() {
        let statistics = PluginStatistics(pluginID: "p")
        var new = 0
        for number in 0..<1000 { new += statistics.record(call(losses: [("path \(number)", "c", 1)])).count }
        let losses = statistics.snapshot().methods[0].losses
        #expect(losses.count == MethodStatistics.maximumLosses + 1)
        #expect(new == MethodStatistics.maximumLosses + 1)
        #expect(losses.values.reduce(0, +) == 1000)
    }

    @Test func recordingFromManyThreadsLosesNothing() async {
        let statistics = PluginStatistics(pluginID: "p")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { for _ in 0..<500 { statistics.record(call()) } } }
        }
        #expect(statistics.snapshot().methods[0].calls == 4000)
    }
}
