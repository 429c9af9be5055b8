internal import NIOCore

/// What others may read at any time. Written on the event loop.
extension PluginSupervisor {
    func publish() {
        let core = core.value
        let lifecycle = core.lifecycle
        let now = WallClock.microseconds()
        let executable = lifecycle.current.flatMap { core.executables[$0] }
        let source = currentLaunch.source
        let isUnwrapped = executable.map { source?.isUnwrapped($0) ?? false }
        let candidate = lifecycle.candidate.map { candidate in
            SupervisionSnapshot.Candidate(
                state: candidate.version == nil ? .starting : .negotiated, cause: candidate.cause.rawValue,
                pid: core.instances[candidate.generation]?.pid)
        }
        published.withLock { published in
            let state = SupervisionSnapshot.State(lifecycle.state)
            if published.snapshot.state != state { published.snapshot.sinceMicroseconds = now }
            published.snapshot.state = state
            published.snapshot.reason = lifecycle.cause
            published.snapshot.restarts = lifecycle.restarts
            published.snapshot.lastError = lifecycle.lastError
            let process = lifecycle.current.flatMap { core.instances[$0] }
            published.snapshot.pid = process?.pid
            if let words = process?.lastWords, published.lastWords !== words {
                published.droppedBefore += published.lastWords?.droppedLines ?? 0
                published.lastWords = words
            }
            if let executable { published.snapshot.executable = executable.path }
            if let isUnwrapped { published.snapshot.isUnwrapped = isUnwrapped }
            published.snapshot.candidate = candidate
            published.snapshot.candidateFailure = lifecycle.candidateFailure
            published.snapshot.draining = lifecycle.isEnding ? 0 : lifecycle.leftovers.count
            published.snapshot.nextAttemptMicroseconds = nil
            switch lifecycle.state {
            case .backingOff(let until, _), .broken(let until, _):
                published.snapshot.nextAttemptMicroseconds = now + max(0, (until - .now()).nanoseconds) / 1000
            default: break
            }
            switch lifecycle.state {
            case .serving: break
            default: published.running = nil
            }
        }
    }
}
