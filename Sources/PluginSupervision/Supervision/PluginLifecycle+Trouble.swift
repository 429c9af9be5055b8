internal import NIOCore

/// Lost connections, ends that nobody asked for, and the pauses after them.
extension PluginLifecycle {
    mutating func connectionLost(_ generation: Int, _ reason: String, _ now: NIODeadline) -> [Action] {
        // The connection also ends when the plugin does, and when it is stopped.
        guard generation == current, case .serving(let since) = state else { return [] }
        reconnects = (now - reconnects.last > Self.reconnectMemory ? 1 : reconnects.count + 1, now)
        let entered = enter(.reconnecting(since: since), .connectionLost, because: reason)
        guard reconnects.count <= Self.maximumReconnects else {
            reconnectFailure = SupervisionError(
                .connectionLost, "the plugin keeps closing its connection", cause: reason, side: .plugin,
                remedy: "see the plugin's last words; the gateway starts it again")
            return [.killProcess(generation: generation), entered]
        }
        return [.reconnect(generation: generation), entered]
    }

    mutating func reconnected(_ generation: Int) -> [Action] {
        guard generation == current, case .reconnecting(let since) = state else { return [] }
        return [
            .serve(generation: generation), .answerWaiters,
            enter(.serving(since: since), .reconnected, because: "its connection was made anew"),
        ]
    }

    mutating func reconnectFailed(_ generation: Int, _ error: SupervisionError) -> [Action] {
        guard generation == current, case .reconnecting = state else { return [] }
        reconnectFailure = error
        return []
    }

    mutating func exited(_ generation: Int, _ error: SupervisionError, _ now: NIODeadline, _ random: Double) -> [Action] {
        live.removeAll { $0 == generation }
        guard generation == current else {
            if case .draining = state { return endIfNothingIsLeft() }
            return [beside(.gone, generation: generation, because: "another took its place")]
        }
        current = nil
        switch state {
        case .serving(let since), .reconnecting(let since):
            if let exitExpectedAt, now - exitExpectedAt <= TimeAmount(limits.expectedExitWindow) { return stopAll(.shutDown) }
            var cause = error
            if var reconnectFailure {
                reconnectFailure.lastWords = error.lastWords
                cause = reconnectFailure
            }
            let uptime = Duration.nanoseconds((now - since).nanoseconds)
            if let candidate { return promote(candidate, after: cause, of: generation) }
            return fail(cause, generation, uptime: uptime, now, random)
        case .draining:
            return endIfNothingIsLeft()
        default:
            assertionFailure("a process ended in \(state)")
            return []
        }
    }

    /// No process serves: the next attempt comes after a pause, a long one when this happened too often.
    mutating func fail(
        _ error: SupervisionError, _ generation: Int, uptime: Duration?, _ now: NIODeadline, _ random: Double
    ) -> [Action] {
        var error = error
        // A missing file is no fault of the plugin, and whoever puts it back should not have to wait.
        let pause =
            error.isAboutFile ? nil : breaker.failed(at: now, uptime: uptime, stableAfter: limits.backoff.stableAfter)
        if let pause {
            error.retryAfter = pause
            error.message = "the plugin failed too often, the last time because \(error.message)"
            error.remedy = "mend the plugin and ask for a restart (plugin-gateway restart), or wait; \(error.remedy)"
            lastError = error
            return [
                .scheduleRetry(after: pause), .failWaiters(error),
                enter(
                    .broken(until: now + TimeAmount(pause), error), .broken(error), generation: generation,
                    because: error.message),
            ]
        }
        let delay = backoff.next(uptime: uptime, random: random)
        error.retryAfter = delay
        lastError = error
        return [
            .scheduleRetry(after: delay), .failWaiters(error),
            enter(
                .backingOff(until: now + TimeAmount(delay), error), .failed(error), generation: generation,
                because: error.message),
        ]
    }
}
