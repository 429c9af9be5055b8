internal import Glibc
internal import TranslationWorkloads

/// `translation-allocations check|write FILE`: holds what each workload allocates against the thresholds in a file, or writes them.
@main struct TranslationAllocations {
    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        guard let verb = arguments.first, let file = arguments.dropFirst().first, arguments.count == 2,
            ["check", "write"].contains(verb)
        else {
            complain("usage: translation-allocations check|write FILE")
            exit(64)
        }
        do {
            var counts: [String: AllocationCount] = [:]
            for workload in try Workloads.all() { counts[workload.name] = try AllocationCount { _ = try workload.run() } }
            if verb == "write" {
                try AllocationThresholds.write(counts, to: file)
            } else {
                try check(counts, AllocationThresholds(file: file))
            }
        } catch {
            complain("\(error)")
            exit(65)
        }
    }

    private static func check(_ counts: [String: AllocationCount], _ thresholds: AllocationThresholds) throws {
        let faults = try thresholds.faults(of: counts) + MemoryBounds.faults()
        guard faults.isEmpty else {
            faults.forEach(complain)
            exit(1)
        }
        let slack = thresholds.slack(of: counts)
        if !slack.isEmpty {
            print("well below their thresholds, which `make bench-thresholds` can lower: \(slack.joined(separator: ", "))")
        }
        print("allocations hold: \(counts.count) workloads, and the bounds of memory: \(MemoryBounds.replies) hostile replies")
    }

    private static func complain(_ text: String) {
        var line = "allocations: \(text)\n"
        _ = line.withUTF8 { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
