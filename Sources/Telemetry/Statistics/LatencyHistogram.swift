/// Durations counted in buckets whose width grows with the duration: 16 for each power of two, so a quantile is at most 6.25 % too high.
///
/// A bucket covers (bound before, bound] in microseconds, which makes every power of two a bucket's bound: `cumulative(_:)` is exact there.
package struct LatencyHistogram: Sendable, Equatable {
    private static let bits = 4
    private static let perPower = 1 << bits
    /// Longer durations (over 19 hours) count as this long.
    private static let maximum: UInt64 = (1 << 36) - 1

    private var buckets: [UInt64] = []
    package private(set) var count: UInt64 = 0
    /// The sum of all durations, in microseconds.
    package private(set) var sum: UInt64 = 0
    /// The longest duration, in microseconds.
    package private(set) var longest: UInt64 = 0

    package init() {}

    /// Counts one duration; a negative one counts as zero.
    package mutating func record(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { return record(microseconds: 0) }
        let whole = min(UInt64(seconds), Self.maximum / 1_000_000) * 1_000_000
        // Rounded up, so that a duration never counts below a bound that it exceeds.
        record(microseconds: whole + UInt64((attoseconds + 999_999_999_999) / 1_000_000_000_000))
    }

    package mutating func record(microseconds: UInt64) {
        let value = min(microseconds, Self.maximum)
        let index = Self.index(value)
        if index >= buckets.count { buckets.append(contentsOf: repeatElement(0, count: index + 1 - buckets.count)) }
        buckets[index] += 1
        count += 1
        sum &+= value
        longest = max(longest, value)
    }

    /// A duration that `share` of all (0…1) do not exceed, in microseconds; 0 when nothing was counted.
    package func quantile(_ share: Double) -> UInt64 {
        guard count > 0 else { return 0 }
        let rank = max(1, UInt64((min(max(share, 0), 1) * Double(count)).rounded(.up)))
        var seen: UInt64 = 0
        for (index, bucket) in buckets.enumerated() {
            seen += bucket
            if seen >= rank { return min(Self.bound(index), longest) }
        }
        return longest
    }

    /// How many durations are at most 2^`power` microseconds.
    package func cumulative(power: Int) -> UInt64 {
        let limit: UInt64 = 1 << UInt64(min(max(power, 0), 36))
        var seen: UInt64 = 0
        for (index, bucket) in buckets.enumerated() {
            if Self.bound(index) > limit { break }
            seen += bucket
        }
        return seen
    }

    /// The buckets that are not empty: bound in microseconds, and count.
    package var occupied: [(bound: UInt64, count: UInt64)] {
        buckets.enumerated().compactMap { $1 == 0 ? nil : (Self.bound($0), $1) }
    }

    private static func index(_ microseconds: UInt64) -> Int {
        let below = microseconds == 0 ? 0 : microseconds - 1
        guard below >= UInt64(perPower) else { return Int(below) }
        let power = 63 - below.leadingZeroBitCount
        let part = Int(below >> UInt64(power - bits)) & (perPower - 1)
        return perPower + (power - bits) * perPower + part
    }

    private static func bound(_ index: Int) -> UInt64 {
        guard index >= perPower else { return UInt64(index) + 1 }
        let power = (index - perPower) / perPower
        let part = UInt64((index - perPower) % perPower)
        return (UInt64(perPower) + part + 1) << UInt64(power)
    }
}
