internal import NIOCore

/// How much a plugin may still log: two token buckets, records and bytes, and a count of what they kept out.
struct LogAllowance {
    private let limits: LogLimits
    private var records: Double
    private var bytes: Double
    private var filledAt: NIODeadline
    /// Lines kept out since the count was last taken.
    private(set) var dropped: UInt64 = 0

    init(_ limits: LogLimits, now: NIODeadline) {
        self.limits = limits
        records = Double(limits.recordBurst)
        bytes = Double(limits.byteBurst)
        filledAt = now
    }

    /// Whether a line of `size` bytes may be logged. A full bucket admits a line of any size, so that no setting silences all of
    /// them.
    mutating func admit(_ size: Int, now: NIODeadline) -> Bool {
        let elapsed = max(0, Double((now - filledAt).nanoseconds) / 1e9)
        filledAt = now
        records = min(Double(limits.recordBurst), records + elapsed * Double(limits.recordsPerSecond))
        bytes = min(Double(limits.byteBurst), bytes + elapsed * Double(limits.bytesPerSecond))
        guard records >= 1, bytes >= min(Double(size), Double(limits.byteBurst)) else {
            dropped += 1
            return false
        }
        records -= 1
        bytes -= Double(size)
        return true
    }

    /// The line that was just kept out is logged after all.
    mutating func admitAnyway() {
        dropped -= 1
    }

    mutating func takeDropped() -> UInt64 {
        defer { dropped = 0 }
        return dropped
    }
}
