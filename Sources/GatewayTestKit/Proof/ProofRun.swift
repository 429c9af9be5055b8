internal import Foundation

/// How much the proofs do in this run, and with which random numbers.
///
/// - `PLUGIN_GATEWAY_PROOF_CASES` (default 10000): random cases for each message and direction; every other count is scaled alike.
/// - `PLUGIN_GATEWAY_PROOF_SEED`: the seed of the first case; the next one has the next number. Without it each run has its own.
///
/// A case is made of its seed alone. A failure names it, and with this seed and one case the same thing happens again.
package struct ProofRun: Sendable {
    package static let standardCases = 10_000
    package static let current = ProofRun(ProcessInfo.processInfo.environment)

    package let cases: Int
    package let seed: UInt64

    init(_ environment: [String: String]) {
        cases = max(1, environment["PLUGIN_GATEWAY_PROOF_CASES"].flatMap { Int($0) } ?? Self.standardCases)
        seed = environment["PLUGIN_GATEWAY_PROOF_SEED"].flatMap { UInt64($0) } ?? .random(in: 0...UInt64(Int64.max))
    }

    /// `standard` cases of a usual run in this run's measure; at least one.
    package func scaled(_ standard: Int) -> Int {
        max(1, Int((Double(standard) * Double(cases) / Double(Self.standardCases)).rounded(.up)))
    }

    /// How to make a failing case happen again.
    package static func repetition(_ seed: UInt64) -> String {
        "repeat with PLUGIN_GATEWAY_PROOF_SEED=\(seed) PLUGIN_GATEWAY_PROOF_CASES=1"
    }
}
