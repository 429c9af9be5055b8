import Foundation
import Testing

extension EndToEnd {
    /// The commands of the README, as an operator types them.
    @Suite(.serialized) struct Commands {
        @Test func `call prints decoded frames, as JSON and as tables, by socket and by plugin id`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            let request =
                #"{"pluginContext":{"orgId":1,"dataSourceInstanceSettings":{"id":7,"name":"D","jsonData":{"a":1}}},"queries":[{"refId":"A","timeRange":{"fromEpochMS":1000,"toEpochMS":5000},"intervalMS":1000,"maxDataPoints":10,"json":{"scenario":"series","points":2}}]}"#
            let json = try rig.gateway.call(["--json", try rig.hostSocket, "pluginv2.Data/QueryData", request])
            #expect(json.code == 0, "\(json.error)")
            let responses = try JSON.object(json.output)["responses"] as? [String: [String: Any]]
            let frame = (responses?["A"]?["frames"] as? [[String: Any]])?.first
            #expect((frame?["schema"] as? [String: Any])?["refId"] as? String == "A")
            let table = try rig.gateway.call([LegacyRig.id, "pluginv2.Data/QueryData", request])
            #expect(table.output.contains("1970-01-01T00:00:01.000Z"), "\(table.output)\(table.error)")
            let health = try rig.gateway.call([LegacyRig.id, "pluginv2.Diagnostics/CheckHealth", "-"], input: "{}")
            #expect(health.code == 0, "\(health.error)")
            #expect(health.output.contains("protocol"))
        }

        @Test func `mistakes on the command line are explained, with the exit codes of sysexits`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            let cases: [([String], Int32, String)] = [
                (["call", LegacyRig.id, "pluginv2.Data/QueryDatum", "{}"], 64, "QueryData"),
                (["call", LegacyRig.id, "pluginv2.Data/QueryData", "[]"], 65, "JSON object"),
                (["call", LegacyRig.id, "pluginv2.Data/QueryData", #"{"nosuch":1}"#], 65, "proto-v2"),
                (["call", "nobody", "pluginv2.Data/QueryData", "{}"], 66, LegacyRig.id),
                (["call", "/nowhere.sock", "pluginv2.Data/QueryData", "{}"], 69, "nowhere"),
                (["wrap", "/nowhere"], 66, "nowhere"),
                (["check", "/nowhere"], 66, "nowhere"),
                (["serve", "--config", "/nowhere.yaml"], 66, "nowhere"),
            ]
            for (arguments, code, word) in cases {
                let result = try Command.run(Places.gateway, arguments, environment: rig.gateway.environment)
                #expect(result.code == code, "\(arguments): \(result.code) \(result.error)")
                #expect(result.error.contains(word), "\(arguments): \(result.error)")
            }
            let absent = try Command.run(
                Places.gateway, ["status"], environment: ["PLUGIN_GATEWAY_SOCKET": "/nowhere/control.sock"])
            #expect(absent.code == 69)
            #expect(absent.error.contains("systemctl"))
        }

        @Test func `status counts the calls in progress and the time of translating`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            _ = try rig.host.query(["A": ["scenario": "series", "points": 1000]])
            let before = try #require(try rig.gateway.plugins().first)
            #expect(before["translationMicroseconds"] as? Int ?? 0 > 0, "\(before)")
            let idle = before["openCalls"] as? Int ?? -1
            #expect(idle >= 0)
            try rig.host.child.send(
                JSON.text([
                    "op": "query", "async": true,
                    "request": try HostUnderTest.request(["A": ["scenario": "sleep", "ms": 60_000]]),
                ]))
            try waitUntil("the call is counted") { try rig.gateway.plugins().first?["openCalls"] as? Int == idle + 1 }
            let text = try Command.run(Places.gateway, ["status"], environment: rig.gateway.environment).output
            #expect(text.contains("\(idle + 1) in progress; translated in "), "\(text)")
            #expect(text.contains("event loops at most "), "\(text)")
            #expect(try rig.gateway.status()["loopLagMicroseconds"] is Int)
        }

