internal import NIOCore
internal import Synchronization
internal import Transport

/// Who uses one process of a plugin right now, and since when nobody does: it must not be stopped under a call.
package final class PluginUse: Sendable {
    private struct State {
        var open: [UInt64: OpenUse] = [:]
        var next: UInt64 = 0
        var lastUsed = NIODeadline.now()
        var isClosed = false
        /// The time for its last uses is over.
        var isOverdue = false
        var whenUnused: [CheckedContinuation<Void, Never>] = []
    }

    private struct OpenUse {
        let path: String
        let since: NIODeadline
    }

    private let state = Mutex(State())

    /// Begins a use; nil when the process takes no more, since another has taken its place and its last use is over.
    ///
    /// - Parameter path: the method's, for the account of what had to be cut off.
    package func begin(_ path: String) -> PluginLease? {
        let number = state.withLock { state -> UInt64? in
            guard !state.isClosed else { return nil }
            let now = NIODeadline.now()
            state.next += 1
            state.lastUsed = now
            state.open[state.next] = OpenUse(path: path, since: now)
            return state.next
        }
        return number.map { PluginLease(self, $0) }
    }

    /// Something that is no use of its own, and yet tells that the plugin is wanted.
    package func touch() {
        state.withLock { $0.lastUsed = .now() }
    }

    fileprivate func end(_ number: UInt64) {
        let unused = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            guard state.open.removeValue(forKey: number) != nil else { return [] }
            state.lastUsed = .now()
            guard state.open.isEmpty else { return [] }
            defer { state.whenUnused = [] }
            return state.whenUnused
        }
        for continuation in unused { continuation.resume() }
    }

    /// How long nobody has used it; nil while somebody does.
    func unusedFor(at now: NIODeadline) -> Duration? {
        state.withLock { state in
            state.open.isEmpty ? .nanoseconds(max(0, (now - state.lastUsed).nanoseconds)) : nil
        }
    }

    /// Waits until nobody uses it, at most until `deadline`; no use begins after that.
    ///
    /// - Returns: what was still going on.
    func close(by deadline: NIODeadline, on loop: any EventLoop) async -> DrainReport {
        let timer = loop.scheduleTask(deadline: deadline) { self.giveUp() }
        // A use may begin again before this task goes on.
        while !shut() { await whenUnused() }
        timer.cancel()
        let now = NIODeadline.now()
        return state.withLock { state in
            var report = DrainReport()
            for use in state.open.values {
                report.add(path: use.path, count: 1, oldest: .nanoseconds((now - use.since).nanoseconds))
            }
            return report
        }
    }

    private func shut() -> Bool {
        state.withLock { state in
            guard state.open.isEmpty || state.isOverdue else { return false }
            state.isClosed = true
            return true
        }
    }

    private func whenUnused() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state -> Bool in
                if state.open.isEmpty || state.isOverdue { return true }
                state.whenUnused.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    private func giveUp() {
        let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.isOverdue = true
            defer { state.whenUnused = [] }
            return state.whenUnused
        }
        for continuation in waiting { continuation.resume() }
    }
}

/// One use of a plugin's process, until it is ended or dropped.
package final class PluginLease: Sendable {
    private let use: PluginUse
    private let number: UInt64

    fileprivate init(_ use: PluginUse, _ number: UInt64) {
        self.use = use
        self.number = number
    }

    deinit { use.end(number) }

    package func end() { use.end(number) }
}
