import NIOCore
import Testing

@testable import PluginSupervision

@Suite("One process takes the place of another")
struct ReplacementTests {
    private let failure = LifecycleRun.failure

    @Test func `a candidate takes over when it answers, and the other finishes its calls`() {
        var run = LifecycleRun()
        run.serve(version: 1)
        #expect(run.send(.replacementWanted(.newBuild)).deeds == [.launch(generation: 2)])
        #expect(run.life.current == 1)
        let actions = run.ready(2, version: 2)
        #expect(actions.deeds == [.serve(generation: 2), .answerWaiters, .retire(generation: 1)])
        #expect(run.life.current == 2)
        #expect(run.life.leftovers == [1])
        #expect(actions.reports.map(\.kind) == [.serving(pid: 2, version: 2), .draining])
        let gone = run.send(.exited(generation: 1, failure))
        #expect(gone.reports.map(\.kind) == [.gone])
        #expect(run.life.live == [2])
        #expect(run.life.restarts == 1)
    }

    @Test func `a candidate that fails changes nothing but the account`() {
        var run = LifecycleRun()
        run.serve()
        run.send(.replacementWanted(.newBuild))
        let actions = run.send(.startFailed(generation: 2, failure))
        #expect(actions.deeds == [])
        #expect(actions.reports.map(\.kind) == [.candidateFailed(failure)])
        #expect(run.life.candidateFailure == failure)
        #expect(run.life.current == 1)
        if case .serving = run.life.state {} else { Issue.record("\(run.life.state)") }
        // What failed before is history once another took over, or the file is the old one again.
        run.send(.replacementUnwanted)
        #expect(run.life.candidateFailure == nil)
    }

    @Test func `a file that is being written is one entry, however often it is tried`() {
        var run = LifecycleRun()
        run.serve()
        let busy = SupervisionError(.executableBusy, "busy", side: .nobody, remedy: "")
        var entries = 0
        for generation in 2...6 {
            run.send(.replacementWanted(.newBuild))
            entries += run.send(.startFailed(generation: generation, busy)).reports.count
        }
        #expect(entries == 1)
    }

