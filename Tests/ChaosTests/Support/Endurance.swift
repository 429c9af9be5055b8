import Foundation
import ProcessHarness

/// Calls that a host makes without end, with counts of what became of them.
enum Endurance {
    /// In its place each call has a word of its own, which the answer must hold.
    static let word = "token-0000000000"

    static func request(_ model: [String: Any]) throws -> [String: Any] { try HostUnderTest.request(["A": model]) }

    /// One kind of call and how many at a time. No call may take a minute, whatever happens.
    static func kind(_ name: String, _ op: String, workers: Int, _ request: [String: Any], _ more: [String: Any] = [:])
        -> [String: Any]
    {
        ["name": name, "op": op, "workers": workers, "request": request, "timeoutMs": 60_000].merging(more) { _, new in new }
    }

    /// Short calls, one at a time.
    static func light() throws -> [[String: Any]] {
        [kind("quick", "query", workers: 1, try wordInJSON(["scenario": "series", "name": word]))]
    }

    /// What a v1 data source is asked: short and long queries, chunks, and queries that the host takes back.
    static func legacyMix() throws -> [[String: Any]] {
        [
            kind("quick", "query", workers: 2, try wordInJSON(["scenario": "series", "name": word])),
            kind("slow", "query", workers: 2, try wordInJSON(["scenario": "sleep", "ms": 300, "name": word])),
            kind("chunked", "chunked", workers: 1, try request(["scenario": "points", "points": 2000])),
            kind("cancelled", "query", workers: 1, try request(["scenario": "sleep", "ms": 60000]), ["cancelAfterMs": 50]),
        ]
    }

    /// What a v2 plugin is asked: the same, and streams.
    static func modernMix() throws -> [[String: Any]] {
        [
            kind("quick", "query", workers: 2, try wordInJSON(["echo": true, "x": word])),
            kind("slow", "query", workers: 2, try wordInJSON(["echo": true, "sleepMs": 300, "x": word])),
            kind("large", "query", workers: 1, try request(["bytes": 300_000])),
            kind(
                "stream", "runstream", workers: 2, ["path": "x", "data": ["packets": 20, "intervalMs": 20]],
                ["sequence": "\"packet\":"]),
            kind(
                "endless", "runstream", workers: 1, ["path": "x", "data": ["intervalMs": 10]],
                ["sequence": "\"packet\":", "maxMessages": 15]),
        ]
    }

    /// The query's model as an object, which the host sends character by character, so that it finds the word in it.
    private static func wordInJSON(_ model: [String: Any]) throws -> [String: Any] {
        var request = try request(model)
        var queries = request["queries"] as? [[String: Any]] ?? []
        for index in queries.indices { queries[index]["json"] = model }
        request["queries"] = queries
        return request
    }
}

/// What became of the calls of one kind.
struct Tally {
    let begun: Int
    let answered: Int
    let succeeded: Int
    let wrong: Int
    let codes: [String: Int]
    let examples: [String: String]

    init(_ object: [String: Any]) {
        begun = object["begun"] as? Int ?? 0
        answered = object["answered"] as? Int ?? 0
        succeeded = object["succeeded"] as? Int ?? 0
        wrong = object["wrong"] as? Int ?? 0
        codes = object["codes"] as? [String: Int] ?? [:]
        examples = object["examples"] as? [String: String] ?? [:]
    }
}

extension HostUnderTest {
    func endure(_ mix: [[String: Any]]) throws {
        let answer = try perform("endure", ["mix": mix])
        guard answer["ok"] as? Bool == true else { throw HarnessError("endure: \(answer)") }
    }

    func tallies() throws -> [String: Tally] { try Self.tallies(try perform("endure-state")) }

    /// Begins no more calls and waits for the answers to all that are open.
    func endEndurance(within seconds: Int = 45) throws -> [String: Tally] {
        try Self.tallies(try perform("endure-stop", ["waitMs": seconds * 1000], within: Double(seconds) + 30))
    }

    /// Successful calls so far, of all kinds.
    func successes() throws -> Int { try tallies().values.reduce(0) { $0 + $1.succeeded } }

    private static func tallies(_ answer: [String: Any]) throws -> [String: Tally] {
        guard answer["ok"] as? Bool == true, let kinds = answer["kinds"] as? [String: [String: Any]] else {
            throw HarnessError("endurance: \(answer)")
        }
        return kinds.mapValues { Tally($0) }
    }
}
