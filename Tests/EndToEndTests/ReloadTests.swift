import Foundation
import Testing

extension EndToEnd {
    /// The configuration is read anew while hosts go on calling.
    @Suite(.serialized) struct Reload {
        /// The gateway with two plugins, each with a host of its own.
        private final class Rig {
            let scratch: Scratch
            let gateway: GatewayUnderTest
            let first: HostUnderTest
            let second: HostUnderTest

            init(_ configuration: String = "") throws {
                scratch = try Scratch()
                try scratch.install("first", executable: Places.legacyPlugin)
                try scratch.install("second", executable: Places.legacyPlugin)
                gateway = try GatewayUnderTest(scratch, configuration: configuration)
                first = try HostUnderTest(gateway, scratch.executable(of: "first"))
                second = try HostUnderTest(gateway, scratch.executable(of: "second"))
                guard first.started, second.started else { throw HarnessError("\(first.start) \(second.start)\n\(gateway.log)") }
            }

            func pid(_ plugin: String) throws -> Int? {
                try gateway.plugins().first { $0["plugin"] as? String == plugin }?["pid"] as? Int
            }

            func stop() {
                first.stop()
                second.stop()
                gateway.stop()
            }
        }

        /// A query without data source settings, which is refused unless the configuration allows it.
        private static func bareRequest() throws -> [String: Any] {
            var request = try HostUnderTest.request(["A": ["scenario": "series"]])
            request["pluginContext"] = ["orgId": "1", "pluginId": "first"]
            return request
        }

        private static func succeeds(_ host: HostUnderTest) throws -> Bool {
            let answer = try host.perform("query", ["request": bareRequest()])
            return try Responses(answer)["A"]?.error.isEmpty ?? false
        }

        @Test func `settings of the translation hold for new calls, without a restart, and for their plugin only`() throws {
            let rig = try Rig()
            defer { rig.stop() }
            let pids = (try rig.pid("first"), try rig.pid("second"))
            #expect(try !Self.succeeds(rig.first))
            try rig.gateway.configure("plugins: {first: {allow_missing_settings: true}}")
            let result = try rig.gateway.reload()
            #expect(result.code == 0, "\(result.error)")
            #expect(result.output.contains("plugins.first.allow_missing_settings: in force for new calls"), "\(result.output)")
            #expect(try Self.succeeds(rig.first))
            #expect(try !Self.succeeds(rig.second))
            #expect(try (rig.pid("first"), rig.pid("second")) == pids)
            #expect(try rig.gateway.reload().output.contains("nothing changed"))
            // What is taken out of the file is the default again.
            try rig.gateway.configure("")
            #expect(try rig.gateway.reload().code == 0)
            #expect(try !Self.succeeds(rig.first))
        }

        @Test func `limits of connections hold at once: hosts are moved to new ones, and no call fails`() throws {
            let rig = try Rig()
            defer { rig.stop() }
            let big = try HostUnderTest.request(["A": ["scenario": "series", "name": String(repeating: "x", count: 100_000)]])
            #expect(try rig.first.perform("query", ["request": big, "omit": true])["ok"] as? Bool == true)
            try rig.first.startLoad()
            try rig.gateway.configure("limits: {maximum_request_message: 64KiB}")
            #expect(try rig.gateway.reload().code == 0)
            try waitUntil("the limit is in force") {
                try rig.second.perform("query", ["request": big, "omit": true])["codeNumber"] as? Int == 8
            }
            let load = try rig.first.stopLoad()
            #expect(load["errors"] as? Int == 0, "\(load)")
        }

        @Test func `another executable restarts its plugin alone, under load, and no call fails`() throws {
            let rig = try Rig()
            defer { rig.stop() }
            try FileManager.default.copyItem(atPath: Places.legacyPlugin, toPath: "\(rig.scratch.plugins)/first/other-build")
            let pids = (try rig.pid("first"), try rig.pid("second"))
            try rig.first.startLoad()
            try rig.gateway.configure("plugins: {first: {executable: other-build}}")
            let result = try rig.gateway.reload()
            #expect(result.output.contains("is restarted after its open calls"), "\(result.output)\(result.error)")
            try waitUntil("the other build runs") {
                try rig.gateway.plugins().contains {
                    ($0["executable"] as? String)?.hasSuffix("/other-build") == true && $0["state"] as? String == "serving"
                }
            }
            let load = try rig.first.stopLoad()
            #expect(load["errors"] as? Int == 0, "\(load)")
            #expect(load["count"] as? Int ?? 0 > 16)
            #expect(try rig.pid("first") != pids.0)
            #expect(try rig.pid("second") == pids.1)
        }

