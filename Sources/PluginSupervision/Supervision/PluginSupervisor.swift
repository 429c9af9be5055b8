internal import NIOCore
internal import Synchronization
internal import Transport

/// Keeps one plugin running for one attachment: starts it, watches it, starts it again after a crash, puts another process in its place
/// when its executable is replaced, stops it.
///
/// Everything happens on the launch's event loop, which must outlive the supervision; the properties may be read anywhere and
/// show the latest published state. Whoever called `start()` or `running()` calls `stop()` in the end: letting go of it does not.
package final class PluginSupervisor: Sendable {
    package typealias EventObserver = @Sendable (SupervisionEvent) -> Void
    package typealias EndObserver = @Sendable (SupervisionEnd) -> Void

    /// What belongs to the event loop.
    struct Core {
        /// A file that was checked just now, for the next process; later ones run what is found then.
        var fresh: PluginExecutable?
        var lifecycle: PluginLifecycle
        /// Every process that exists, by generation.
        var instances: [Int: PluginInstance] = [:]
        /// Those that became ready, as they last were: what a new connection to the same process needs.
        var ready: [Int: RunningPlugin] = [:]
        /// What each generation runs, once that is known.
        var executables: [Int: PluginExecutable] = [:]
        /// The last build that served.
        var proven: PluginExecutable.Identity?
        /// A build that did not come up; it is not tried again before its file changes or somebody asks for it.
        var rejected: PluginExecutable.Identity?
        var watch: ExecutableWatch?
        var hosts: HostMover?
        var retry: Scheduled<Void>?
        var idleTimer: Scheduled<Void>?
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

    /// As it was given; see `currentLaunch`.
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
        core = .makeBoxSendingValue(
            Core(fresh: launch.executable, lifecycle: PluginLifecycle(limits: launch.limits)), eventLoop: launch.eventLoop)
        published.withLock { published in
            published.snapshot.sinceMicroseconds = WallClock.microseconds()
            published.snapshot.executable = launch.executable.path
        }
    }

    // MARK: For the attachment

    /// Starts the plugin unless that has happened. Returns at once.
    package func start() {
        onLoop { $0.handle(.startRequested(.attached)) }
    }

    /// Whoever moves connections of the host when another process serves, or none does. To be set before the second process.
    package func setHostMover(_ mover: HostMover) {
        onLoop { $0.core.value.hosts = mover }
    }

    /// The running plugin: at once when it runs, after the start when one is in progress (starting it when idle).
    ///
    /// - Throws: `SupervisionError`: at once while backing off or broken, with the reason and the time of the next attempt; when the
    ///   start in progress fails; when the supervision is over; `.stopped` when the caller's task is cancelled.
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

    /// The running plugin, as `running()` gives it, held for one call: it is not stopped under it.
    package func use(_ path: String) async throws(SupervisionError) -> (RunningPlugin, PluginLease) {
        while true {
            let plugin = try await running()
            if let lease = plugin.use.begin(path) { return (plugin, lease) }
            // Another has taken its place in this very moment, or is about to.
            await Task.yield()
        }
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

    /// Whether a process is being started, so that it is worth waiting for it.
    package var isStarting: Bool {
        switch published.withLock({ $0.snapshot.state }) {
        case .starting, .negotiated, .reconnecting: true
        default: false
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

    /// Puts a new process in the place of the running one, which finishes its calls; starts one at once when the plugin is backing off or
    /// broken. Returns at once; nothing happens when a start is in progress or the supervision is over.
    package func restart() {
        onLoop { supervisor in
            supervisor.core.value.rejected = nil
            supervisor.handle(.replacementWanted(.requested))
        }
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
        case .serving:
            // Published in the same turn of the loop in which the state was reached; gone when the process has just ended.
            if let current { waiter.answer(.success(current)) } else { core.value.waiters.insert(waiter) }
        case .idle:
            core.value.waiters.insert(waiter)
            handle(.startRequested(.called))
        case .starting, .negotiated, .reconnecting:
            core.value.waiters.insert(waiter)
        case .backingOff(let until, var error), .broken(let until, var error):
            error.retryAfter = .nanoseconds(max(0, (until - .now()).nanoseconds))
            waiter.answer(.failure(error))
        case .draining:
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
