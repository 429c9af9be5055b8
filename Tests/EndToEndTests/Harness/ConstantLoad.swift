import Foundation

/// Calls of a real host that go on all the while, of different lengths, until told to stop. The host takes no other command meanwhile.
///
/// `@unchecked`: what changes is only touched while `condition` is locked, and the host belongs to the load's thread from `init` until
/// `stop()` returns.
final class ConstantLoad: @unchecked Sendable {
    struct Result {
        var calls = 0
        var errors = 0
        var failures: [String] = []
        /// Of the slowest call.
        var slowestMilliseconds = 0.0
    }

    /// How long the calls take in the plugin, how many there are at one time, and how many one after the other in a round.
    private static let kinds: [(milliseconds: Int, concurrency: Int, rounds: Int)] = [
        (1, 4, 300), (20, 4, 80), (300, 4, 10), (1000, 2, 3), (3000, 2, 1),
    ]

    private let host: HostUnderTest
    private let condition = NSCondition()
    private var isStopping = false
    private var isOver = false
    private var result = Result()
    private var failure: (any Error)?

    init(_ host: HostUnderTest) throws {
        self.host = host
        let commands = try Self.kinds.map { kind in
            // A v1 plugin sleeps `ms`, a v2 plugin `sleepMs`.
            let model: [String: Any] = ["scenario": "sleep", "ms": kind.milliseconds, "sleepMs": kind.milliseconds]
            return try JSON.text([
                "op": "load", "async": true, "request": HostUnderTest.request(["A": model]),
                "count": kind.rounds * kind.concurrency, "concurrency": kind.concurrency, "timeoutMs": 60_000,
            ])
        }
        Thread.detachNewThread { [self] in run(commands) }
    }

    /// Ends the load after the calls that have begun, and tells what became of all.
    func stop() throws -> Result {
        condition.lock()
        defer { condition.unlock() }
        isStopping = true
        let limit = Date(timeIntervalSinceNow: 120)
        while !isOver { guard condition.wait(until: limit) else { throw HarnessError("the load does not end") } }
        if let failure { throw failure }
        return result
    }

    /// Calls that have ended so far, by rounds.
    var calls: Int { condition.withLock { result.calls } }

    private func run(_ commands: [String]) {
        do {
            // Each kind is begun anew as soon as its round is over.
            for command in commands { try host.child.send(command) }
            var open = commands.count
            while open > 0 {
                let round = try JSON.object(host.child.line(within: 120))
                let isStopping = condition.withLock { () -> Bool in
                    result.calls += round["count"] as? Int ?? 0
                    result.errors += round["errors"] as? Int ?? 1
                    result.slowestMilliseconds = max(result.slowestMilliseconds, round["maxMs"] as? Double ?? 0)
                    for failure in round["failures"] as? [Any] ?? [] where result.failures.count < 10 {
                        result.failures.append("\(failure)")
                    }
                    return self.isStopping
                }
                open -= 1
                guard !isStopping else { continue }
                // Which kind it was does not matter as long as each goes on: the number of calls in a round tells.
                let count = round["count"] as? Int ?? 0
                guard let kind = Self.kinds.firstIndex(where: { $0.rounds * $0.concurrency == count }) else {
                    throw HarnessError("not a round of the load: \(round)")
                }
                try host.child.send(commands[kind])
                open += 1
            }
        } catch {
            condition.withLock { failure = error }
        }
        condition.withLock {
            isOver = true
            condition.broadcast()
        }
    }
}
