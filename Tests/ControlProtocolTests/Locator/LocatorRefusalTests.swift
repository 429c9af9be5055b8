import ControlProtocol
import Foundation
import Glibc
import Testing

/// Each way a locator can fail gives exactly one line that a host logs as an error, nothing on standard output, and its exit status.
@Suite struct LocatorRefusalTests {
    private struct End {
        var status: Int32
        var record: [String: String]
        var message: String { record["@message"] ?? "" }
    }

    private static func end(of process: LocatorProcess) throws -> End {
        let output = try process.restOfOutput()
        let lines = try process.restOfErrors().split(separator: "\n").map(String.init)
        #expect(output.isEmpty)
        #expect(lines.count == 1, "\(lines)")
        let record = try LocatorProcess.record(lines.first ?? "{}")
        #expect(record["@level"] == "error")
        #expect(record["@timestamp"]?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z/) != nil)
        return End(status: try process.wait(), record: record)
    }

    private func run(_ environment: [String: String]) async throws -> End {
        try await onOwnThread {
            let scratch = try ScratchDirectory()
            return try withExtendedLifetime(scratch) {
                let process = try LocatorProcess([try LocatorBinary.install(in: scratch.path)], environment: environment)
                return try Self.end(of: process)
            }
        }
    }

    /// Lets a fake gateway answer the locator's attach request.
    private func run(answer: @escaping @Sendable (FakeGateway.Peer) throws -> Void) async throws -> End {
        try await onOwnThread {
            let scratch = try ScratchDirectory()
            return try withExtendedLifetime(scratch) {
                let gateway = try FakeGateway(path: "\(scratch.path)/c.sock")
                let process = try LocatorProcess(
                    [try LocatorBinary.install(in: scratch.path)], environment: LocatorProcess.environment(socket: gateway.path))
                let peer = try gateway.accept()
                _ = try peer.attachRequest()
                try answer(peer)
                return try withExtendedLifetime(peer) { try Self.end(of: process) }
            }
        }
    }

    @Test func startedByHandItExplainsWhatItIs() async throws {
        let end = try await run([:])
        #expect(end.status == 64)
        #expect(end.message.contains("\"gpx_test\" is the plugin-locator of plugin-gateway"))
        #expect(end.message.contains("plugin-gateway unwrap"))
    }

    @Test func aForeignCookieIsNamed() async throws {
        let end = try await run(["grafana_plugin_type": "vault"])
        #expect(end.status == 64)
        #expect(end.message.contains("plugin of type \"vault\""))
    }

    @Test func aHostThatDoesNotOfferVersionTwo() async throws {
        let end = try await run(["grafana_plugin_type": "datasource", "PLUGIN_PROTOCOL_VERSIONS": "1"])
        #expect(end.status == 78)
        #expect(end.message.contains("does not offer version 2"))
    }

    @Test func aHostThatOffersNoVersions() async throws {
        let end = try await run(["grafana_plugin_type": "datasource"])
        #expect(end.status == 78)
        #expect(end.message.contains("does not offer version 2"))
    }

    @Test func aHostThatAsksForAutoMTLS() async throws {
        let end = try await run([
            "grafana_plugin_type": "datasource", "PLUGIN_PROTOCOL_VERSIONS": "2", "PLUGIN_CLIENT_CERT": "canary",
        ])
        #expect(end.status == 78)
        #expect(end.message.contains("switch AutoMTLS off"))
        #expect(!end.message.contains("canary"))
    }

    @Test func anAbsentGateway() async throws {
        let end = try await run(
            LocatorProcess.environment(socket: "/tmp/none/of/this.sock", ["PLUGIN_GATEWAY_ATTACH_TIMEOUT": "0.2"]))
        #expect(end.status == 69)
        #expect(end.message.contains("/tmp/none/of/this.sock"))
        #expect(end.message.contains("systemctl start plugin-gateway.socket"))
    }

    @Test func aSocketThatADeadGatewayLeftBehind() async throws {
        let end = try await onOwnThread {
            let scratch = try ScratchDirectory()
            return try withExtendedLifetime(scratch) {
                let gateway = try FakeGateway(path: "\(scratch.path)/c.sock")
                gateway.stop()
                let environment = LocatorProcess.environment(socket: gateway.path, ["PLUGIN_GATEWAY_ATTACH_TIMEOUT": "0.2"])
                return try Self.end(
                    of: try LocatorProcess([try LocatorBinary.install(in: scratch.path)], environment: environment))
            }
        }
        #expect(end.status == 69)
        #expect(end.message.contains("systemctl start plugin-gateway.socket"))
    }

