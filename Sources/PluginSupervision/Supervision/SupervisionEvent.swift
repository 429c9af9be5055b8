package import Transport

/// Why supervision is over for good: no further start follows.
package enum SupervisionEnd: Sendable, Equatable {
    /// `stop()` was called, and the process is gone.
    case stopped
    /// The host's `GRPCController.Shutdown` passed through and the process ended as expected.
    case shutDown
}

/// A change worth a journal entry: every transition of the lifecycle, and what happens beside it.
package struct SupervisionEvent: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        // Of the process that serves, or is to serve.
        case starting
        /// It shook hands.
        case negotiated(pid: Int32, version: Int)
        /// It takes the calls from now on.
        case serving(pid: Int32, version: Int)
        case connectionLost
        case reconnected
        /// Did not start, or ended unexpectedly. The next attempt follows after `retryAfter` of the error, or is under way without one.
        case failed(SupervisionError)
        /// As `failed`, once too often.
        case broken(SupervisionError)
        /// Stopped because nobody calls it; the next call starts it.
        case idle
        /// Everything of this plugin is being stopped.
        case stopping
        case ended(SupervisionEnd)

        // Of a process beside it.
        /// Another build, or another process of the same, is tried.
        case candidateStarting
        case candidateNegotiated(pid: Int32, version: Int)
        /// The one that serves goes on.
        case candidateFailed(SupervisionError)
        /// Another has taken its place; its open calls may finish.
        case draining
        /// Its open calls had to be cut off.
        case cut(DrainReport)
        /// Nothing is left of it.
        case gone
    }

    package var kind: Kind
    /// Counts the starts of this supervisor: 1 is the first process. The one that the event is about.
    package var generation: Int
    /// The state of the plugin before and after; the same when the event is about a process beside the one that serves.
    package var before: SupervisionSnapshot.State
    package var after: SupervisionSnapshot.State
    package var cause: String

    package init(
        _ kind: Kind, generation: Int, from before: SupervisionSnapshot.State, to after: SupervisionSnapshot.State, cause: String
    ) {
        self.kind = kind
        self.generation = generation
        self.before = before
        self.after = after
        self.cause = cause
    }
}
