/// The delays between attempts, as a value.
struct Backoff: Sendable, Equatable {
    private let policy: BackoffPolicy
    /// Attempts that failed since the plugin was last stable.
    private(set) var failures = 0

    init(_ policy: BackoffPolicy) {
        self.policy = policy
    }

    /// The next delay.
    ///
    /// - Parameters:
    ///   - uptime: how long the plugin ran before it failed; nil when it did not start.
    ///   - random: in 0..<1, the source of the jitter.
    mutating func next(uptime: Duration?, random: Double) -> Duration {
        if let uptime, uptime >= policy.stableAfter { failures = 0 }
        var delay = policy.initial
        // Doubling stops at the maximum, long before it could overflow.
        for _ in 0..<failures where delay < policy.maximum { delay = delay * 2 }
        failures += 1
        return min(delay, policy.maximum) * (1 - policy.jitter + 2 * policy.jitter * random)
    }
}
