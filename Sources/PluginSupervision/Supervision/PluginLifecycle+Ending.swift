internal import NIOCore

/// Ends that are meant.
extension PluginLifecycle {
    mutating func exitExpected(_ now: NIODeadline) -> [Action] {
        switch state {
        case .serving, .reconnecting: exitExpectedAt = now
        default: break
        }
        return []
    }

    mutating func stop() -> [Action] {
        switch state {
        case .draining, .ended: []
        default: stopAll(.stopped)
        }
    }

    /// Stops whatever runs; the supervision is over when all of it is gone.
    mutating func stopAll(_ end: SupervisionEnd) -> [Action] {
        var actions: [Action] = []
        switch state {
        case .backingOff, .broken: actions.append(.cancelRetry)
        case .starting, .negotiated:
            if let current { actions.append(.abortStart(generation: current)) }
        case .serving, .reconnecting:
            if let current { actions.append(.stopProcess(generation: current)) }
        case .idle, .draining, .ended: break
        }
        if let candidate { actions.append(.abortStart(generation: candidate.generation)) }
        actions += leftovers.map { .stopProcess(generation: $0) }
        candidate = nil
        deferred = nil
        guard !live.isEmpty else { return actions + self.end(end) }
        let cause = end == .shutDown ? "the host shut it down" : "the gateway stops it"
        return actions + [.failWaiters(.stopping), enter(.draining(end), .stopping, because: cause)]
    }

    mutating func endIfNothingIsLeft() -> [Action] {
        guard case .draining(let end) = state, live.isEmpty else { return [] }
        return self.end(end)
    }

    private mutating func end(_ end: SupervisionEnd) -> [Action] {
        let cause = end == .shutDown ? "the host shut it down" : "the gateway stopped it"
        return [.failWaiters(.over(end)), enter(.ended(end), .ended(end), because: cause), .finish(end)]
    }
}
