internal import Foundation

/// The committed counts, by the name of the workload.
package struct AllocationThresholds {
    /// What a count may be above its threshold, in percent, for another patch version of compiler or C library.
    package static let tolerance = 3
    private static let remedy = """
        If the change is worth it, run `make bench-thresholds`, commit the file, and say why in the message; if not, find the \
        allocation (`make bench-translation` shows what one run takes).
        """

    private let counts: [String: AllocationCount]

    package init(file: String) throws {
        guard FileManager.default.isReadableFile(atPath: file) else {
            throw BenchmarkError("there is no readable file \(file). `make bench-thresholds` writes the thresholds.")
        }
        do {
            counts = try JSONDecoder().decode([String: AllocationCount].self, from: Data(contentsOf: URL(fileURLWithPath: file)))
        } catch {
            throw BenchmarkError(
                "the thresholds in \(file) cannot be read: \(error). Write them anew with `make bench-thresholds`.")
        }
    }

    package static func write(_ counts: [String: AllocationCount], to file: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        var text = try encoder.encode(counts)
        text.append(UInt8(ascii: "\n"))
        try text.write(to: URL(fileURLWithPath: file), options: .atomic)
    }

    /// - Parameter measured: the counts of all workloads.
    /// - Returns: one sentence for each count that is too high and each name that is on one side only; empty when all is well.
    package func faults(of measured: [String: AllocationCount]) -> [String] {
        var faults: [String] = []
        for (name, count) in measured.sorted(by: { $0.key < $1.key }) {
            guard let threshold = counts[name] else {
                faults.append("\(name) has no threshold.")
                continue
            }
            let kinds: [(String, KeyPath<AllocationCount, Int>)] = [
                ("allocations", \.allocations), ("bytes allocated", \.bytes), ("bytes at the peak", \.peak),
            ]
            for (kind, path) in kinds where count[keyPath: path] > Self.limit(threshold[keyPath: path]) {
                faults.append(
                    "\(name): \(count[keyPath: path]) \(kind), the threshold is \(threshold[keyPath: path]) (and \(Self.tolerance) %)."
                )
            }
        }
        for name in counts.keys.sorted() where measured[name] == nil {
            faults.append("\(name) has a threshold and is no workload.")
        }
        if !faults.isEmpty { faults.append(Self.remedy) }
        return faults
    }

    /// Workloads whose counts are well below: their thresholds guard little.
    package func slack(of measured: [String: AllocationCount]) -> [String] {
        measured.keys.sorted().filter { name in
            guard let threshold = counts[name], let count = measured[name] else { return false }
            return count.allocations * 10 < threshold.allocations * 8 || count.peak * 10 < threshold.peak * 8
        }
    }

    private static func limit(_ threshold: Int) -> Int { threshold + threshold * tolerance / 100 + 1 }
}
