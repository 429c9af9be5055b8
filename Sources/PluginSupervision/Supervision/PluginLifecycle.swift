internal import NIOCore

/// The life of a supervised plugin as a value: events in, actions out. The shell (`PluginSupervisor`) performs the actions.
///
/// One process serves, or is being started to serve (`current`). Beside it there may be one candidate, which takes its place once it
/// answers, and processes whose last calls are finishing. Each is known by its generation, the count of starts.
///
/// Three kinds of unexpected events are told apart: those that cannot happen unless this program has a bug trap in debug builds;
/// those that the plugin causes have a transition; those that arrive late because things happen at the same time are dropped.
struct PluginLifecycle {
    enum State: Equatable {
        case idle
        case starting
        /// It shook hands, and is asked for its health.
        case negotiated(version: Int)
        case serving(since: NIODeadline)
        /// The process lives, its connection is gone.
        case reconnecting(since: NIODeadline)
        /// Every process is being stopped; none follows.
        case draining(SupervisionEnd)
        case backingOff(until: NIODeadline, SupervisionError)
        /// The breaker is open.
        case broken(until: NIODeadline, SupervisionError)
        case ended(SupervisionEnd)
    }

    /// A process that is to take the place of the one that serves.
    struct Candidate: Equatable {
        var generation: Int
        /// Known once it shook hands.
        var version: Int?
        var cause: ReplacementCause
    }

    enum Event: Equatable {
        /// The attachment begins, or a call finds the plugin idle.
        case startRequested(StartCause)
        case negotiated(generation: Int, pid: Int32, version: Int)
        case startSucceeded(generation: Int, pid: Int32, version: Int)
        /// Nothing is left of the process.
        case startFailed(generation: Int, SupervisionError)
        case connectionLost(generation: Int, reason: String)
        case reconnected(generation: Int)
        /// Reconnecting failed; the process has been killed and `exited` follows.
        case reconnectFailed(generation: Int, SupervisionError)
        /// A process that had started is gone, and nothing is left of it.
        case exited(generation: Int, SupervisionError)
        /// The host asked for the plugin's end.
        case exitExpected
        case replacementWanted(ReplacementCause)
        /// The file that is to be run may not be, or is gone; what runs goes on.
        case replacementRefused(SupervisionError)
        /// What is to be run is what runs, so that an earlier failure of a candidate is history.
        case replacementUnwanted
        /// Nobody has called the plugin for long.
        case unused(generation: Int)
        case stopRequested
        case retryDue
    }

    enum Action: Equatable {
        case launch(generation: Int)
        /// Kill a process that is not ready yet; `startFailed` follows.
        case abortStart(generation: Int)
        /// New calls go to it from now on.
        case serve(generation: Int)
        /// Tell the connections of the host that another process serves.
        case moveHosts
        /// Move them, let its calls finish and shut it down; `exited` follows.
        case retire(generation: Int)
        /// Shut the process down; `exited` follows.
        case stopProcess(generation: Int)
        /// `exited` follows.
        case killProcess(generation: Int)
        case reconnect(generation: Int)
        case scheduleRetry(after: Duration)
        case cancelRetry
        /// Give the running plugin to those who wait for it.
        case answerWaiters
        case failWaiters(SupervisionError)
        case report(SupervisionEvent)
        case finish(SupervisionEnd)
    }

    /// A process may lose its connection so often, each time within the memory of the last.
    static let maximumReconnects = 5
    static let reconnectMemory = TimeAmount.seconds(10)
    /// Processes that finish their last calls at one time: however often a plugin is replaced, no more pile up.
    static let maximumDraining = 3

    let limits: SupervisionLimits
    var state = State.idle
    /// Why the plugin is in its state.
    var cause = "nobody has called it yet"
    /// Counts the starts.
    var starts = 0
    /// The process that serves, or is being started to serve.
    var current: Int?
    var candidate: Candidate?
    /// A replacement that was wanted while a start was in progress.
    var deferred: ReplacementCause?
    /// Everything that was launched and whose end has not been told, oldest first.
    var live: [Int] = []
    /// Processes that took the place of another.
    var restarts = 0
    var lastError: SupervisionError?
    var candidateFailure: SupervisionError?

    var backoff: Backoff
    var breaker: Breaker
    var exitExpectedAt: NIODeadline?
    var reconnectFailure: SupervisionError?
    var reconnects = (count: 0, last: NIODeadline.uptimeNanoseconds(0))

    init(limits: SupervisionLimits) {
        self.limits = limits
        backoff = Backoff(limits.backoff)
        breaker = Breaker(limits.breaker)
    }

    /// Those that are neither current nor the candidate.
    var leftovers: [Int] { live.filter { $0 != current && $0 != candidate?.generation } }

    /// - Parameter random: in 0..<1, for the jitter of a delay.
    mutating func handle(_ event: Event, now: NIODeadline, random: Double) -> [Action] {
        switch event {
        case .startRequested(let cause): start(cause)
        case .negotiated(let generation, let pid, let version): negotiated(generation, pid, version)
        case .startSucceeded(let generation, let pid, let version): startSucceeded(generation, pid, version, now)
        case .startFailed(let generation, let error): startFailed(generation, error, now, random)
        case .connectionLost(let generation, let reason): connectionLost(generation, reason, now)
        case .reconnected(let generation): reconnected(generation)
        case .reconnectFailed(let generation, let error): reconnectFailed(generation, error)
        case .exited(let generation, let error): exited(generation, error, now, random)
        case .exitExpected: exitExpected(now)
        case .replacementWanted(let cause): replace(cause)
        case .replacementRefused(let error): replacementRefused(error)
        case .replacementUnwanted: keep()
        case .unused(let generation): unused(generation)
        case .stopRequested: stop()
        case .retryDue: retry()
        }
    }

    /// Changes the state, and tells so.
    mutating func enter(
        _ next: State, _ kind: SupervisionEvent.Kind, generation: Int? = nil, because cause: String
    ) -> Action {
        let before = SupervisionSnapshot.State(state)
        state = next
        self.cause = cause
        return .report(
            SupervisionEvent(
                kind, generation: generation ?? current ?? starts, from: before, to: SupervisionSnapshot.State(next), cause: cause
            ))
    }

    /// Tells of a process beside the one that serves.
    func beside(_ kind: SupervisionEvent.Kind, generation: Int, because cause: String) -> Action {
        let now = SupervisionSnapshot.State(state)
        return .report(SupervisionEvent(kind, generation: generation, from: now, to: now, cause: cause))
    }
}

/// Why a plugin is started that nobody had started before, or that was stopped because nobody called it.
enum StartCause: String, Equatable {
    case attached = "its host attached"
    case called = "a call came for it"
}

/// Why another process takes the place of the one that serves.
package enum ReplacementCause: String, Sendable, Equatable {
    case newBuild = "there is a new build of its executable"
    case restored = "its executable is there again"
    case requested = "a restart was asked for"
    case reconfigured = "its configuration was changed"
}