        @Test func `an executable that may not be run leaves the plugin as it is, and says why`() throws {
            let rig = try Rig()
            defer { rig.stop() }
            let pid = try rig.pid("first")
            try rig.gateway.configure("plugins: {first: {executable: nowhere}}")
            let result = try rig.gateway.reload()
            #expect(result.code == 0)
            #expect(result.output.contains("goes on as it was") && result.output.contains("nowhere"), "\(result.output)")
            #expect(try rig.first.query(["A": ["scenario": "series"]])["ok"] as? Bool == true)
            #expect(try rig.pid("first") == pid)
            // Once the file is there, the next reload carries it out though the configuration is the same.
            try FileManager.default.copyItem(atPath: Places.legacyPlugin, toPath: "\(rig.scratch.plugins)/first/nowhere")
            #expect(try rig.gateway.reload().output.contains("is restarted"))
            try waitUntil("it runs") {
                try rig.gateway.plugins().contains { $0["executable"] as? String != nil && $0["pid"] as? Int != pid }
            }
        }

        @Test(arguments: [
            ("limits:\n  call_timeot: 5s\n", "config.yaml:5", "limits.call_timeout"),
            ("limits: {drain_cap: soon}\n", "config.yaml:4", "a time such as"), ("plugins: [\n", "config.yaml", "syntax"),
        ]) func `a bad file changes nothing and says where it is wrong`(text: String, place: String, word: String) throws {
            let rig = try LegacyRig(configuration: "logs: {level: info}")
            defer { rig.stop() }
            let pid = try rig.pluginPID
            try rig.gateway.configure(text)
            let result = try rig.gateway.reload()
            #expect(result.code == 78, "\(result.error)")
            #expect(result.error.contains(place) && result.error.contains(word), "\(result.error)")
            #expect(result.error.contains("goes on with the configuration that it has"))
            try waitUntil("the log says so") {
                rig.gateway.log.contains("configuration rejected") && rig.gateway.log.contains(place)
            }
            rig.gateway.child.signal(SIGHUP)
            try waitUntil("a signal says the same") {
                rig.gateway.log.components(separatedBy: "configuration rejected").count == 3
            }
            #expect(try rig.pluginPID == pid)
            #expect(try rig.host.query(["A": ["scenario": "series"]])["ok"] as? Bool == true)
        }

        @Test func `a key that needs a restart of the gateway is named each time, and its old value stays`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            try rig.gateway.configure("", runtime: rig.scratch.directory + "/elsewhere")
            for _ in 0..<2 {
                let result = try rig.gateway.reload()
                #expect(result.code == 0, "\(result.error)")
                #expect(result.output.contains("runtime_directory: not in force"), "\(result.output)")
            }
            let late = try HostUnderTest(rig.gateway, rig.scratch.executable(of: LegacyRig.id))
            defer { late.stop() }
            #expect(late.started, "\(late.start)")
            #expect(access(rig.scratch.directory + "/elsewhere", F_OK) != 0)
        }

        @Test func `other roots hold for plugins that are attached from then on`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            let elsewhere = try Scratch()
            defer { elsewhere.remove() }
            try elsewhere.install("new", executable: Places.legacyPlugin)
            try rig.gateway.configure("", roots: [elsewhere.plugins])
            #expect(try rig.gateway.reload().code == 0)
            let new = try HostUnderTest(rig.gateway, elsewhere.executable(of: "new"))
            defer { new.stop() }
            #expect(new.started, "\(new.start)")
            let old = try HostUnderTest(rig.gateway, rig.scratch.executable(of: LegacyRig.id))
            defer { old.stop() }
            #expect(!old.started)
            #expect(try rig.host.query(["A": ["scenario": "series"]])["ok"] as? Bool == true)
        }

        @Test func `a signal reloads too; the service manager is told, and the level of the log changes`() throws {
            let scratch = try Scratch()
            let managed = try ManagedGateway(scratch)
            defer { managed.stop() }
            #expect(!managed.log.contains(" debug: "))
            try managed.gateway.configure("logs: {level: debug}")
            try managed.hangUp()
            try waitUntil("the log says what changed") { managed.log.contains("logs.level: in force") }
            try managed.restart()
            #expect(managed.log.contains(" debug: "))
        }

        // Only root can be another user; the rule itself is tested in GatewayTests.
        @Test(.enabled(if: geteuid() == 0)) func `another user may not reload, though the socket is open to them`() throws {
            let scratch = try Scratch()
            let gateway = try GatewayUnderTest(scratch)
            defer { gateway.stop() }
            for path in [scratch.directory, scratch.runtime] { chmod(path, 0o755) }
            // The gateway sets the mode itself, a moment after it listens.
            try waitUntil("the socket has its mode") {
                try FileManager.default.attributesOfItem(atPath: gateway.socket)[.posixPermissions] as? Int == 0o660
            }
            chmod(gateway.socket, 0o666)
            let result = try Command.run(
                "/usr/bin/setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", Places.gateway, "reload"],
                environment: gateway.environment)
            #expect(result.code == 77, "\(result)")
            #expect(result.error.contains("may reload the configuration"), "\(result)")
            #expect(!gateway.log.contains("configuration read anew"))
        }
    }
}
