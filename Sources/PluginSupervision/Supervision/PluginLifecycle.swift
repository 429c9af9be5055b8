internal import NIOCore

/// The life of a supervised plugin as a value: events in, actions out. The shell (`PluginSupervisor`) performs the actions.
///
/// Three kinds of unexpected events are told apart: those that cannot happen unless this program has a bug trap in debug builds;
/// those that the plugin causes have a transition; those that arrive late because things happen at the same time are dropped.
struct PluginLifecycle {
    enum State: Equatable {
        case idle
        case starting
        case running(since: NIODeadline)
        /// The process lives, its connection is gone.
        case reconnecting(since: NIODeadline)
        /// The process is being stopped, to be started again.
        case restarting
        case stopping
        case backingOff(until: NIODeadline, SupervisionError)
        case ended(SupervisionEnd)
    }

    enum Event: Equatable {
        /// `start()`, or a call that finds the plugin idle.
        case startRequested
        case startSucceeded(pid: Int32, version: Int)
        /// Nothing is left of the process.
        case startFailed(SupervisionError)
        case connectionLost(reason: String)
        case reconnected
        /// Reconnecting failed; the process has been killed and `exited` follows.
        case reconnectFailed(SupervisionError)
        /// A process that had started is gone, and nothing is left of it.
        case exited(SupervisionError)
        /// The host asked for the plugin's end.
        case exitExpected
        case restartRequested
        case stopRequested
        case retryDue
    }

    enum Action: Equatable {
        case launch(generation: Int)
        /// Kill a process that is not ready yet; `startFailed` follows.
        case abortStart
        /// Shut the process down; `exited` follows.
        case stopProcess
        /// `exited` follows.
        case killProcess
        case reconnect
        case scheduleRetry(after: Duration)
        case cancelRetry
        /// Give the running plugin to those who wait for it.
        case answerWaiters
        case failWaiters(SupervisionError)
        case report(SupervisionEvent)
        case finish(SupervisionEnd)
    }

    /// A process may lose its connection so often, each time within the memory of the last.
    private static let maximumReconnects = 5
    private static let reconnectMemory = TimeAmount.seconds(10)

    private(set) var state = State.idle
    /// Counts the starts.
    private(set) var generation = 0
    private(set) var lastError: SupervisionError?
    /// Why the plugin is in its state, where the state does not say it.
    private(set) var reason: String?

    private let limits: SupervisionLimits
    private var backoff: Backoff
    private var exitExpectedAt: NIODeadline?
    private var reconnectFailure: SupervisionError?
    private var reconnects = (count: 0, last: NIODeadline.uptimeNanoseconds(0))

    init(limits: SupervisionLimits) {
        self.limits = limits
        backoff = Backoff(limits.backoff)
    }

    /// - Parameter random: in 0..<1, for the jitter of a delay.
    mutating func handle(_ event: Event, now: NIODeadline, random: Double) -> [Action] {
        switch event {
        case .startRequested: start()
        case .startSucceeded(let pid, let version): startSucceeded(pid, version, now)
        case .startFailed(let error): startFailed(error, now, random)
        case .connectionLost(let reason): connectionLost(reason, now)
        case .reconnected: reconnected()
        case .reconnectFailed(let error): reconnectFailed(error)
        case .exited(let error): exited(error, now, random)
        case .exitExpected: exitExpected(now)
        case .restartRequested: restart()
        case .stopRequested: stop()
        case .retryDue: retry()
        }
    }

    // MARK: Starting

    private mutating func start() -> [Action] {
        guard state == .idle else { return [] }
        return launch()
    }

    private mutating func retry() -> [Action] {
        // A timer that fired while it was being cancelled.
        guard case .backingOff = state else { return [] }
        return launch()
    }

    private mutating func launch() -> [Action] {
        generation += 1
        state = .starting
        reason = generation > 1 ? lastError?.message : nil
        exitExpectedAt = nil
        reconnectFailure = nil
        reconnects.count = 0
        return [.launch(generation: generation), .report(.starting(generation: generation))]
    }

    private mutating func startSucceeded(_ pid: Int32, _ version: Int, _ now: NIODeadline) -> [Action] {
        switch state {
        case .starting:
            state = .running(since: now)
            reason = nil
            return [.answerWaiters, .report(.running(generation: generation, pid: pid, version: version))]
        case .stopping, .restarting:
            // The stop came when it was ready but had not said so.
            return [.stopProcess]
        default:
            assertionFailure("a start succeeded in \(state)")
            return []
        }
    }

    private mutating func startFailed(_ error: SupervisionError, _ now: NIODeadline, _ random: Double) -> [Action] {
        switch state {
        case .starting:
            return backOff(error, uptime: nil, now, random)
        case .stopping:
            return end(.stopped)
        default:
            assertionFailure("a start failed in \(state)")
            return []
        }
    }

    // MARK: Trouble

