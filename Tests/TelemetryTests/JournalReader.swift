internal import Foundation
internal import Glibc

/// Reads entries back from the private journald.
enum JournalReader {
    /// The entries of this process's executable with this field, oldest first. Values are strings; a repeated field is an array of them.
    ///
    /// Any process can send an entry with our fields, so a reader believes those only whose `_EXE`, which journald adds, is the sender's.
    static func entries(_ field: String, _ value: String) throws -> [[String: Any]] {
        try entriesOfAnybody(field, value, "_EXE=\(FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))")
    }

    /// The entries that match, whoever sent them.
    static func entriesOfAnybody(_ field: String, _ value: String, _ further: String...) throws -> [[String: Any]] {
        try run(["--sync"])
        return try run(["--output=json", "--all", "--no-pager", "\(field)=\(value)"] + further).split(separator: "\n").compactMap
        {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }
    }

    @discardableResult
    private static func run(_ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/journalctl")
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.standardError
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: output, as: UTF8.self)
    }

    /// The private daemon's process.
    static var daemon: pid_t {
        ProcessInfo.processInfo.environment["JOURNALD_PID"].flatMap { pid_t($0) } ?? -1
    }
}

/// The value of a field, or nil when it is absent or repeated.
func text(_ entry: [String: Any]?, _ field: String) -> String? {
    entry?[field] as? String
}
