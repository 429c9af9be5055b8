internal import NIOCore

/// One process takes the place of another, without a moment in which none serves.
extension PluginLifecycle {
    mutating func replace(_ cause: ReplacementCause) -> [Action] {
        switch state {
        case .idle:
            // The next start runs what is there then.
            return cause == .requested ? launch(because: cause.rawValue) : []
        case .starting, .negotiated:
            if cause == .requested {
                forgive()
            } else {
                deferred = cause
            }
            return []
        case .serving, .reconnecting:
            guard let candidate else { return launchCandidate(cause) }
            // One that is being started already answers the wish for a restart, but not a change that came after its start.
            guard cause != .requested else { return [] }
            self.candidate = nil
            return [.abortStart(generation: candidate.generation)] + launchCandidate(cause)
        case .backingOff, .broken:
            forgive()
            return [.cancelRetry] + launch(because: cause.rawValue)
        case .draining, .ended:
            return []
        }
    }

    mutating func replacementRefused(_ error: SupervisionError) -> [Action] {
        switch state {
        case .serving, .reconnecting:
            candidateFailure = error
            let failed = beside(.candidateFailed(error), generation: starts, because: error.message)
            guard let candidate, candidate.cause == .newBuild else { return [failed] }
            self.candidate = nil
            return [.abortStart(generation: candidate.generation), failed]
        default:
            // The next start says so.
            return []
        }
    }

    mutating func keep() -> [Action] {
        candidateFailure = nil
        deferred = nil
        guard let candidate, candidate.cause == .newBuild else { return [] }
        self.candidate = nil
        return [.abortStart(generation: candidate.generation)]
    }

    /// What is wanted now has not failed yet.
    private mutating func forgive() {
        backoff = Backoff(limits.backoff)
        breaker = Breaker(limits.breaker)
    }

    mutating func launchCandidate(_ cause: ReplacementCause) -> [Action] {
        let generation = nextGeneration()
        candidate = Candidate(generation: generation, cause: cause)
        return [
            .launch(generation: generation), beside(.candidateStarting, generation: generation, because: cause.rawValue),
        ]
    }

    /// The candidate answers: new calls are its own, the other's may finish.
    mutating func takeOver(_ pid: Int32, _ version: Int, _ now: NIODeadline) -> [Action] {
        guard let candidate, let old = current else { return [] }
        let draining = leftovers
        self.candidate = nil
        current = candidate.generation
        candidateFailure = nil
        restarts += 1
        forgetConnection()
        var actions: [Action] = [
            .serve(generation: candidate.generation), .answerWaiters,
            enter(.serving(since: now), .serving(pid: pid, version: version), because: candidate.cause.rawValue),
            .retire(generation: old),
            beside(.draining, generation: old, because: candidate.cause.rawValue),
        ]
        if draining.count >= Self.maximumDraining { actions += draining.prefix(1).map { .stopProcess(generation: $0) } }
        return actions
    }

    mutating func candidateFailed(_ error: SupervisionError) -> [Action] {
        guard let failed = candidate else { return [] }
        candidate = nil
        // While somebody writes to the file it is tried again and again, which is worth one entry.
        let isKnown = error.code == .executableBusy && candidateFailure?.code == .executableBusy
        candidateFailure = error
        return isKnown ? [] : [beside(.candidateFailed(error), generation: failed.generation, because: error.message)]
    }

    /// The process that served is gone: its successor, which is being started already, is waited for.
    mutating func promote(_ candidate: Candidate, after error: SupervisionError, of generation: Int) -> [Action] {
        self.candidate = nil
        current = candidate.generation
        restarts += 1
        lastError = error
        forgetConnection()
        return [
            enter(
                candidate.version.map { .negotiated(version: $0) } ?? .starting, .failed(error), generation: generation,
                because: "\(error.message), and its successor is being started already")
        ]
    }

    mutating func unused(_ generation: Int) -> [Action] {
        guard generation == current, case .serving = state, candidate == nil else { return [] }
        current = nil
        return [
            enter(.idle, .idle, generation: generation, because: "nobody has called it for long"),
            .retire(generation: generation),
        ]
    }
}
