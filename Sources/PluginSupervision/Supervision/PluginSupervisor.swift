internal import NIOCore
internal import Synchronization
internal import Transport

/// Keeps one plugin running for one attachment: starts it, watches it, starts it again after a crash, stops it.
///
/// Everything happens on the launch's event loop, which must outlive the supervision; the properties may be read anywhere and
/// show the latest published state. Whoever called `start()` or `running()` calls `stop()` in the end: letting go of it does not.
package final class PluginSupervisor: Sendable {
    package typealias EventObserver = @Sendable (SupervisionEvent) -> Void
    package typealias EndObserver = @Sendable (SupervisionEnd) -> Void

    /// What belongs to the event loop.
    struct Core {
        var lifecycle: PluginLifecycle
        var instance: PluginInstance?
        /// The plugin as it last became ready: what a new connection to the same process needs.
        var ready: RunningPlugin?
        var retry: Scheduled<Void>?
        var waiters: Set<RunningWaiter> = []
        var stopWaiters: [CheckedContinuation<Void, Never>] = []
        /// Events that came while one was being handled.
        var events: [PluginLifecycle.Event] = []
        var isHandling = false
    }

    struct Published {
        var running: RunningPlugin?
        var snapshot = SupervisionSnapshot()
        var lastWords: LastWords?
        /// What the next start uses, where that is no longer what the supervisor was made with.
        var launch: PluginLaunch?
        /// Of processes that are gone.
        var droppedBefore: UInt64 = 0
    }

    package let launch: PluginLaunch
    let core: NIOLoopBoundBox<Core>
    let published = Mutex(Published())
    let onEvent: EventObserver
    let onEnd: EndObserver
    let random: @Sendable () -> Double

    /// - Parameters:
    ///   - random: the source of the jitter, in 0..<1.
    ///   - onEvent: called on the event loop at each change of state.
    ///   - onEnd: called once, on the event loop, when the supervision is over and nothing is left of the process.
    package init(
        _ launch: PluginLaunch, random: @escaping @Sendable () -> Double = { .random(in: 0..<1) },
        onEvent: @escaping EventObserver = { _ in }, onEnd: @escaping EndObserver = { _ in }
    ) {
        self.launch = launch
        self.random = random
        self.onEvent = onEvent
        self.onEnd = onEnd
        core = .makeBoxSendingValue(Core(lifecycle: PluginLifecycle(limits: launch.limits)), eventLoop: launch.eventLoop)
        published.withLock { $0.snapshot.sinceMicroseconds = WallClock.microseconds() }
    }

    // MARK: For the attachment

    /// Starts the plugin unless that has happened. Returns at once.
    package func start() {
        onLoop { $0.handle(.startRequested) }
    }

    /// The running plugin: at once when it runs, after the start when one is in progress (starting it when idle).
    ///
    /// - Throws: `SupervisionError`: at once while backing off, with the reason and the time of the next attempt; when the start
    ///   in progress fails; when the supervision is over; `.stopped` when the caller's task is cancelled.
    package func running() async throws(SupervisionError) -> RunningPlugin {
        if let current { return current }
        let waiter = RunningWaiter()
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                waiter.wait(continuation)
                onLoop { $0.admit(waiter) }
            }
        } onCancel: {
            waiter.answer(.failure(.cancelled))
            onLoop { $0.core.value.waiters.remove(waiter) }
        }
        return try answer.get()
    }

    /// The plugin when it runs right now.
    package var current: RunningPlugin? { published.withLock { $0.running } }

    package var snapshot: SupervisionSnapshot {
        published.withLock { published in
            var snapshot = published.snapshot
            snapshot.lastWords = published.lastWords?.lines ?? []
            snapshot.droppedLogLines = published.droppedBefore + (published.lastWords?.droppedLines ?? 0)
            return snapshot
        }
    }

    /// To be called when the host's `GRPCController.Shutdown` is about to pass through: the exit that follows is no crash.
    package func expectExit() {
        onLoop { $0.handle(.exitExpected) }
    }

    /// Asks the plugin's health service now; `.failed` when the plugin does not run or does not answer within
    /// `limits.connectTimeout`.
    package func probeHealth() async -> PluginHealth {
        guard let current else { return .failed("the plugin does not run") }
        return await PluginInstance.health(current.client, deadline: .now() + TimeAmount(launch.limits.connectTimeout))
    }

    /// Stops the plugin (`GRPCController.Shutdown`, SIGTERM, SIGKILL) and returns when its process is reaped and nothing is left
    /// of it: no descriptor, socket or directory. May be called any number of times.
    package func stop() async {
        await withCheckedContinuation { continuation in
            onLoop { supervisor in
                if case .ended = supervisor.core.value.lifecycle.state { return continuation.resume() }
                supervisor.core.value.stopWaiters.append(continuation)
                supervisor.handle(.stopRequested)
            }
        }
    }

    /// Ends the process and starts it again at once, or starts it at once when it is backing off. Returns at once; nothing
    /// happens when a start is in progress or the supervision is over.
    package func restart() {
        onLoop { $0.handle(.restartRequested) }
    }

    /// Removes the temporary directories that gateways which no longer run left below `root`; for the start of the gateway. What
    /// is in use, by this gateway or another, stays. Returns how many.
    @discardableResult
    package static func sweepTemporaryDirectories(root: String) async -> Int {
        await TemporaryDirectories.sweep(root: root)
    }

    // MARK: On the event loop

    func onLoop(_ body: @escaping @Sendable (PluginSupervisor) -> Void) {
        if launch.eventLoop.inEventLoop { body(self) } else { launch.eventLoop.execute { body(self) } }
    }

    private func admit(_ waiter: RunningWaiter) {
        switch core.value.lifecycle.state {
        case .running:
            // Published in the same turn of the loop in which the state was reached.
            if let current { waiter.answer(.success(current)) } else { core.value.waiters.insert(waiter) }
        case .idle:
            core.value.waiters.insert(waiter)
            handle(.startRequested)
        case .starting, .reconnecting, .restarting:
            core.value.waiters.insert(waiter)
        case .backingOff(let until, var error):
            error.retryAfter = .nanoseconds(max(0, (until - .now()).nanoseconds))
            waiter.answer(.failure(error))
        case .stopping:
            waiter.answer(.failure(.stopping))
        case .ended(let end):
            waiter.answer(.failure(.over(end)))
        }
    }

    /// One event after the other, also when an observer causes one.
    func handle(_ event: PluginLifecycle.Event) {
        core.value.events.append(event)
        guard !core.value.isHandling else { return }
        core.value.isHandling = true
        while !core.value.events.isEmpty {
            let next = core.value.events.removeFirst()
            let actions = core.value.lifecycle.handle(next, now: .now(), random: random())
            publish()
            for action in actions { perform(action) }
        }
        core.value.isHandling = false
    }
}
