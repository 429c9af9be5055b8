internal import Foundation

/// Runs one suite of this test executable again, in a process of its own and under another command: with a private journald, with
/// sockets from systemd.
///
/// Such a suite is enabled only there (``isInside(_:)``); one test starts it from outside and demands that its tests ran and passed.
enum IsolatedRun {
    private static let variable = "PLUGIN_GATEWAY_TEST_ISOLATED"

    struct Outcome {
        var status: Int32
        var output: String
        /// Tests that ran.
        var tests: Int
    }

    static func isInside(_ suite: String) -> Bool {
        ProcessInfo.processInfo.environment[variable] == suite
    }

    /// Starts `command` followed by this executable with `suite` selected, and waits for it.
    static func process(_ suite: String, under command: [String], environment: [String: String] = [:]) throws -> (Process, Pipe) {
        let executable = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["\(variable)=\(suite)"] + command
            + [executable, "--testing-library", "swift-testing", "--filter", "^TelemetryTests\\.\(suite)/"]
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        return (process, pipe)
    }

    static func run(_ suite: String, under command: [String]) throws -> Outcome {
        let (process, pipe) = try process(suite, under: command)
        try process.run()
        return outcome(process, pipe)
    }

    static func outcome(_ process: Process, _ pipe: Pipe) -> Outcome {
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let tests = output.firstMatch(of: /Test run with (\d+) test/).flatMap { Int($0.1) }
        return Outcome(status: process.terminationStatus, output: output, tests: tests ?? 0)
    }
}

/// Files of the project, from where this file lies.
enum ProjectFiles {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static var deploy: URL { root.appendingPathComponent("deploy") }
    static var journalNamespace: String { root.appendingPathComponent("Tests/Peers/journal-ns.sh").path }
}