    @Test func `a change during a start is tried right after it`() {
        var good = LifecycleRun()
        good.send(.startRequested(.attached))
        #expect(good.send(.replacementWanted(.newBuild)) == [])
        let actions = good.ready(1)
        #expect(actions.deeds == [.serve(generation: 1), .answerWaiters, .launch(generation: 2)])

        var bad = LifecycleRun()
        bad.send(.startRequested(.attached))
        bad.send(.replacementWanted(.newBuild))
        #expect(
            bad.send(.startFailed(generation: 1, failure)).deeds == [.launch(generation: 2)], "no pause: another file is there")
    }

    @Test func `a newer build takes the place of a candidate`() {
        var run = LifecycleRun()
        run.serve()
        run.send(.replacementWanted(.newBuild))
        #expect(run.send(.replacementWanted(.newBuild)).deeds == [.abortStart(generation: 2), .launch(generation: 3)])
        #expect(run.send(.startSucceeded(generation: 2, pid: 2, version: 1)).deeds == [.stopProcess(generation: 2)])
        run.send(.exited(generation: 2, failure))
        run.ready(3)
        #expect(run.life.current == 3)
        #expect(run.life.candidateFailure == nil)
    }

    @Test func `a restart that is asked for twice starts one process`() {
        var run = LifecycleRun()
        run.serve()
        #expect(run.send(.replacementWanted(.requested)).deeds == [.launch(generation: 2)])
        #expect(run.send(.replacementWanted(.requested)) == [])
        run.ready(2)
        #expect(run.life.current == 2)
    }

    @Test func `a crash while a candidate is being started waits for that`() {
        var run = LifecycleRun()
        run.serve()
        run.send(.replacementWanted(.newBuild))
        run.send(.negotiated(generation: 2, pid: 2, version: 2))
        let actions = run.send(.exited(generation: 1, failure))
        #expect(actions.deeds == [])
        #expect(actions.reports.map(\.kind) == [.failed(failure)])
        #expect(run.life.state == .negotiated(version: 2))
        #expect(run.life.current == 2)
        #expect(
            run.send(.startSucceeded(generation: 2, pid: 2, version: 2)).deeds == [
                .serve(generation: 2), .answerWaiters, .moveHosts,
            ])
    }

    @Test func `a crash while a candidate is being started, which then fails, backs off`() {
        var run = LifecycleRun()
        run.serve()
        run.send(.replacementWanted(.newBuild))
        run.send(.exited(generation: 1, failure))
        #expect(run.life.state == .starting)
        #expect(run.send(.startFailed(generation: 2, failure)).pause == .seconds(1))
    }

    @Test func `processes that drain do not pile up`() {
        var run = LifecycleRun()
        run.serve()
        var stopped: [Int] = []
        for generation in 2...10 {
            run.send(.replacementWanted(.newBuild))
            for case .stopProcess(let generation) in run.ready(generation) {
                stopped.append(generation)
                run.send(.exited(generation: generation, failure))
            }
            #expect(run.life.leftovers.count <= PluginLifecycle.maximumDraining + 1)
        }
        #expect(stopped == [1, 2, 3, 4, 5, 6])
    }

    @Test func `a stop ends the serving process, the candidate, and those that drain`() {
        var run = LifecycleRun()
        run.serve()
        run.send(.replacementWanted(.newBuild))
        run.ready(2)
        run.send(.replacementWanted(.newBuild))
        let actions = run.send(.stopRequested)
        #expect(
            actions.deeds == [
                .stopProcess(generation: 2), .abortStart(generation: 3), .stopProcess(generation: 1), .failWaiters(.stopping),
            ])
        #expect(run.send(.exited(generation: 1, failure)) == [])
        #expect(run.send(.startFailed(generation: 3, failure)) == [])
        #expect(run.send(.exited(generation: 2, failure)).last == .finish(.stopped))
    }

    @Test func `the host's Shutdown of the serving process ends all others too`() {
        var run = LifecycleRun()
        run.serve()
        run.send(.replacementWanted(.newBuild))
        run.ready(2)
        run.send(.exitExpected)
        #expect(run.send(.exited(generation: 2, failure)).deeds == [.stopProcess(generation: 1), .failWaiters(.stopping)])
        #expect(run.send(.exited(generation: 1, failure)).last == .finish(.shutDown))
    }

    @Test func `a file that is refused or gone leaves the running process alone`() {
        var run = LifecycleRun()
        run.serve()
        let refused = SupervisionError(.executableRefused, "writable by everybody", side: .nobody, remedy: "chmod")
        let actions = run.send(.replacementRefused(refused))
        #expect(actions.deeds == [])
        #expect(run.life.candidateFailure == refused)
        run.send(.replacementWanted(.newBuild))
        #expect(run.send(.replacementRefused(refused)).deeds == [.abortStart(generation: 2)])
    }

    @Test func `an idle plugin is not started by a new build`() {
        var run = LifecycleRun()
        run.serve()
        run.send(.unused(generation: 1))
        #expect(run.send(.replacementWanted(.newBuild)) == [])
        #expect(run.send(.replacementWanted(.requested)).deeds == [.launch(generation: 2)])
    }

    @Test func `nothing that comes late or out of turn does harm`() {
        // Every event in every order of a few: whatever comes, what is live and what is told to end stay consistent.
        let events: [PluginLifecycle.Event] = [
            .startRequested(.called), .negotiated(generation: 1, pid: 1, version: 1),
            .startSucceeded(generation: 1, pid: 1, version: 1), .connectionLost(generation: 1, reason: "x"),
            .reconnected(generation: 1), .exitExpected, .replacementWanted(.newBuild), .replacementWanted(.requested),
            .replacementUnwanted, .unused(generation: 1), .retryDue,
            .startSucceeded(generation: 2, pid: 2, version: 2), .exited(generation: 1, failure),
        ]
        var random = SplitMix(seed: 7)
        for _ in 0..<3000 {
            var run = LifecycleRun()
            for _ in 0..<30 {
                let event = events[Int(random.next() % UInt64(events.count))]
                guard Self.mayHappen(event, run.life) else { continue }
                run.send(event)
                let known = [run.life.current, run.life.candidate?.generation].compactMap { $0 }
                #expect(known.allSatisfy { run.life.live.contains($0) })
                #expect(Set(run.life.live).count == run.life.live.count)
            }
            run.send(.stopRequested)
            for generation in run.life.live { run.send(.exited(generation: generation, failure)) }
            if case .ended = run.life.state {} else { Issue.record("\(run.life.state) with \(run.life.live)") }
        }
    }

    /// What the shell cannot send: the end of what does not exist, and a start that succeeds twice.
    private static func mayHappen(_ event: PluginLifecycle.Event, _ life: PluginLifecycle) -> Bool {
        switch event {
        case .startSucceeded(let generation, _, _), .negotiated(let generation, _, _):
            guard life.live.contains(generation) else { return false }
            if generation != life.current { return true }
            return switch life.state {
            case .starting, .negotiated: true
            default: false
            }
        case .exited(let generation, _):
            guard life.live.contains(generation), generation != life.candidate?.generation else { return false }
            if generation != life.current { return true }
            return switch life.state {
            case .starting, .negotiated: false
            default: true
            }
        default: return true
        }
    }
}

/// A small generator with a seed, so that a failure can be had again.
struct SplitMix {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
