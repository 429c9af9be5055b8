internal import NIOCore

/// Opens when a plugin fails too often in too short a time, as a value: then the pauses between attempts are long, and what is mended is
/// noticed late unless somebody asks for a restart.
struct Breaker: Sendable, Equatable {
    private let policy: BreakerPolicy
    /// When the plugin failed, within the window and at most as often as the limit.
    private var failures: [NIODeadline] = []
    /// How often it has opened since the plugin was last stable.
    private(set) var openings = 0

    init(_ policy: BreakerPolicy) {
        self.policy = policy
    }

    /// Takes a failure down.
    ///
    /// - Parameters:
    ///   - uptime: how long the plugin had served; nil when it did not start.
    ///   - stableAfter: a plugin that served this long has a clean record.
    /// - Returns: the pause until the next attempt when the breaker is open, nil while it is closed.
    mutating func failed(at now: NIODeadline, uptime: Duration?, stableAfter: Duration) -> Duration? {
        if let uptime, uptime >= stableAfter {
            failures = []
            openings = 0
        }
        let window = TimeAmount(policy.window)
        failures.removeAll { now - $0 > window }
        failures.append(now)
        // After an opening one attempt decides.
        guard openings > 0 || failures.count >= policy.failures else { return nil }
        failures = []
        var pause = policy.pause
        // Doubling stops at the maximum, long before it could overflow.
        for _ in 0..<openings where pause < policy.maximumPause { pause = pause * 2 }
        openings += 1
        return min(pause, policy.maximumPause)
    }
}
