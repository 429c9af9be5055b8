import NIOCore
import Testing

@testable import PluginSupervision

@Suite("Lifecycle of a supervised plugin")
struct PluginLifecycleTests {
    private let failure = LifecycleRun.failure

    @Test func `a start answers those who wait`() {
        var run = LifecycleRun()
        #expect(run.send(.startRequested(.attached)).deeds == [.launch(generation: 1)])
        #expect(run.send(.startRequested(.called)) == [])
        #expect(run.send(.negotiated(generation: 1, pid: 7, version: 1)).deeds == [])
        #expect(run.life.state == .negotiated(version: 1))
        #expect(
            run.send(.startSucceeded(generation: 1, pid: 7, version: 1)).deeds == [.serve(generation: 1), .answerWaiters])
    }

    @Test func `every change of state is told with the state before and after, and a cause`() {
        var run = LifecycleRun()
        var reports: [SupervisionEvent] = []
        func note(_ actions: [PluginLifecycle.Action]) { reports += actions.reports }
        note(run.send(.startRequested(.attached)))
        note(run.send(.negotiated(generation: 1, pid: 7, version: 1)))
        note(run.send(.startSucceeded(generation: 1, pid: 7, version: 1)))
        note(run.send(.connectionLost(generation: 1, reason: "GOAWAY")))
        note(run.send(.reconnected(generation: 1)))
        note(run.send(.exited(generation: 1, failure)))
        note(run.send(.retryDue))
        note(run.ready(2))
        note(run.send(.unused(generation: 2)))
        note(run.send(.stopRequested))
        note(run.send(.exited(generation: 2, failure)))
        let states = reports.map { "\($0.before.rawValue) > \($0.after.rawValue)" }
        #expect(
            states == [
                "idle > starting", "starting > negotiated", "negotiated > serving", "serving > reconnecting",
                "reconnecting > serving", "serving > backing-off", "backing-off > starting", "negotiated > serving",
                "serving > idle", "idle > draining", "draining > ended",
            ])
        #expect(reports.allSatisfy { !$0.cause.isEmpty })
    }

    @Test func `failed starts are repeated ever later, up to the maximum`() {
        var run = LifecycleRun()
        run.send(.startRequested(.attached))
        var delays: [Duration] = []
        for generation in 1...6 {
            let actions = run.send(.startFailed(generation: generation, failure))
            delays.append(actions.pause ?? .zero)
            #expect(actions.contains(.failWaiters(LifecycleRun.failed(delays.last ?? .zero))))
            run.send(.retryDue)
        }
        #expect(delays == [.seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(10), .seconds(10)])
        #expect(run.life.starts == 7)
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
        var run = LifecycleRun()
        run.send(.startRequested(.attached))
        for generation in 1...3 {
            run.send(.startFailed(generation: generation, failure))
            run.send(.retryDue)
        }
        run.ready(4)
        #expect(run.send(.exited(generation: 4, failure), after: 59).pause == .seconds(8))
        run.send(.retryDue, after: 70)
        run.ready(5, after: 70)
        #expect(run.send(.exited(generation: 5, failure), after: 131).pause == .seconds(1))
    }

    @Test func `an exit after the host's Shutdown ends the supervision`() {
        var run = LifecycleRun()
        run.serve()
        run.send(.exitExpected)
        let actions = run.send(.exited(generation: 1, failure), after: 1)
        #expect(actions.deeds == [.failWaiters(.over(.shutDown)), .finish(.shutDown)])
        #expect(run.life.state == .ended(.shutDown))
        #expect(run.send(.startRequested(.called)) == [])
        #expect(run.send(.stopRequested) == [])
        #expect(run.send(.replacementWanted(.requested)) == [])
    }

    @Test func `a Shutdown that was never obeyed does not excuse a crash much later`() {
        var run = LifecycleRun()
        run.serve()
        run.send(.exitExpected)
        #expect(run.send(.exited(generation: 1, failure), after: 31).pause == .seconds(1))
    }

    @Test func `stop in every state`() {
        var idle = LifecycleRun()
        #expect(idle.send(.stopRequested).last == .finish(.stopped))

        var starting = LifecycleRun()
        starting.send(.startRequested(.attached))
        #expect(starting.send(.stopRequested).first == .abortStart(generation: 1))
        #expect(starting.send(.stopRequested) == [])
        #expect(starting.send(.startFailed(generation: 1, failure)).last == .finish(.stopped))

        var ready = LifecycleRun()
        ready.send(.startRequested(.attached))
        ready.send(.stopRequested)
        #expect(ready.send(.startSucceeded(generation: 1, pid: 1, version: 1)) == [.stopProcess(generation: 1)])
        #expect(ready.send(.exited(generation: 1, failure)).last == .finish(.stopped))

        var serving = LifecycleRun()
        serving.serve()
        #expect(serving.send(.stopRequested).first == .stopProcess(generation: 1))
        #expect(serving.life.state == .draining(.stopped))
        #expect(serving.send(.exited(generation: 1, failure)).last == .finish(.stopped))

        var backingOff = LifecycleRun()
        backingOff.send(.startRequested(.attached))
        backingOff.send(.startFailed(generation: 1, failure))
        let actions = backingOff.send(.stopRequested)
        #expect(actions.first == .cancelRetry && actions.last == .finish(.stopped))
        #expect(backingOff.send(.retryDue) == [], "a timer that fired while it was cancelled")
    }

    @Test func `a lost connection is made anew, and a plugin that keeps closing it is killed`() {
        var run = LifecycleRun()
        run.serve()
        for _ in 0..<5 {
            #expect(run.send(.connectionLost(generation: 1, reason: "GOAWAY")).first == .reconnect(generation: 1))
            #expect(run.send(.reconnected(generation: 1)).deeds == [.serve(generation: 1), .answerWaiters])
        }
        #expect(run.send(.connectionLost(generation: 1, reason: "GOAWAY")).first == .killProcess(generation: 1))
        run.send(.exited(generation: 1, failure))
        #expect(run.life.lastError?.code == .connectionLost)
    }

    @Test func `connections that end now and then do no harm`() {
        var run = LifecycleRun()
        run.serve()
        for round in 0..<100 {
            let actions = run.send(.connectionLost(generation: 1, reason: "max age"), after: Int64(round) * 11)
            #expect(actions.first == .reconnect(generation: 1))
            run.send(.reconnected(generation: 1))
        }
    }

    @Test func `why a plugin cannot be reached again is remembered`() {
        var run = LifecycleRun()
        run.serve()
        run.send(.connectionLost(generation: 1, reason: "reset"))
        run.send(.reconnectFailed(generation: 1, SupervisionError(.connectFailed, "no", side: .plugin, remedy: "")))
        run.send(.exited(generation: 1, failure))
        #expect(run.life.lastError?.code == .connectFailed)
        run.send(.connectionLost(generation: 1, reason: "late"))
        run.send(.reconnected(generation: 1))
        if case .backingOff = run.life.state {} else { Issue.record("late events must not change the state: \(run.life.state)") }
    }

    @Test func `an unused plugin is stopped, and the next call starts another at once`() {
        var run = LifecycleRun()
        run.serve()
        #expect(run.send(.unused(generation: 1)).deeds == [.retire(generation: 1)])
        #expect(run.life.state == .idle)
        #expect(run.send(.startRequested(.called)).deeds == [.launch(generation: 2)])
        #expect(run.send(.exited(generation: 1, failure)).deeds == [])
        run.ready(2)
        #expect(run.life.current == 2)
        #expect(run.send(.unused(generation: 1)) == [], "late")
    }

    @Test func `a stop waits for whatever is left of earlier processes`() {
        var run = LifecycleRun()
        run.serve()
        run.send(.unused(generation: 1))
        #expect(run.send(.stopRequested).deeds == [.stopProcess(generation: 1), .failWaiters(.stopping)])
        #expect(run.send(.exited(generation: 1, failure)).last == .finish(.stopped))
    }
}
