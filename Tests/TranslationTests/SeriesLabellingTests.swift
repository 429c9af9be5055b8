import DataFrames
import Testing

@testable import Translation

@Suite("Labels that tell series apart")
struct SeriesLabellingTests {
    private func series(_ count: Int, tags: (Int) -> Labels) -> [PluginSeries] {
        (0..<count).map { place in
            var series = PluginSeries(from: nil)
            series.name = "n\(place)"
            series.tags = tags(place)
            return series
        }
    }

    /// Few are compared with each other, many are looked up.
    @Test("Few series and many: distinct tags stay, equal ones get the name", arguments: [1, 2, 3, 8, 9, 30])
    func anyNumber(_ count: Int) {
        var ledger = LossLedger()
        let distinct = SeriesLabelling(series(count) { ["host": "\($0)"] }, .auto, &ledger)
        #expect(distinct.isMultiSeries && distinct.labels.allSatisfy { $0.count == 1 })
        guard count > 1 else { return }
        let equal = SeriesLabelling(series(count) { ["host": $0 == count - 1 ? "0" : "\($0)"] }, .auto, &ledger)
        #expect(equal.isMultiSeries)
        #expect(equal.labels.map { $0["name"] } == (0..<count).map { $0 == 0 || $0 == count - 1 ? "n\($0)" : nil })
        let never = SeriesLabelling(series(count) { ["host": $0 == count - 1 ? "0" : "\($0)"] }, .never, &ledger)
        #expect(!never.isMultiSeries && never.labels.allSatisfy { $0.count == 1 })
        let always = SeriesLabelling(series(count) { _ in [:] }, .always, &ledger)
        #expect(always.isMultiSeries && always.labels.allSatisfy { $0.count == 1 })
        #expect(ledger.isEmpty)
    }

    @Test("Series that nothing tells apart are not called timeseries-multi", arguments: [2, 9])
    func indistinguishable(_ count: Int) {
        var ledger = LossLedger()
        var all = series(count) { _ in ["host": "a"] }
        for place in all.indices { all[place].name = "same" }
        #expect(!SeriesLabelling(all, .auto, &ledger).isMultiSeries)
        #expect(!SeriesLabelling([], .auto, &ledger).isMultiSeries)
    }
}
