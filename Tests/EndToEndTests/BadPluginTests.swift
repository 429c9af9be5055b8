import Foundation
import Testing

extension EndToEnd {
    /// Plugins that misbehave: each gets a clear error that names the side that must change; other plugins go on; nothing is left behind.
    @Suite(.serialized) struct BadPlugins {
        static let handshakes: [(mode: String, says: String)] = [
            ("garbage", "handshake-garbage"), ("empty", "exited-before-handshake"), ("exit0", "exited-before-handshake"),
            ("silent", "handshake-timeout"), ("flood", "handshake-flood"), ("huge-line", "handshake-flood"),
            ("closed-stdout", "closed-stdout"),
            ("wrong-version", "version-not-offered"), ("wrong-core", "core-version-unknown"), ("netrpc", "protocol-unsupported"),
            ("missing-socket", "socket-missing"), ("stale-socket", "connect-failed"), ("short-line", "handshake-garbage"),
        ]

        @Test func `a plugin that fails at the handshake is refused with its reason, and others go on`() throws {
            let scratch = try Scratch()
            try scratch.install(LegacyRig.id, executable: Places.legacyPlugin)
            for (mode, _) in Self.handshakes {
                try scratch.install("bad-\(mode)", executable: Places.badPlugin)
            }
            let gateway = try GatewayUnderTest(scratch, configuration: "limits: {handshake_timeout: 2s, stop_grace: 200ms}")
            defer { gateway.stop() }
            let good = try HostUnderTest(gateway, scratch.executable(of: LegacyRig.id))
            defer { good.stop() }
            let before = ProcessFacts.children(of: gateway.child.pid).count

            for (mode, code) in Self.handshakes {
                let host = try HostUnderTest(
                    gateway, scratch.executable(of: "bad-\(mode)"), environment: ["BAD_PLUGIN_MODE": mode])
                defer { host.stop() }
                #expect(!host.started, "\(mode) was accepted")
                // The host reads the locator's standard error beside everything else.
                try waitUntil("\(mode): Grafana logs an error") { try host.errorLines().count > 0 }
                #expect(gateway.log.contains(code), "\(mode): no \(code) in the log")
                let answer = try good.query(["A": ["scenario": "series"]])
                #expect(answer["ok"] as? Bool == true, "\(mode) harmed another plugin")
            }
            try waitUntil("no process is left") { ProcessFacts.children(of: gateway.child.pid).count == before }
            #expect(try gateway.plugins().count == 1)
        }

        @Test func `a plugin that crashes in a call fails that call only, and is started again`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            let first = try rig.pluginPID
            let crashed = try rig.host.query(["A": ["scenario": "crash", "message": "deliberately"]])
            #expect(crashed["codeNumber"] as? Int == 14, "\(crashed)")
            try waitUntil("the plugin runs again") {
                let plugin = try rig.gateway.plugins().first
                return plugin?["state"] as? String == "serving" && plugin?["pid"] as? Int != Int(first)
            }
            let answer = try rig.host.query(["A": ["scenario": "series"]])
            #expect(answer["ok"] as? Bool == true, "\(answer)")
            #expect(try rig.gateway.plugins().first?["restarts"] as? Int == 1)
            let panic = try rig.host.perform("waitLog", ["contains": "deliberately", "waitMs": 5000])
            #expect(panic["ok"] as? Bool == true, "Grafana does not see the panic")
        }

        @Test func `a reply that is no protobuf is an error of its refIds that names the plugin`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            // A results field that claims more bytes than there are.
            let broken = Data([0x0A, 0x7F, 0x01]).base64EncodedString()
            let answer = try Responses(try rig.host.query(["A": ["scenario": "raw", "base64": broken]]))
            #expect(answer["A"]?.status == 500)
            #expect(answer["A"]?.errorSource == "plugin")
            #expect(answer["A"]?.error.contains("byte") == true, "\(answer["A"]?.error ?? "")")
            #expect(try rig.host.query(["A": ["scenario": "series"]])["ok"] as? Bool == true)
        }

        @Test func `noisy output reaches the host's log re-encoded and never breaks it`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            let answer = try rig.host.query(["A": ["scenario": "noisy", "hostKilling": true, "lines": 20]])
            #expect(answer["ok"] as? Bool == true)
            let lines = try rig.host.perform("logs")["lines"] as? [[String: Any]] ?? []
            #expect(lines.count > 5, "\(lines.count) lines")
            #expect(try rig.host.perform("ping")["ok"] as? Bool == true)
        }

        @Test func `a plugin that blocks on its own stdout is survived`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            let stuck = try rig.host.query(["A": ["scenario": "stdoutflood", "bytes": 200_000]], extra: ["timeoutMs": 1500])
            #expect(stuck["codeNumber"] as? Int == 4, "\(stuck)")
            #expect(try rig.host.perform("ping")["ok"] as? Bool == true)
            let flooded = try rig.host.query(["A": ["scenario": "realstdout", "bytes": 500_000]], extra: ["timeoutMs": 20000])
            #expect(flooded["ok"] as? Bool == true, "\(flooded)")
        }
    }
}
