import GatewayTestKit
import Testing

/// The translation against references, other people's libraries, its own past, and hostile bytes.
///
/// All of it is seeded: see ``ProofRun`` for how to repeat a failure and for long runs.
@Suite("Proofs", .proofSummary) struct Proofs {}

/// Prints what was looked at when all proofs are through.
struct ProofSummary: SuiteTrait, TestTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        defer {
            let run = ProofRun.current
            print("proof: seed \(run.seed), \(run.cases) cases for each message and direction")
            for line in ProofTally.shared.lines { print("proof: \(line)") }
        }
        try await function()
    }
}

extension Trait where Self == ProofSummary {
    static var proofSummary: Self { Self() }
}

/// A proof that failed for one case.
struct Mismatch: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}

/// The cases of a proof are dealt out to this many tests, which run side by side.
let proofParts = Array(0..<2)

/// Runs one part of the cases of a proof, each with a generator of its own.
func prove(
    _ name: String, part: Int, of standard: Int = ProofRun.standardCases, location: SourceLocation = #_sourceLocation,
    _ body: (inout RandomMessages) throws -> Void
) {
    let run = ProofRun.current
    var checked = 0
    var failures = 0
    for index in stride(from: part, to: run.scaled(standard), by: proofParts.count) {
        let seed = run.seed &+ UInt64(index)
        var random = RandomMessages(seed: seed)
        checked += 1
        do {
            try body(&random)
        } catch {
            Issue.record("\(name), seed \(seed): \(error). \(ProofRun.repetition(seed))", sourceLocation: location)
            failures += 1
            if failures == 3 { break }
        }
    }
    ProofTally.shared.add("random cases", name, checked)
}

/// The numbers of `standard` cases of a usual run, in batches: judges get thousands of messages at once, but not millions.
func proofBatches(of standard: Int) -> [Range<Int>] {
    let count = ProofRun.current.scaled(standard)
    return stride(from: 0, to: count, by: 2000).map { $0..<min(count, $0 + 2000) }
}
