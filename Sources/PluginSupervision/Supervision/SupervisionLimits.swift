/// How long and how much a plugin may take. Every member has the shipped default.
package struct SupervisionLimits: Sendable, Equatable {
    /// From the start of the process to its handshake line. A host gives up at 60 s.
    package var handshakeTimeout: Duration = .seconds(45)
    /// From the handshake line to the answered health check.
    package var connectTimeout: Duration = .seconds(10)
    /// From `GRPCController.Shutdown` to SIGTERM.
    package var shutdownGrace: Duration = .seconds(2)
    /// From SIGTERM to SIGKILL.
    package var terminateGrace: Duration = .seconds(2)
    /// An exit this soon after `expectExit()` is no crash.
    package var expectedExitWindow: Duration = .seconds(30)
    /// How long the open calls of a process may go on after another has taken its place.
    package var drainCap: Duration = .seconds(8)
    /// A plugin without calls for so long is stopped, and started again by the next call; nil never stops one.
    package var idleTimeout: Duration?
    /// How long an executable must not change before it is taken for complete.
    package var quietTime: Duration = .milliseconds(500)
    package var backoff = BackoffPolicy()
    package var breaker = BreakerPolicy()
    package var log = LogLimits()

    package init() {}
}

/// The waiting time between attempts to start a plugin: doubled each time, with jitter, forgotten once the plugin was stable.
package struct BackoffPolicy: Sendable, Equatable {
    package var initial: Duration = .milliseconds(500)
    package var maximum: Duration = .seconds(30)
    /// The share of a delay that is random: 0.2 spreads a delay of 1 s over 0.8 s to 1.2 s.
    package var jitter: Double = 0.2
    /// A plugin that ran this long starts again with `initial`.
    package var stableAfter: Duration = .seconds(60)

    package init() {}
}

/// When a plugin that keeps failing is left alone for longer.
package struct BreakerPolicy: Sendable, Equatable {
    /// So many failures within `window` open the breaker.
    package var failures = 5
    package var window: Duration = .seconds(60)
    /// Until the first attempt after that; doubled with each that fails.
    package var pause: Duration = .seconds(60)
    package var maximumPause: Duration = .seconds(600)

    package init() {}
}

/// Bounds on what a plugin may write into the log.
package struct LogLimits: Sendable, Equatable {
    /// Bytes of one line, and of one gathered panic; what is longer is cut and marked.
    package var lineBytes = 64 * 1024
    /// Records a second, in the long run.
    package var recordsPerSecond = 200
    /// Records at once.
    package var recordBurst = 2_000
    /// Bytes a second, in the long run.
    package var bytesPerSecond = 256 * 1024
    /// Bytes at once.
    package var byteBurst = 4 * 1024 * 1024
    /// Lines kept as the last words of a plugin.
    package var lastWords = 16

    package init() {}
}
