internal import Foundation
internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import PluginSupervision
internal import Routing
internal import Translation
internal import Transport

/// Starts a plugin for a moment, outside any running gateway, and says what would work.
package struct PluginCheck: Codable, Sendable {
    package struct Finding: Codable, Sendable {
        package var name: String
        package var works: Bool
        package var text: String
    }

    package var executable: String
    package var works: Bool
    package var protocolVersion: Int?
    package var path: String?
    package var findings: [Finding] = []

    /// Probes the executable with the environment of this process.
    package static func run(executable given: String) async throws -> PluginCheck {
        let path = try FileFacts.realPath(given)
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        let directory = String(path[..<slash]), name = String(path[path.index(after: slash)...])
        var check = PluginCheck(executable: path, works: false)
        // A plugin's directory lies beneath its root: here the one above it.
        let root = directory.lastIndex(of: "/").map { String(directory[..<$0]) } ?? ""
        let file: PluginExecutable
        do {
            file = try PluginExecutable.open(directory: directory, name: name, roots: [root.isEmpty ? "/" : root])
            check.add("attach authority", true, "the file and its directories can be written by root and this user only")
        } catch {
            check.add("attach authority", false, "\(error.message). \(error.remedy)")
            return check
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let environment = ProcessInfo.processInfo.environment.map { ($0.key, $0.value) }
        let launch = PluginLaunch(
            pluginID: name, executable: file, environment: environment, workingDirectory: directory,
            temporaryDirectoryRoot: TemporaryDirectories.root, eventLoop: group.next(), logSink: { _ in })
        let supervisor = PluginSupervisor(launch)
        await check.probe(supervisor)
        await supervisor.stop()
        try? await group.shutdownGracefully()
        return check
    }

    private mutating func probe(_ supervisor: PluginSupervisor) async {
        let plugin: RunningPlugin
        do {
            supervisor.start()
            plugin = try await supervisor.running()
        } catch {
            add("start", false, "\(error)")
            return
        }
        add("start", true, "handshake \(plugin.handshake.printed.trimmingCharacters(in: .whitespacesAndNewlines))")
        protocolVersion = plugin.version
        let chosen = TranslationPath.choose(host: AttachmentRouter.hostVersion, plugin: plugin.version)
        path = chosen.reason
        add("negotiation", chosen.mode != .impossible, chosen.reason)
        let health = await supervisor.probeHealth()
        add("health", health == .serving || health == .unimplemented, "gRPC health of service \"plugin\": \(health)")
        let query = plugin.version == 1 ? V1Method.query : "/pluginv2.Data/QueryData"
        // An empty request makes some plugins panic: presence of the method is asked for with a message no plugin can decode.
        let answer = await Self.code(of: query, plugin.client)
        add(
            "queries", answer != .unimplemented && answer != .unavailable,
            answer == .unimplemented ? "\(query) is not served: this is no data source" : "\(query) is served")
        works = findings.allSatisfy(\.works)
    }

    /// The status of a call whose message is no protobuf: UNIMPLEMENTED tells that the method is not there.
    private static func code(of method: String, _ client: PluginClient) async -> GRPCCode {
        do {
            _ = try await client.unary(method, ByteBuffer(bytes: [0xFF]), deadline: .now() + .seconds(5))
            return .ok
        } catch let status as GRPCStatus {
            return status.code
        } catch {
            return .unknown
        }
    }

    private mutating func add(_ name: String, _ works: Bool, _ text: String) {
        findings.append(Finding(name: name, works: works, text: DisplayText.plain(text, limit: 1000)))
    }

    package var jsonText: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    package var terminalText: String {
        var lines = ["\(executable): \(works ? "would work" : "would not work") behind plugin-gateway"]
        for finding in findings { lines.append("  \(finding.works ? "ok  " : "FAIL") \(finding.name): \(finding.text)") }
        return lines.joined(separator: "\n")
    }
}
