import NIOCore
import Testing

@testable import PluginSupervision

@Suite("Lifecycle of a supervised plugin")
struct PluginLifecycleTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
    private let failure = SupervisionError(.exited, "gone", side: .plugin, remedy: "mend it")

    private func lifecycle(_ change: (inout SupervisionLimits) -> Void = { _ in }) -> PluginLifecycle {
        var limits = SupervisionLimits()
        limits.backoff.initial = .seconds(1)
        limits.backoff.maximum = .seconds(10)
        change(&limits)
        return PluginLifecycle(limits: limits)
    }

    /// A random number of 0.5 is the middle of the jitter: the plain delay.
    @discardableResult
    private func send(
        _ event: PluginLifecycle.Event, to lifecycle: inout PluginLifecycle, after seconds: Int64 = 0
    ) -> [PluginLifecycle.Action] {
        lifecycle.handle(event, now: start + .seconds(seconds), random: 0.5)
    }

    private func failed(_ after: Duration) -> SupervisionError {
        var error = failure
        error.retryAfter = after
        return error
    }

    @Test func `a start answers those who wait`() {
        var life = lifecycle()
        #expect(send(.startRequested, to: &life) == [.launch(generation: 1), .report(.starting(generation: 1))])
        #expect(send(.startRequested, to: &life) == [])
        #expect(
            send(.startSucceeded(pid: 7, version: 1), to: &life)
                == [.answerWaiters, .report(.running(generation: 1, pid: 7, version: 1))])
    }

    @Test func `failed starts are repeated ever later, up to the maximum`() {
        var life = lifecycle()
        send(.startRequested, to: &life)
        var delays: [Duration] = []
        for _ in 0..<6 {
            let actions = send(.startFailed(failure), to: &life)
            for case .scheduleRetry(let delay) in actions { delays.append(delay) }
            #expect(actions.contains(.failWaiters(failed(delays.last ?? .zero))))
            send(.retryDue, to: &life)
        }
        #expect(delays == [.seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(10), .seconds(10)])
        #expect(life.generation == 7)
    }

    @Test func `jitter spreads the delay`() {
        var policy = BackoffPolicy()
        policy.initial = .seconds(10)
        policy.jitter = 0.25
        var low = Backoff(policy)
        var high = Backoff(policy)
        let delays = (low.next(uptime: nil, random: 0), high.next(uptime: nil, random: 1))
        #expect(delays == (.milliseconds(7500), .milliseconds(12_500)))
    }

    @Test func `a plugin that was stable starts again with the shortest delay`() {
        var life = lifecycle()
        send(.startRequested, to: &life)
        for _ in 0..<3 {
            send(.startFailed(failure), to: &life)
            send(.retryDue, to: &life)
        }
        send(.startSucceeded(pid: 1, version: 1), to: &life)
        #expect(send(.exited(failure), to: &life, after: 59).contains(.scheduleRetry(after: .seconds(8))))
        send(.retryDue, to: &life, after: 70)
        send(.startSucceeded(pid: 2, version: 1), to: &life, after: 70)
        #expect(send(.exited(failure), to: &life, after: 131).contains(.scheduleRetry(after: .seconds(1))))
    }

    @Test func `an exit after the host's Shutdown ends the supervision`() {
        var life = lifecycle()
        send(.startRequested, to: &life)
        send(.startSucceeded(pid: 1, version: 1), to: &life)
        send(.exitExpected, to: &life)
        let actions = send(.exited(failure), to: &life, after: 1)
        #expect(actions == [.failWaiters(.over(.shutDown)), .report(.ended(.shutDown)), .finish(.shutDown)])
        #expect(send(.startRequested, to: &life) == [])
        #expect(send(.stopRequested, to: &life) == [])
    }

    @Test func `a Shutdown that was never obeyed does not excuse a crash much later`() {
        var life = lifecycle()
        send(.startRequested, to: &life)
        send(.startSucceeded(pid: 1, version: 1), to: &life)
        send(.exitExpected, to: &life)
        #expect(send(.exited(failure), to: &life, after: 31).contains(.scheduleRetry(after: .seconds(1))))
    }

    @Test func `stop in every state`() {
        var idle = lifecycle()
        #expect(send(.stopRequested, to: &idle).last == .finish(.stopped))

        var starting = lifecycle()
        send(.startRequested, to: &starting)
        #expect(send(.stopRequested, to: &starting).first == .abortStart)
        #expect(send(.stopRequested, to: &starting) == [])
        #expect(send(.startFailed(failure), to: &starting).last == .finish(.stopped))

        var ready = lifecycle()
        send(.startRequested, to: &ready)
        send(.stopRequested, to: &ready)
        #expect(send(.startSucceeded(pid: 1, version: 1), to: &ready) == [.stopProcess])
        #expect(send(.exited(failure), to: &ready).last == .finish(.stopped))

        var running = lifecycle()
        send(.startRequested, to: &running)
        send(.startSucceeded(pid: 1, version: 1), to: &running)
        #expect(send(.stopRequested, to: &running).first == .stopProcess)
        #expect(send(.exited(failure), to: &running).last == .finish(.stopped))

        var backingOff = lifecycle()
        send(.startRequested, to: &backingOff)
        send(.startFailed(failure), to: &backingOff)
        let actions = send(.stopRequested, to: &backingOff)
        #expect(actions.first == .cancelRetry && actions.last == .finish(.stopped))
        #expect(send(.retryDue, to: &backingOff) == [], "a timer that fired while it was cancelled")
    }

    @Test func `a lost connection is made anew, and a plugin that keeps closing it is killed`() {
        var life = lifecycle()
        send(.startRequested, to: &life)
        send(.startSucceeded(pid: 1, version: 1), to: &life)
        for _ in 0..<5 {
            #expect(send(.connectionLost(reason: "GOAWAY"), to: &life).first == .reconnect)
            #expect(send(.reconnected, to: &life) == [.answerWaiters])
        }
        #expect(send(.connectionLost(reason: "GOAWAY"), to: &life).first == .killProcess)
        send(.exited(failure), to: &life)
        #expect(life.lastError?.code == .connectionLost)
    }

    @Test func `connections that end now and then do no harm`() {
        var life = lifecycle()
        send(.startRequested, to: &life)
        send(.startSucceeded(pid: 1, version: 1), to: &life)
        for round in 0..<100 {
            #expect(send(.connectionLost(reason: "max age"), to: &life, after: Int64(round) * 11).first == .reconnect)
            send(.reconnected, to: &life)
        }
    }

    @Test func `why a plugin cannot be reached again is remembered`() {
        var life = lifecycle()
        send(.startRequested, to: &life)
        send(.startSucceeded(pid: 1, version: 1), to: &life)
        send(.connectionLost(reason: "reset"), to: &life)
        send(.reconnectFailed(SupervisionError(.connectFailed, "no", side: .plugin, remedy: "")), to: &life)
        send(.exited(failure), to: &life)
        #expect(life.lastError?.code == .connectFailed)
        send(.connectionLost(reason: "late"), to: &life)
        send(.reconnected, to: &life)
        if case .backingOff = life.state {} else { Issue.record("late events must not change the state: \(life.state)") }
    }

    @Test func `a restart on request comes at once and forgets the backoff`() {
        var life = lifecycle()
        send(.startRequested, to: &life)
        for _ in 0..<3 {
            send(.startFailed(failure), to: &life)
            send(.retryDue, to: &life)
        }
        send(.startFailed(failure), to: &life)
        #expect(send(.restartRequested, to: &life).prefix(2) == [.cancelRetry, .launch(generation: 5)])
        #expect(send(.startFailed(failure), to: &life).contains(.scheduleRetry(after: .seconds(1))))

        var running = lifecycle()
        send(.startRequested, to: &running)
        send(.startSucceeded(pid: 1, version: 1), to: &running)
        #expect(send(.restartRequested, to: &running).first == .stopProcess)
        #expect(send(.exited(failure), to: &running).first == .launch(generation: 2))
    }

    @Test func `a stop during a restart wins`() {
        var life = lifecycle()
        send(.startRequested, to: &life)
        send(.startSucceeded(pid: 1, version: 1), to: &life)
        send(.restartRequested, to: &life)
        send(.stopRequested, to: &life)
        #expect(send(.exited(failure), to: &life).last == .finish(.stopped))
    }
}
