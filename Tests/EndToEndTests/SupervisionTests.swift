import Foundation
import Testing

extension EndToEnd {
    /// What the gateway does about plugins that keep failing, take too long, or are not called.
    @Suite(.serialized) struct Supervision {
        @Test func `a plugin that crashes on and on is left alone, calls say why, and a restart tries it at once`() throws {
            let scratch = try Scratch()
            try scratch.install("bad", executable: Places.badPlugin)
            let mode = scratch.executable(of: "bad") + ".wrapped.mode"
            try Data("no-services".utf8).write(to: URL(fileURLWithPath: mode))
            let gateway = try GatewayUnderTest(scratch, configuration: "limits: {breaker_failures: 3, breaker_pause: 10m}")
            defer { gateway.stop() }
            let secret = "canary-\(UInt64.random(in: 0...UInt64.max))"
            let host = try HostUnderTest(gateway, scratch.executable(of: "bad"), environment: ["GF_API_TOKEN": secret])
            defer { host.stop() }
            #expect(host.started, "\(host.start)")
            let first = try #require(try gateway.plugins().first?["pid"] as? Int)

            try Data("empty".utf8).write(to: URL(fileURLWithPath: mode))
            kill(pid_t(first), SIGKILL)
            try waitUntil("it is left alone", within: 60) { try gateway.plugins().first?["state"] as? String == "broken" }
            let refused = try host.query(["A": ["scenario": "series"]])
            #expect(refused["codeNumber"] as? Int == 14, "\(refused)")
            let message = refused["message"] as? String ?? ""
            #expect(message.contains("failed too often"))
            #expect(message.contains("cannot read my configuration"), "its last words: \(message)")
            #expect(message.contains("the next attempt is in"), "\(message)")
            #expect(message.contains("plugin-gateway restart"), "\(message)")
            let status = try Command.run(Places.gateway, ["status"], environment: gateway.environment).output
            #expect(status.contains("broken") && status.contains("tried again: ") && status.contains("last words: "), "\(status)")
            #expect(gateway.log.contains("plugin failed too often"))

            try Data("no-services".utf8).write(to: URL(fileURLWithPath: mode))
            let restart = try Command.run(Places.gateway, ["restart", "bad"], environment: gateway.environment)
            #expect(restart.code == 0, "\(restart.error)")
            #expect(restart.output.contains("1 attachment"), "\(restart.output)")
            try waitUntil("it serves again") { try gateway.plugins().first?["state"] as? String == "serving" }
            #expect(try host.query(["A": ["scenario": "series"]])["ok"] as? Bool == true)
            for text in [gateway.log, message, status] { #expect(!text.contains(secret)) }
        }

        @Test func `secrets that a plugin quotes in its last words are withheld from callers, journal and status`() throws {
            let secret = "canary-\(UInt64.random(in: 0...UInt64.max))"
            let scratch = try Scratch()
            let script = """
                #!/usr/bin/env python3
                import os, sys
                print("cannot log in with", os.environ["GF_DB_PASSWORD"], file=sys.stderr)
                print("Authorization: Bearer", os.environ["GF_OTHER"], file=sys.stderr)
                sys.exit(3)
                """
            let file = scratch.directory + "/script"
            try Data(script.utf8).write(to: URL(fileURLWithPath: file))
            chmod(file, 0o755)
            try scratch.install("quoting", executable: file)
            // The plugin's own log is its own affair; here it is what the gateway makes of it.
            let gateway = try GatewayUnderTest(scratch, configuration: "logs: {level: error}")
            defer { gateway.stop() }
            let host = try HostUnderTest(
                gateway, scratch.executable(of: "quoting"),
                environment: ["GF_DB_PASSWORD": secret + "-a", "GF_OTHER": secret + "-b"])
            defer { host.stop() }
            #expect(!host.started)
            try waitUntil("Grafana logs an error") { try host.errorLines().contains { $0.contains("its last words") } }
            let told = try host.errorLines().filter { $0.contains("its last words") }.joined()
            let entries = gateway.log.split(separator: "\n").filter { $0.contains("plugin failed") }.joined()
            #expect(told.contains("[redacted]") && entries.contains("[redacted]"), "\(told)\n\(entries)")
            #expect(!told.contains(secret) && !entries.contains(secret), "\(told)\n\(entries)")
        }

        @Test func `a restart replaces a serving process without a failed call, by plugin and by attachment`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            let load = try ConstantLoad(rig.host)
            let attachment = try #require(try rig.gateway.plugins().first?["attachment"] as? String)
            for id in [LegacyRig.id, attachment] {
                let before = try rig.pluginPID
                let restart = try Command.run(Places.gateway, ["restart", id], environment: rig.gateway.environment)
                #expect(restart.code == 0, "\(restart.error)")
                try waitUntil("another process serves") { try rig.pluginPID != before }
            }
            let result = try load.stop()
            #expect(result.errors == 0, "\(result.failures)")
        }