        @Test func `check says what would work, and what would not`() throws {
            let scratch = try Scratch()
            defer { scratch.remove() }
            try scratch.install(LegacyRig.id, executable: Places.legacyPlugin, wrap: false)
            try scratch.install("v2", executable: Places.v2Plugin, wrap: false)
            try scratch.install("bad", executable: Places.badPlugin, wrap: false)
            let legacy = try Command.run(Places.gateway, ["check", "--json", scratch.executable(of: LegacyRig.id)])
            #expect(legacy.code == 0, "\(legacy.output)\(legacy.error)")
            #expect(try JSON.object(legacy.output)["protocolVersion"] as? Int == 1)
            let modern = try Command.run(Places.gateway, ["check", scratch.executable(of: "v2")])
            #expect(modern.code == 0, "\(modern.output)\(modern.error)")
            #expect(modern.output.contains("relayed"))
            let bad = try Command.run(
                Places.gateway, ["check", scratch.executable(of: "bad")], environment: ["BAD_PLUGIN_MODE": "wrong-version"])
            #expect(bad.code == 69)
            #expect(bad.output.contains("7"), "\(bad.output)")
        }

        @Test func `wrap and unwrap put the locator in and the plugin back, and refuse what cannot work`() throws {
            let scratch = try Scratch()
            defer { scratch.remove() }
            let directory = try scratch.install("p", executable: Places.legacyPlugin, wrap: false)
            let path = scratch.executable(of: "p")
            let original = try Data(contentsOf: URL(fileURLWithPath: path))
            func run(_ arguments: [String]) throws -> Command { try Command.run(Places.gateway, arguments) }

            #expect(try run(["wrap", directory]).code == 0)
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(contentsOf: URL(fileURLWithPath: Places.locator)))
            #expect(try Data(contentsOf: URL(fileURLWithPath: path + ".wrapped")) == original)
            let again = try run(["wrap", directory])
            #expect(again.code == 0)
            #expect(again.output.contains("already"))

            // An upgrade overwrites the locator with a new build; wrap mends it, unwrap says what happened.
            unlink(path)
            try FileManager.default.copyItem(atPath: Places.v2Plugin, toPath: path)
            #expect(try run(["unwrap", directory]).code == 65)
            #expect(try run(["wrap", directory]).code == 0)
            #expect(
                try Data(contentsOf: URL(fileURLWithPath: path + ".wrapped"))
                    == Data(contentsOf: URL(fileURLWithPath: Places.v2Plugin)))

            #expect(try run(["unwrap", directory]).code == 0)
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(contentsOf: URL(fileURLWithPath: Places.v2Plugin)))
            #expect(access(path + ".wrapped", F_OK) != 0)
            #expect(try run(["unwrap", directory]).output.contains("not wrapped"))

            let signed = try scratch.install(
                "signed", executable: Places.legacyPlugin, files: ["MANIFEST.txt": "signature"], wrap: false)
            let refused = try run(["wrap", signed])
            #expect(refused.code == 65)
            #expect(refused.error.contains("allow_loading_unsigned_plugins"))
            #expect(access(scratch.executable(of: "signed") + ".wrapped", F_OK) != 0)
        }

        @Test func `a locator run by hand explains itself`() throws {
            let result = try Command.run(Places.locator, [], environment: ["grafana_plugin_type": ""])
            #expect(result.code != 0)
            let line = try JSON.object(result.error)
            #expect(line["@level"] as? String == "error")
            #expect((line["@message"] as? String ?? "").contains("unwrap"))
        }

        @Test func `a host that breaks HTTP 2 is answered or cut off, and the next one is served`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            let socket = try rig.hostSocket
            let before = rig.gateway.descriptors
            for bytes in [
                "GET / HTTP/1.1\r\n\r\n", String(repeating: "x", count: 100_000),
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u{0}\u{0}\u{0}\u{7f}\u{7f}",
            ] {
                let path = rig.scratch.directory + "/garbage"
                try Data(bytes.utf8).write(to: URL(fileURLWithPath: path))
                let script =
                    "import socket,sys; s=socket.socket(socket.AF_UNIX); s.settimeout(5); s.connect(sys.argv[1]); s.sendall(open(sys.argv[2],'rb').read()); s.shutdown(1)\ntry:\n  while s.recv(65536): pass\nexcept OSError: pass"
                _ = try Command.run(Places.python, ["-c", script, socket, path])
                #expect(try rig.host.query(["A": ["scenario": "series"]])["ok"] as? Bool == true)
            }
            try waitUntil("the connections are closed") { rig.gateway.descriptors <= before }
        }
    }
}
