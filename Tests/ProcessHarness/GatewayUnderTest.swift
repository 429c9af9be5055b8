internal import Foundation
package import Glibc

/// A running `plugin-gateway serve` of a test.
package final class GatewayUnderTest {
    package let scratch: Scratch
    package let child: Child
    package var socket: String { scratch.runtime + "/control.sock" }
    /// What a locator needs to find it.
    package var environment: [String: String] { ["PLUGIN_GATEWAY_SOCKET": socket] }

    /// - Parameter launcher: a command that runs the gateway, in its own process and perhaps in a mount namespace of its own.
    package init(
        _ scratch: Scratch, configuration: String = "", environment: [String: String] = [:], launcher: [String] = []
    ) throws {
        self.scratch = scratch
        let file = try Self.write(configuration, roots: [scratch.plugins], runtime: scratch.runtime, in: scratch)
        var variables = ProcessInfo.processInfo.environment
        variables.merge(environment) { _, new in new }
        let command = launcher + [Places.gateway, "serve", "--config", file]
        child = try Child(
            command[0], Array(command.dropFirst()), environment: variables, errorFile: scratch.directory + "/gateway.log")
        // A socket file may be left of an earlier gateway: only one that accepts counts.
        let root = launcher.isEmpty ? "" : "/proc/\(child.pid)/root"
        try waitUntil("the gateway listens") { Self.accepts(root + self.socket) || self.child.hasEnded }
        if child.hasEnded { throw HarnessError("the gateway did not start:\n\(child.errorText)") }
    }

    /// Writes the file anew: these lines, below the three that every test has.
    package func configure(_ configuration: String, roots: [String]? = nil, runtime: String? = nil) throws {
        _ = try Self.write(
            configuration, roots: roots ?? [scratch.plugins], runtime: runtime ?? scratch.runtime, in: scratch)
    }

    private static func write(_ configuration: String, roots: [String], runtime: String, in scratch: Scratch) throws -> String {
        let file = scratch.directory + "/config.yaml"
        let text = """
            plugin_roots: \(roots)
            runtime_directory: \(runtime)
            telemetry: {snapshot_interval: 500ms}
            \(configuration)
            """
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        return file
    }

    package func reload() throws -> Command {
        try Command.run(Places.gateway, ["reload"], environment: environment, within: 100)
    }

    /// Whether somebody accepts connections on a socket.
    package static func accepts(_ path: String) -> Bool {
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }

    package var log: String { child.errorText }

    package func status() throws -> [String: Any] {
        let result = try Command.run(Places.gateway, ["status", "--json"], environment: environment)
        guard result.code == 0 else { throw HarnessError("status: \(result.error)") }
        return try JSON.object(result.output)
    }

    package func plugins() throws -> [[String: Any]] { try status()["plugins"] as? [[String: Any]] ?? [] }

    package func call(_ arguments: [String], input: String? = nil) throws -> Command {
        try Command.run(Places.gateway, ["call"] + arguments, environment: environment, input: input)
    }

    /// Of the gateway's process, in KiB.
    package var residentKiB: Int { ProcessFacts.residentKiB(child.pid) }
    package var descriptors: Int { ProcessFacts.descriptors(child.pid) }

    package func stop() {
        child.end()
        scratch.remove()
    }
}

/// Facts about processes, from /proc.
package enum ProcessFacts {
    package static func residentKiB(_ pid: pid_t) -> Int {
        let text = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return Int(line.split(separator: " ").dropFirst().first ?? "0") ?? 0
    }

    package static func descriptors(_ pid: pid_t) -> Int {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd")) ?? []).count
    }

    /// What the open descriptors lead to, such as a file's path or `socket:[…]`, in order.
    package static func descriptorTargets(_ pid: pid_t) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd")) ?? []
        return names.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/fd/\($0)") }.sorted()
    }

    package static func isAlive(_ pid: pid_t) -> Bool {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8), let close = text.lastIndex(of: ")")
        else { return false }
        return text[text.index(close, offsetBy: 2)...].first != "Z"
    }

    package static func children(of pid: pid_t) -> [pid_t] {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
        return tasks.flatMap { task -> [pid_t] in
            let text = (try? String(contentsOfFile: "/proc/\(pid)/task/\(task)/children", encoding: .utf8)) ?? ""
            return text.split(separator: " ").compactMap { pid_t($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        }
    }
}

/// Polls until something is so.
package func waitUntil(_ what: String, within seconds: Double = 30, _ condition: () throws -> Bool) throws {
    let limit = Date(timeIntervalSinceNow: seconds)
    while try !condition() {
        guard Date() < limit else { throw HarnessError("waited \(seconds) s in vain: \(what)") }
        usleep(10_000)
    }
}

package enum JSON {
    package static func object(_ text: String) throws -> [String: Any] {
        guard let value = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] else {
            throw HarnessError("not a JSON object: \(text.prefix(300))")
        }
        return value
    }

    package static func text(_ value: Any) throws -> String {
        String(
            decoding: try JSONSerialization.data(withJSONObject: value, options: [.fragmentsAllowed, .sortedKeys]), as: UTF8.self)
    }
}
