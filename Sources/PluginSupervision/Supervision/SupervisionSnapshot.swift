/// What can be said about a supervised plugin at one moment, for status and errors.
package struct SupervisionSnapshot: Sendable, Equatable {
    package enum State: String, Sendable {
        /// Not started yet, or stopped because nobody called it.
        case idle
        case starting
        /// It has shaken hands; whether it answers is being found out.
        case negotiated
        case serving
        /// The process lives, its connection is being made anew.
        case reconnecting
        /// Calls may finish, then it ends for good.
        case draining
        case backingOff = "backing-off"
        /// It failed too often: the next attempt is far away.
        case broken
        case ended
    }

    /// A process that is tried beside the one that serves.
    package struct Candidate: Sendable, Equatable {
        package var state: State
        /// Why there is one.
        package var cause: String
        package var pid: Int32?
    }

    package var state: State = .idle
    /// Why it is in this state.
    package var reason: String?
    /// How often another process took the place of the first.
    package var restarts = 0
    /// When it entered the state, microseconds since 1970.
    package var sinceMicroseconds: Int64 = 0
    package var pid: Int32?
    /// The app protocol version of the running process, or of the last one that shook hands.
    package var version: Int?
    /// While backing off or broken: microseconds since 1970 of the next attempt.
    package var nextAttemptMicroseconds: Int64?
    /// The last error, which stays after a successful restart.
    package var lastError: SupervisionError?
    /// The end of the plugin's stderr, oldest first.
    package var lastWords: [String] = []
    /// Lines dropped because the plugin wrote too much, since the first start.
    package var droppedLogLines: UInt64 = 0
    /// The file that the process runs, or was to run.
    package var executable = ""
    /// An upgrade put a new build in the locator's place, and that is what runs.
    package var isUnwrapped = false
    package var candidate: Candidate?
    /// Why the last candidate did not take over; nil once one has, or the file is what runs again.
    package var candidateFailure: SupervisionError?
    /// Processes whose last calls are finishing.
    package var draining = 0

    package init() {}
}

extension SupervisionSnapshot.State {
    init(_ state: PluginLifecycle.State) {
        switch state {
        case .idle: self = .idle
        case .starting: self = .starting
        case .negotiated: self = .negotiated
        case .serving: self = .serving
        case .reconnecting: self = .reconnecting
        case .draining: self = .draining
        case .backingOff: self = .backingOff
        case .broken: self = .broken
        case .ended: self = .ended
        }
    }
}
