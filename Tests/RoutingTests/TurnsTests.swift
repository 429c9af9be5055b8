import Synchronization
import Testing

@testable import Routing

@Suite("Turns")
struct TurnsTests {
    /// Work that ends when it is told to.
    private final class Gate: Sendable {
        private let state = Mutex<(open: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

        func pass() async {
            await withCheckedContinuation { continuation in
                let passes = state.withLock { state -> Bool in
                    if !state.open { state.waiting.append(continuation) }
                    return state.open
                }
                if passes { continuation.resume() }
            }
        }

        func open() {
            let waiting = state.withLock { state in
                state.open = true
                defer { state.waiting = [] }
                return state.waiting
            }
            for continuation in waiting { continuation.resume() }
        }
    }

    /// Takes the only turn and keeps it until the gate opens.
    private func hold(_ turns: Turns, _ lane: Turns.Lane, _ gate: Gate) async -> Task<Void, any Error> {
        let begun = Gate()
        let task = Task {
            try await turns.run(in: lane) {
                begun.open()
                await gate.pass()
            }
        }
        await begun.pass()
        return task
    }

    private func settle(_ turns: Turns, _ count: Int) async {
        while turns.waiting != count { await Task.yield() }
    }

    @Test func `a lane with many waiting takes turns with a lane that has few`() async throws {
        let turns = Turns(width: 1)
        let gate = Gate()
        let order = Log()
        let (many, few) = (turns.lane(), turns.lane())
        var tasks = [await hold(turns, many, gate)]
        for number in 0..<103 {
            let (lane, name) = number < 100 ? (many, "many") : (few, "few")
            tasks.append(Task { try await turns.run(in: lane) { order.add(name) } })
            await settle(turns, number + 1)
        }
        gate.open()
        for task in tasks { try await task.value }
        #expect(order.names.count == 103)
        #expect(Array(order.names.prefix(6)) == ["many", "few", "many", "few", "many", "few"])
        #expect(turns.waiting == 0)
    }

    @Test func `there are never more at work than there are turns, and every turn comes back`() async throws {
        let turns = Turns(width: 3)
        let counts = Counts()
        let tasks = (0..<500).map { number in
            let lane = turns.lane()
            let task = Task {
                try await turns.run(in: lane) {
                    counts.enter()
                    await Task.yield()
                    counts.leave()
                    if number % 7 == 0 { throw CancellationError() }
                }
            }
            if number % 5 == 0 { task.cancel() }
            return task
        }
        for task in tasks { _ = await task.result }
        #expect(counts.most <= 3)
        #expect(turns.waiting == 0)
        // All three turns are free again.
        let gate = Gate()
        var holders: [Task<Void, any Error>] = []
        for _ in 0..<3 { holders.append(await hold(turns, turns.lane(), gate)) }
        gate.open()
        for holder in holders { try await holder.value }
    }

    @Test func `who is cancelled while it waits leaves its lane, others have their turns`() async throws {
        let turns = Turns(width: 1)
        let gate = Gate()
        let lane = turns.lane()
        let holder = await hold(turns, lane, gate)
        let cancelled = Task { try await turns.run(in: lane) {} }
        let patient = Task { try await turns.run(in: lane) { 1 } }
        await settle(turns, 2)
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        #expect(turns.waiting == 1)
        gate.open()
        try await holder.value
        #expect(try await patient.value == 1)
        #expect(turns.waiting == 0)
    }

    private final class Log: Sendable {
        private let state = Mutex<[String]>([])
        var names: [String] { state.withLock { $0 } }
        func add(_ name: String) { state.withLock { $0.append(name) } }
    }

    private final class Counts: Sendable {
        private let state = Mutex((now: 0, most: 0))
        var most: Int { state.withLock { $0.most } }
        func enter() {
            state.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
        }
        func leave() { state.withLock { $0.now -= 1 } }
    }
}
