import NIOCore
import Testing

@testable import PluginSupervision

@Suite("Breaker of a plugin that keeps failing")
struct BreakerTests {
    private let failure = LifecycleRun.failure

    private func run() -> LifecycleRun {
        LifecycleRun { limits in
            limits.breaker.failures = 3
            limits.breaker.window = .seconds(60)
            limits.breaker.pause = .seconds(60)
            limits.breaker.maximumPause = .seconds(200)
        }
    }

    @Test func `it opens at the last failure that is allowed within the window`() {
        var run = run()
        run.send(.startRequested(.attached))
        #expect(run.send(.startFailed(generation: 1, failure)).pause == .seconds(1))
        run.send(.retryDue)
        #expect(run.send(.startFailed(generation: 2, failure), after: 10).pause == .seconds(2))
        run.send(.retryDue)
        let actions = run.send(.startFailed(generation: 3, failure), after: 20)
        #expect(actions.pause == .seconds(60))
        guard case .broken(_, let error) = run.life.state else {
            Issue.record("\(run.life.state)")
            return
        }
        #expect(error.message.contains("too often") && error.message.contains("gone"))
        #expect(error.retryAfter == .seconds(60))
        #expect(error.remedy.contains("plugin-gateway restart"))
        #expect(actions.contains(.failWaiters(error)))
        #expect(actions.reports.map(\.kind) == [.broken(error)])
    }

    @Test func `failures that are far apart do not count together`() {
        var run = run()
        run.send(.startRequested(.attached))
        for generation in 1...20 {
            run.send(.startFailed(generation: generation, failure), after: Int64(generation) * 31)
            if case .broken = run.life.state { Issue.record("open at failure \(generation)") }
            run.send(.retryDue)
        }
    }

    @Test func `each attempt that fails doubles the pause, up to the maximum, and a stable plugin has a clean record`() {
        var run = run()
        run.send(.startRequested(.attached))
        for generation in 1...2 {
            run.send(.startFailed(generation: generation, failure), after: 2990)
            run.send(.retryDue)
        }
        var pauses: [Duration] = []
        for generation in 3...6 {
            pauses += [run.send(.startFailed(generation: generation, failure), after: Int64(generation) * 1000).pause ?? .zero]
            run.send(.retryDue)
        }
        #expect(pauses == [.seconds(60), .seconds(120), .seconds(200), .seconds(200)])
        // It comes up and soon goes down.
        run.ready(7, after: 9000)
        #expect(run.send(.exited(generation: 7, failure), after: 9059).pause == .seconds(200))
        run.send(.retryDue)
        run.ready(8, after: 10_000)
        #expect(run.send(.exited(generation: 8, failure), after: 10_060).pause == .seconds(1))
    }

    @Test(arguments: [ReplacementCause.requested, .newBuild, .reconfigured, .restored])
    func `what is new is tried at once, and has a clean record`(cause: ReplacementCause) {
        var run = run()
        run.send(.startRequested(.attached))
        for generation in 1...3 {
            run.send(.retryDue)
            run.send(.startFailed(generation: generation, failure))
        }
        #expect(run.send(.replacementWanted(cause)).deeds == [.cancelRetry, .launch(generation: 4)])
        #expect(run.send(.startFailed(generation: 4, failure)).pause == .seconds(1))
    }

    @Test(arguments: [SupervisionError.Code.executableMissing, .executableRefused, .executableChanging, .executableBusy])
    func `a file that cannot be run does not open it`(code: SupervisionError.Code) {
        var run = run()
        run.send(.startRequested(.attached))
        for generation in 1...20 {
            run.send(.startFailed(generation: generation, SupervisionError(code, "no", side: .nobody, remedy: "")))
            if case .broken = run.life.state { Issue.record("open at failure \(generation)") }
            run.send(.retryDue)
        }
    }
}