    @Test func aGatewayThatAcceptsAndNeverAnswers() async throws {
        let end = try await onOwnThread {
            let scratch = try ScratchDirectory()
            return try withExtendedLifetime(scratch) {
                let gateway = try FakeGateway(path: "\(scratch.path)/c.sock")
                let environment = LocatorProcess.environment(socket: gateway.path, ["PLUGIN_GATEWAY_ATTACH_TIMEOUT": "0.2"])
                let process = try LocatorProcess([try LocatorBinary.install(in: scratch.path)], environment: environment)
                return try withExtendedLifetime(gateway) { try Self.end(of: process) }
            }
        }
        #expect(end.status == 69)
        #expect(end.message.contains("the gateway did not answer"))
    }

    /// Root may connect to everything, so a test run by root gives its locator another user.
    @Test func aSocketTheHostsUserMayNotReach() async throws {
        let end = try await onOwnThread {
            let scratch = try ScratchDirectory()
            return try withExtendedLifetime(scratch) {
                let closed = "\(scratch.path)/closed"
                mkdir(closed, 0o700)
                let gateway = try FakeGateway(path: "\(closed)/c.sock")
                var command = [try LocatorBinary.install(in: scratch.path)]
                if geteuid() == 0 {
                    command = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] + command
                } else {
                    chmod(closed, 0)
                }
                defer { chmod(closed, 0o700) }
                let process = try LocatorProcess(command, environment: LocatorProcess.environment(socket: gateway.path))
                return try withExtendedLifetime(gateway) { try Self.end(of: process) }
            }
        }
        #expect(end.status == 77)
        #expect(end.record["code"] == "permissionDenied")
        #expect(end.message.contains("in the group that owns this socket"))
    }

    @Test func aSocketPathThatNoAddressHolds() async throws {
        let end = try await run(LocatorProcess.environment(socket: "/" + String(repeating: "a", count: 107)))
        #expect(end.status == 78)
        #expect(end.message.contains("PLUGIN_GATEWAY_SOCKET"))
    }

    @Test func anUnknownPluginGivesTheGatewaysMessageAndRemedyInOneLine() async throws {
        let end = try await run { peer in
            try peer.send(
                .refused(Refusal(code: .pluginUnknown, message: "/x is outside\nthe roots", remedy: "add it to plugin_roots")))
        }
        #expect(end.status == 78)
        #expect(end.record["code"] == "pluginUnknown")
        #expect(end.message.hasSuffix("/x is outside\nthe roots; add it to plugin_roots"))
    }

    @Test func aRefusalThatComesBeforeTheRequestIsReadStillReachesTheHost() async throws {
        let end = try await onOwnThread {
            let scratch = try ScratchDirectory()
            return try withExtendedLifetime(scratch) {
                let gateway = try FakeGateway(path: "\(scratch.path)/c.sock")
                // More than a socket takes, so that the locator is still sending when the gateway hangs up.
                let environment = LocatorProcess.environment(
                    socket: gateway.path,
                    Dictionary(uniqueKeysWithValues: (0..<10).map { ("GF_\($0)", String(repeating: "x", count: 100_000)) }))
                let process = try LocatorProcess([try LocatorBinary.install(in: scratch.path)], environment: environment)
                let peer = try gateway.accept()
                try peer.send(.refused(Refusal(code: .notAuthorized, message: "user 5 may not attach", remedy: "run as grafana")))
                peer.hangUp()
                gateway.stop()
                return try Self.end(of: process)
            }
        }
        #expect(end.status == 77)
        #expect(end.message.contains("user 5 may not attach; run as grafana"))
    }

    @Test func aGatewayOfAnotherVersionNamesTheSideToUpgrade() async throws {
        let end = try await run { try $0.send([0, 0, 0, 2, 9, 65]) }
        #expect(end.status == 70)
        #expect(end.message.contains("the locator or command is the older one"))
    }

    @Test(
        arguments: [[0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 2, 1, 250], [0, 0, 0, 7, 1, 65, 1, 0, 0, 0, 9], [0, 0, 0, 2, 1, 3]]
            as [[UInt8]])
    func garbageFromTheGatewayIsAnError(bytes: [UInt8]) async throws {
        let end = try await run { try $0.send(bytes) }
        #expect(end.status == 70 || end.status == 78)
        #expect(!end.message.isEmpty)
    }

    @Test(arguments: ["relative.sock", "/run/a|b", "/run/a\nb", "/" + String(repeating: "x", count: 107), ""])
    func aHostSocketThatCannotStandInAHandshakeIsNeverPrinted(path: String) async throws {
        let end = try await run { try $0.send(.attached(Attached(hostSocket: path, attachmentID: "1", pluginID: "p"))) }
        #expect(end.status == 78)
        #expect(end.record["code"] == "badHostSocket")
    }
}
