internal import Metrics
internal import Synchronization

/// A cumulative count of a library.
final class CounterCell: CounterHandler {
    private let value = Atomic<Int64>(0)

    func increment(by amount: Int64) { value.wrappingAdd(amount, ordering: .relaxed) }
    func reset() { value.store(0, ordering: .relaxed) }
    var current: Double { Double(value.load(ordering: .relaxed)) }
}

/// A number of a library that goes up and down.
final class GaugeCell: RecorderHandler, MeterHandler {
    private let bits = Atomic<UInt64>(Double(0).bitPattern)

    func record(_ value: Int64) { record(Double(value)) }
    func record(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
    func set(_ value: Int64) { record(Double(value)) }
    func set(_ value: Double) { record(value) }
    func decrement(by amount: Double) { increment(by: -amount) }

    func increment(by amount: Double) {
        var seen = bits.load(ordering: .relaxed)
        while true {
            let wanted = (Double(bitPattern: seen) + amount).bitPattern
            let (exchanged, original) = bits.weakCompareExchange(expected: seen, desired: wanted, ordering: .relaxed)
            if exchanged { return }
            seen = original
        }
    }

    var current: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }
}

/// Values of a library of which count, sum and maximum are kept; durations are in nanoseconds here.
final class DistributionCell: RecorderHandler, TimerHandler {
    private struct State {
        var count: UInt64 = 0
        var sum = 0.0
        var maximum = 0.0
    }

    private let state = Mutex(State())

    func recordNanoseconds(_ duration: Int64) { record(Double(duration)) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        state.withLock {
            $0.maximum = $0.count == 0 ? value : max($0.maximum, value)
            $0.count &+= 1
            $0.sum += value
        }
    }

    var current: (count: UInt64, sum: Double, maximum: Double) { state.withLock { ($0.count, $0.sum, $0.maximum) } }
}
