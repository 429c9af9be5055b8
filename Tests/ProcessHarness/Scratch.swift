internal import Foundation

/// A directory of a test's own with a plugin root in it. Removed by ``remove()``, also when the test fails.
package final class Scratch {
    package let directory: String
    package var plugins: String { directory + "/plugins" }
    package var runtime: String { directory + "/run" }

    /// - Parameter deep: adds that many characters of directories, for the limit on socket paths.
    package init(deep: Int = 0) throws {
        // Trusted by the attach authority: /tmp itself is writable by all, but sticky and of root.
        var template = Array("/tmp/pgw-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw HarnessError("mkdtemp: \(errno)") }
        var path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        base = path
        if deep > 0 { path += "/" + String(repeating: "deep/", count: deep / 5) + "end" }
        directory = path
        try FileManager.default.createDirectory(atPath: path + "/plugins", withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: path + "/run", withIntermediateDirectories: true)
    }
    private let base: String

    package func remove() {
        try? FileManager.default.removeItem(atPath: base)
    }

    /// Installs a plugin the way grafana-cli would; returns its directory.
    @discardableResult
    package func install(
        _ id: String, executable: String, version: String = "1.2.3", files: [String: String] = [:], wrap: Bool = true
    )
        throws -> String
    {
        let directory = "\(plugins)/\(id)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let description: [String: Any] = [
            "id": id, "type": "datasource", "name": id, "backend": true, "executable": "gpx_plugin", "info": ["version": version],
        ]
        try JSONSerialization.data(withJSONObject: description).write(to: URL(fileURLWithPath: directory + "/plugin.json"))
        guard access(executable, X_OK) == 0 else { throw HarnessError("\(executable) is missing: `make test` builds it") }
        try FileManager.default.copyItem(atPath: executable, toPath: "\(directory)/\(Self.executableName)")
        for (name, text) in files { try Data(text.utf8).write(to: URL(fileURLWithPath: "\(directory)/\(name)")) }
        if wrap {
            let result = try Command.run(Places.gateway, ["wrap", directory])
            guard result.code == 0 else { throw HarnessError("wrap: \(result.error)") }
        }
        return directory
    }

    package static let executableName = "gpx_plugin_linux_amd64"

    package func executable(of id: String) -> String { "\(plugins)/\(id)/\(Self.executableName)" }
}

/// One command run to its end.
package struct Command {
    package let code: Int32
    package let output: String
    package let error: String

    package static func run(
        _ executable: String, _ arguments: [String], environment: [String: String] = [:], input: String? = nil,
        within seconds: Double = 60
    ) throws -> Command {
        let errorFile = "/tmp/pgw-command-\(UUID().uuidString)"
        defer { unlink(errorFile) }
        var variables = ProcessInfo.processInfo.environment
        variables.merge(environment) { _, new in new }
        let child = try Child(executable, arguments, environment: variables, errorFile: errorFile)
        if let input { try child.send(input) }
        child.closeInput()
        guard child.wait(within: seconds) != nil else {
            child.end()
            throw HarnessError("\(executable) \(arguments) did not end in \(seconds) s\n\(child.errorText)")
        }
        var output: [String] = []
        while let line = try? child.line(within: 5) { output.append(line) }
        return Command(code: child.exitCode ?? -1, output: output.joined(separator: "\n"), error: child.errorText)
    }
}