    private mutating func connectionLost(_ reason: String, _ now: NIODeadline) -> [Action] {
        // The connection also ends when the plugin does, and when it is stopped.
        guard case .running(let since) = state else { return [] }
        state = .reconnecting(since: since)
        self.reason = reason
        reconnects = (now - reconnects.last > Self.reconnectMemory ? 1 : reconnects.count + 1, now)
        guard reconnects.count <= Self.maximumReconnects else {
            reconnectFailure = SupervisionError(
                .connectionLost, "the plugin keeps closing its connection", cause: reason, side: .plugin,
                remedy: "see the plugin's last words; the gateway starts it again")
            return [.killProcess, .report(.reconnecting(generation: generation, reason: reason))]
        }
        return [.reconnect, .report(.reconnecting(generation: generation, reason: reason))]
    }

    private mutating func reconnected() -> [Action] {
        guard case .reconnecting(let since) = state else { return [] }
        state = .running(since: since)
        reason = nil
        return [.answerWaiters]
    }

    private mutating func reconnectFailed(_ error: SupervisionError) -> [Action] {
        guard case .reconnecting = state else { return [] }
        reconnectFailure = error
        return []
    }

    private mutating func exited(_ error: SupervisionError, _ now: NIODeadline, _ random: Double) -> [Action] {
        switch state {
        case .running(let since), .reconnecting(let since):
            if let exitExpectedAt, now - exitExpectedAt <= TimeAmount(limits.expectedExitWindow) { return end(.shutDown) }
            var cause = error
            if var reconnectFailure {
                reconnectFailure.lastWords = error.lastWords
                cause = reconnectFailure
            }
            return backOff(cause, uptime: .nanoseconds((now - since).nanoseconds), now, random)
        case .restarting:
            return launch()
        case .stopping:
            return end(.stopped)
        default:
            assertionFailure("a process ended in \(state)")
            return []
        }
    }

    private mutating func backOff(
        _ error: SupervisionError, uptime: Duration?, _ now: NIODeadline, _ random: Double
    ) -> [Action] {
        let delay = backoff.next(uptime: uptime, random: random)
        var error = error
        error.retryAfter = delay
        lastError = error
        reason = error.message
        state = .backingOff(until: now + TimeAmount(delay), error)
        return [.scheduleRetry(after: delay), .failWaiters(error), .report(.failed(generation: generation, error))]
    }

    // MARK: Ending

    private mutating func exitExpected(_ now: NIODeadline) -> [Action] {
        switch state {
        case .running, .reconnecting: exitExpectedAt = now
        default: break
        }
        return []
    }

    private mutating func restart() -> [Action] {
        switch state {
        case .idle:
            return launch()
        case .running, .reconnecting:
            state = .restarting
            reason = "a restart was asked for"
            return [.stopProcess, .report(.restarting(generation: generation))]
        case .backingOff:
            backoff = Backoff(limits.backoff)
            return [.cancelRetry] + launch()
        case .starting, .restarting, .stopping, .ended:
            return []
        }
    }

    private mutating func stop() -> [Action] {
        switch state {
        case .idle:
            return end(.stopped)
        case .starting:
            return stopping(by: .abortStart)
        case .running, .reconnecting:
            return stopping(by: .stopProcess)
        case .restarting:
            // The process is being stopped already.
            state = .stopping
            reason = nil
            return [.failWaiters(.stopping), .report(.stopping(generation: generation))]
        case .backingOff:
            return [.cancelRetry] + end(.stopped)
        case .stopping, .ended:
            return []
        }
    }

    private mutating func stopping(by action: Action) -> [Action] {
        state = .stopping
        reason = nil
        return [action, .failWaiters(.stopping), .report(.stopping(generation: generation))]
    }

    private mutating func end(_ end: SupervisionEnd) -> [Action] {
        state = .ended(end)
        reason = nil
        return [.failWaiters(.over(end)), .report(.ended(end)), .finish(end)]
    }
}

extension SupervisionError {
    static let stopping = SupervisionError(
        .stopped, "the plugin is being stopped", side: .nobody, remedy: "call again once the host has started it anew")

    static let cancelled = SupervisionError(
        .stopped, "the call that waited for the plugin was cancelled", side: .nobody, remedy: "call again")

    static func over(_ end: SupervisionEnd) -> SupervisionError {
        switch end {
        case .stopped:
            SupervisionError(
                .stopped, "the plugin was stopped", side: .nobody, remedy: "call again once the host has started it anew")
        case .shutDown:
            SupervisionError(
                .shutDown, "the host shut the plugin down", side: .nobody, remedy: "call again once the host has started it anew")
        }
    }

    /// The end of a process that had been running.
    static func ended(_ status: ExitStatus, lastWords: [String]) -> SupervisionError {
        let isSignal = if case .signal = status { true } else { false }
        return SupervisionError(
            isSignal ? .crashed : .exited, "the plugin ended unexpectedly with \(status)", side: .plugin,
            remedy: "the gateway starts it again; see its last words for the reason", lastWords: lastWords)
    }
}
