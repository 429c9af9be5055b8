/// What can be said about a supervised plugin at one moment, for status and errors.
package struct SupervisionSnapshot: Sendable, Equatable {
    package enum State: String, Sendable {
        case idle, starting, running, reconnecting, restarting, stopping
        case backingOff = "backing-off"
        case ended
    }

    package var state: State = .idle
    /// Why it is in this state, when that is not plain from the state.
    package var reason: String?
    /// Starts after the first one.
    package var restarts = 0
    /// When it entered the state, microseconds since 1970.
    package var sinceMicroseconds: Int64 = 0
    package var pid: Int32?
    /// The app protocol version of the running process, or of the last one that shook hands.
    package var version: Int?
    /// While backing off: microseconds since 1970 of the next attempt.
    package var nextAttemptMicroseconds: Int64?
    /// The last error, which stays after a successful restart.
    package var lastError: SupervisionError?
    /// The end of the plugin's stderr, oldest first.
    package var lastWords: [String] = []
    /// Lines dropped because the plugin wrote too much, since the first start.
    package var droppedLogLines: UInt64 = 0

    package init() {}
}

/// Why supervision is over for good: no further start follows.
package enum SupervisionEnd: Sendable, Equatable {
    /// `stop()` was called, and the process is gone.
    case stopped
    /// The host's `GRPCController.Shutdown` passed through and the process ended as expected.
    case shutDown
}

/// A change worth a journal entry.
package enum SupervisionEvent: Sendable, Equatable {
    case starting(generation: Int)
    case running(generation: Int, pid: Int32, version: Int)
    /// Did not start, or ended unexpectedly; the next attempt follows after `retryAfter` of the error.
    case failed(generation: Int, SupervisionError)
    case reconnecting(generation: Int, reason: String)
    /// On request; a start follows.
    case restarting(generation: Int)
    case stopping(generation: Int)
    case ended(SupervisionEnd)
}
