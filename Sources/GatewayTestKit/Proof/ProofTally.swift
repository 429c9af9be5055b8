internal import Synchronization

/// What the proofs of this process have looked at, for the lines at the end of the run.
package final class ProofTally: Sendable {
    package static let shared = ProofTally()

    private let counts = Mutex<[String: [String: Int]]>([:])

    package init() {}

    /// - Parameter group: the line that the count belongs to.
    package func add(_ group: String, _ name: String, _ count: Int = 1) {
        counts.withLock { $0[group, default: [:]][name, default: 0] += count }
    }

    package func count(_ group: String, _ name: String) -> Int { counts.withLock { $0[group]?[name] ?? 0 } }

    /// One line for each group: `GROUP: 12 this, 3 that`.
    package var lines: [String] {
        counts.withLock { counts in
            counts.sorted { $0.key < $1.key }.map { group, counts in
                let list = counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
                return "\(group): \(list.joined(separator: ", "))"
            }
        }
    }
}
