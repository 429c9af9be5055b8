internal import Synchronization
package import Transport

/// A router made of a closure; remembers the summaries of the calls that have ended. Its mode may be changed at any time.
package final class FakeRouter: CallRouter {
    private struct State {
        var mode: ConnectionMode
        var summaries: [CallSummary] = []
        var noticed: [String] = []
        var waiting: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var undecided: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>
    private let choose: @Sendable (CallHead) -> CallRoute
    private let wanted: @Sendable (String) -> Int

    package init(
        mode: ConnectionMode = .terminate, excerpt: @escaping @Sendable (String) -> Int = { _ in 0 },
        _ choose: @escaping @Sendable (CallHead) -> CallRoute
    ) {
        self.state = Mutex(State(mode: mode))
        self.wanted = excerpt
        self.choose = choose
    }

    /// Lets those go on who wait for a mode, unless it is undecided.
    package func set(_ mode: ConnectionMode) {
        let waiting = self.state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.mode = mode
            guard mode != .undecided else { return [] }
            defer { state.undecided = [] }
            return state.undecided
        }
        for continuation in waiting { continuation.resume() }
    }

    package func isLifelong(path: String) -> Bool { path.hasSuffix("/Lifelong") }

    package func mode() -> ConnectionMode { self.state.withLock { $0.mode } }

    package func modeWhenKnown() async -> ConnectionMode {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isKnown = self.state.withLock { state -> Bool in
                    if state.mode != .undecided || Task.isCancelled { return true }
                    state.undecided.append(continuation)
                    return false
                }
                if isKnown { continuation.resume() }
            }
        } onCancel: {
            let waiting = self.state.withLock { state -> [CheckedContinuation<Void, Never>] in
                defer { state.undecided = [] }
                return state.undecided
            }
            for continuation in waiting { continuation.resume() }
        }
        return self.mode()
    }

    package func route(_ head: CallHead) -> CallRoute {
        self.choose(head)
    }

    package func noticed(path: String) {
        self.state.withLock { $0.noticed.append(path) }
    }

    package func excerpt(path: String) -> Int { self.wanted(path) }

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
    /// The paths of relayed calls that have begun.
    package var noticed: [String] { self.state.withLock { $0.noticed } }

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
