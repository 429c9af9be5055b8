import Foundation
import Glibc
import ProcessHarness

/// Processes by the file they run, which tells a test's own from all others.
enum ProcessTable {
    struct Entry: CustomStringConvertible {
        let pid: pid_t
        let executable: String
        var description: String { "\(pid) \(executable)" }
    }

    /// What runs a file beneath `directory`; zombies left out.
    static func beneath(_ directory: String) -> [Entry] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { name in
            guard let pid = pid_t(name), let executable = executable(of: pid), executable.hasPrefix(directory + "/"),
                ProcessFacts.isAlive(pid)
            else { return nil }
            return Entry(pid: pid, executable: executable)
        }
    }

    static func executable(of pid: pid_t) -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/exe")
    }

    /// Processor time of a process so far, in seconds.
    static func processorTime(of pid: pid_t) -> Double {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8), let close = text.lastIndex(of: ")")
        else { return 0 }
        let fields = text[close...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