        @Test func `a restart is for root and the gateway's user, and for what is attached`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            let unknown = try Command.run(Places.gateway, ["restart", "nobody"], environment: rig.gateway.environment)
            #expect(unknown.code == 69 && unknown.error.contains("nobody"), "\(unknown)")
            try #require(geteuid() == 0, "this test has to run as root to become somebody else")
            // Were the socket open to all, the kernel's word on who asks would still count.
            chmod(rig.scratch.directory, 0o755)
            chmod(rig.gateway.socket, 0o666)
            let before = try rig.pluginPID
            let other = try Command.run(
                "/usr/bin/setpriv",
                ["--reuid=65534", "--regid=65534", "--clear-groups", Places.gateway, "restart", LegacyRig.id],
                environment: rig.gateway.environment)
            #expect(other.code == 77, "\(other)")
            #expect(other.error.contains("65534"), "\(other.error)")
            #expect(try rig.pluginPID == before)
        }

        @Test func `calls without a deadline get the configured one, streams do not`() throws {
            // A relayed call has the deadline of its host, or none: the gateway does not touch its bytes.
            let rig = try V2Rig(configuration: "limits: {call_timeout: 500ms}\nplugins: {v2-datasource: {relay: false}}")
            defer { rig.stop() }
            let late = try rig.v2Host(["CheckHealth", "{}", "--metadata", #"x-peer-control={"sleepMs":20000}"#])
            #expect(late.status["code"] as? Int == 4, "\(late)")
            let packets = Data(#"{"packets":20,"intervalMs":60}"#.utf8).base64EncodedString()
            let stream = try rig.v2Host(["RunStream", #"{"path":"x","data":"\#(packets)"}"#])
            #expect(stream.status["code"] as? Int == 0, "\(stream)")
            #expect(stream.replies.count == 20)
            // A deadline of the host's own counts instead.
            let own = try rig.v2Host([
                "CheckHealth", "{}", "--metadata", #"x-peer-control={"sleepMs":900}"#, "--deadline-ms", "20000",
            ])
            #expect(own.status["code"] as? Int == 0, "\(own)")
        }

        @Test func `an unused plugin is stopped, and the next call starts it and is answered`() throws {
            let rig = try LegacyRig(configuration: "plugins: {\(LegacyRig.id): {idle_timeout: 300ms}}")
            defer { rig.stop() }
            for _ in 0..<3 {
                try waitUntil("it is stopped") {
                    try rig.gateway.plugins().first?["state"] as? String == "idle"
                        && ProcessFacts.children(of: rig.gateway.child.pid).isEmpty
                }
                #expect(try rig.host.query(["A": ["scenario": "series"]])["ok"] as? Bool == true)
            }
            #expect(rig.gateway.log.contains("plugin stopped because nobody calls it"))
        }
    }
}
