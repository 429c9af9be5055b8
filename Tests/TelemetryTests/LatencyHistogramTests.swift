internal import Testing

@testable internal import Telemetry

@Suite struct LatencyHistogramTests {
    @Test func nothingCountedIsZero() {
        let histogram = LatencyHistogram()
        #expect(histogram.quantile(0.5) == 0)
        #expect(histogram.cumulative(power: 20) == 0)
        #expect(histogram.occupied.isEmpty)
    }

    @Test(arguments: [0, 1, 2, 15, 16, 17, 31, 32, 33, 1000, 1023, 1024, 1025, 999_999, 1 << 20, (1 << 36) - 1] as [UInt64])
    func aSingleDurationIsItsOwnQuantile(value: UInt64) {
        var histogram = LatencyHistogram()
        histogram.record(microseconds: value)
        for share in [0, 0.5, 1] { #expect(histogram.quantile(share) == value) }
    }

    @Test func everyValueFallsIntoABucketAtMostASixteenthWide() throws {
        var value: UInt64 = 1
        while value < 1 << 36 {
            var histogram = LatencyHistogram()
            histogram.record(microseconds: value)
            let bound = try #require(histogram.occupied.first?.bound)
            #expect(bound >= value)
            #expect(Double(bound - value) <= Double(value) / 16)
            value += max(1, value / 37)
        }
    }

    @Test func boundsGrowAndAreContiguous() {
        var histogram = LatencyHistogram()
        for value in 1...5000 { histogram.record(microseconds: UInt64(value)) }
        var before: UInt64 = 0
        for (bound, count) in histogram.occupied where bound <= 5000 {
            #expect(count == bound - before)
            before = bound
        }
    }

    @Test func quantilesOfAnEvenSpreadAreNearTheTruth() {
        var histogram = LatencyHistogram()
        for value in 1...10_000 { histogram.record(microseconds: UInt64(value)) }
        for share in [0.1, 0.5, 0.9, 0.99] {
            let exact = share * 10_000
            let measured = Double(histogram.quantile(share))
            #expect(measured >= exact && measured <= exact * 1.0626)
        }
        #expect(histogram.quantile(1) == 10_000)
        #expect(histogram.sum == 50_005_000)
        #expect(histogram.longest == 10_000)
    }

    @Test(arguments: 0...20)
    func powersOfTwoAreCountedExactly(power: Int) {
        var histogram = LatencyHistogram()
        let edge: UInt64 = 1 << UInt64(power)
        histogram.record(microseconds: edge)
        histogram.record(microseconds: edge + 1)
        #expect(histogram.cumulative(power: power) == 1)
        #expect(histogram.cumulative(power: power + 1) == 2)
    }

    @Test func strangeDurationsAreBounded() {
        var histogram = LatencyHistogram()
        histogram.record(.seconds(-5))
        histogram.record(.seconds(Int64.max / 2))
        histogram.record(.nanoseconds(1))
        #expect(histogram.count == 3)
        #expect(histogram.quantile(0) == 0 || histogram.quantile(0) == 1)
        #expect(histogram.longest <= 1 << 36)
    }
}
