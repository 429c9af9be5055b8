internal import NIOCore

/// From nothing to a process that serves, and what comes between.
extension PluginLifecycle {
    mutating func start(_ cause: StartCause) -> [Action] {
        guard state == .idle else { return [] }
        return launch(because: cause.rawValue)
    }

    mutating func retry() -> [Action] {
        switch state {
        case .backingOff: return launch(because: "the pause after its last failure is over")
        case .broken: return launch(because: "the long pause after its failures is over")
        // A timer that fired while it was being cancelled.
        default: return []
        }
    }

    mutating func launch(because cause: String) -> [Action] {
        if starts > 0 { restarts += 1 }
        let generation = nextGeneration()
        current = generation
        deferred = nil
        exitExpectedAt = nil
        forgetConnection()
        return [.launch(generation: generation), enter(.starting, .starting, because: cause)]
    }

    mutating func nextGeneration() -> Int {
        starts += 1
        live.append(starts)
        return starts
    }

    mutating func forgetConnection() {
        reconnectFailure = nil
        reconnects.count = 0
    }

    mutating func negotiated(_ generation: Int, _ pid: Int32, _ version: Int) -> [Action] {
        if generation == current, state == .starting {
            return [enter(.negotiated(version: version), .negotiated(pid: pid, version: version), because: "it shook hands")]
        }
        if let candidate, generation == candidate.generation {
            self.candidate?.version = version
            return [
                beside(
                    .candidateNegotiated(pid: pid, version: version), generation: generation, because: candidate.cause.rawValue)
            ]
        }
        // It is being stopped already.
        return []
    }

    mutating func startSucceeded(_ generation: Int, _ pid: Int32, _ version: Int, _ now: NIODeadline) -> [Action] {
        if generation == current {
            switch state {
            case .starting, .negotiated:
                let entered = enter(
                    .serving(since: now), .serving(pid: pid, version: version), because: "it answers")
                let actions: [Action] =
                    [.serve(generation: generation), .answerWaiters, entered] + (starts > 1 ? [.moveHosts] : [])
                guard let deferred else { return actions }
                self.deferred = nil
                return actions + launchCandidate(deferred)
            case .draining:
                // The stop came when it was ready but had not said so.
                return [.stopProcess(generation: generation)]
            default:
                assertionFailure("a start succeeded in \(state)")
                return [.stopProcess(generation: generation)]
            }
        }
        if generation == candidate?.generation { return takeOver(pid, version, now) }
        return [.stopProcess(generation: generation)]
    }

    mutating func startFailed(
        _ generation: Int, _ error: SupervisionError, _ now: NIODeadline, _ random: Double
    ) -> [Action] {
        live.removeAll { $0 == generation }
        if generation == candidate?.generation { return candidateFailed(error) }
        guard generation == current else { return endIfNothingIsLeft() }
        current = nil
        switch state {
        case .starting, .negotiated:
            // What failed is not what is to be run by now.
            if let deferred { return launch(because: deferred.rawValue) }
            return fail(error, generation, uptime: nil, now, random)
        case .draining:
            return endIfNothingIsLeft()
        default:
            assertionFailure("a start failed in \(state)")
            return []
        }
    }
}
