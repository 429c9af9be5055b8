internal import Synchronization
package import Transport

/// A router made of a closure; remembers the summaries of the calls that have ended.
package final class FakeRouter: CallRouter {
    private struct State {
        var summaries: [CallSummary] = []
        var waiting: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())
    private let choose: @Sendable (CallHead) -> CallRoute

    package init(_ choose: @escaping @Sendable (CallHead) -> CallRoute) {
        self.choose = choose
    }

    package func route(_ head: CallHead) -> CallRoute {
        self.choose(head)
    }

    package func ended(_ summary: CallSummary) {
        let ready = self.state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.summaries.append(summary)
            let count = state.summaries.count
            let ready = state.waiting.filter { $0.count <= count }.map(\.continuation)
            state.waiting.removeAll { $0.count <= count }
            return ready
        }
        for continuation in ready { continuation.resume() }
    }

    package var summaries: [CallSummary] { self.state.withLock { $0.summaries } }

    /// Returns when at least `count` calls have ended, and gives their summaries.
    package func summaries(atLeast count: Int) async -> [CallSummary] {
        await withCheckedContinuation { continuation in
            let isReady = self.state.withLock { state -> Bool in
                if state.summaries.count >= count { return true }
                state.waiting.append((count, continuation))
                return false
            }
            if isReady { continuation.resume() }
        }
        return self.summaries
    }
}
