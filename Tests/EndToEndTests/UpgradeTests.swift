import Foundation
import Testing

extension EndToEnd {
    /// A plugin is replaced under the eyes of its host, which goes on calling it.
    @Suite(.serialized) struct Upgrades {
        /// Replacements under load: a few in every run, many where asked for.
        static let replacements = ProcessInfo.processInfo.environment["PLUGIN_GATEWAY_LONG"] == "1" ? 100 : 5

        @Test func `from v1 to v2 and back, in every way of installers, under constant load: no call fails`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            let upgrader = Upgrader(scratch: rig.scratch, id: LegacyRig.id)
            let descriptors = rig.gateway.descriptors
            let load = try ConstantLoad(rig.host)
            try waitUntil("the load runs") { load.calls > 0 }
            var pid = try rig.pluginPID
            var path: [String] = []
            for round in 0..<Self.replacements {
                let way = Upgrader.Way.allCases[round % Upgrader.Way.allCases.count]
                let version = round % 2 == 0 ? 2 : 1
                try upgrader.install(version == 2 ? Places.v2Plugin : Places.legacyPlugin, way)
                try waitUntil("the new build (\(way), v\(version)) serves") {
                    let plugin = try rig.gateway.plugins().first
                    return plugin?["pluginVersion"] as? Int == version && plugin?["pid"] as? Int != Int(pid)
                        && plugin?["state"] as? String == "serving"
                }
                pid = try rig.pluginPID
                let plugin = try #require(try rig.gateway.plugins().first)
                #expect(plugin["mode"] as? String == (version == 2 ? "relayed" : "translated"))
                if way == .wrappedAgain {
                    try waitUntil("the locator is back") { try rig.gateway.plugins().first?["isUnwrapped"] as? Bool == false }
                } else {
                    #expect(plugin["isUnwrapped"] as? Bool == true)
                }
                path.append("\(way.rawValue) v\(version)")
                let served = load.calls
                try waitUntil("calls go on") { load.calls > served }
            }
            let result = try load.stop()
            #expect(result.errors == 0, "\(result.failures)\n\(rig.gateway.log.suffix(6000))")
            try waitUntil("one process is left") { ProcessFacts.children(of: rig.gateway.child.pid).count == 1 }
            #expect(!rig.gateway.log.contains("cut off"))
            try waitUntil("nothing of the earlier processes is left open") { rig.gateway.descriptors <= descriptors + 4 }
            print(
                "figure: \(Self.replacements) replacements (\(Set(path).count) kinds) under load: \(result.calls) calls, \(result.errors) failed, the slowest \(Int(result.slowestMilliseconds)) ms"
            )
        }

        @Test func `new builds that crash, hang, are unhealthy or speak no known version leave the old one serving`() throws {
            let rig = try LegacyRig(configuration: "limits: {handshake_timeout: 2s, stop_grace: 500ms}")
            defer { rig.stop() }
            let upgrader = Upgrader(scratch: rig.scratch, id: LegacyRig.id)
            let first = try rig.pluginPID
            let load = try ConstantLoad(rig.host)
            let mode = rig.scratch.executable(of: LegacyRig.id) + ".mode"
            for (name, says) in [
                ("empty", "cannot read my configuration"), ("silent", "no handshake within"),
                ("not-serving", "does not serve"), ("wrong-version", "version 7"),
            ] {
                try Data(name.utf8).write(to: URL(fileURLWithPath: mode))
                try upgrader.install(Places.badPlugin, .renameOver)
                try waitUntil("\(name) is reported") {
                    (try rig.gateway.plugins().first?["candidateFailure"] as? String)?.contains(says) == true
                }
                #expect(try rig.pluginPID == first)
            }
            let text = try Command.run(Places.gateway, ["status"], environment: rig.gateway.environment).output
            #expect(text.contains("not replaced: "), "\(text)")
            #expect(rig.gateway.log.contains("did not take over"))
            let result = try load.stop()
            #expect(result.errors == 0, "\(result.failures)")

            // The good one at last.
            try upgrader.install(Places.v2Plugin, .renameOver)
            try waitUntil("it serves") { try rig.gateway.plugins().first?["pluginVersion"] as? Int == 2 }
            #expect(try rig.gateway.plugins().first?["candidateFailure"] == nil)
            #expect(try rig.host.query(["A": [:]])["ok"] as? Bool == true)
        }

        @Test func `a crash while the executable is absent backs off with that reason until it is back`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            let directory = "\(rig.scratch.plugins)/\(LegacyRig.id)"
            rename(directory, rig.scratch.directory + "/away")
            kill(try rig.pluginPID, SIGKILL)
            try waitUntil("it says that the directory is missing") {
                let plugin = try rig.gateway.plugins().first
                return (plugin?["stateReason"] as? String)?.contains("there is no directory") == true
                    && plugin?["nextAttempt"] is String
            }
            let refused = try rig.host.query(["A": ["scenario": "series"]])
            #expect(refused["codeNumber"] as? Int == 14, "\(refused)")
            #expect((refused["message"] as? String)?.contains("there is no directory") == true, "\(refused)")
            rename(rig.scratch.directory + "/away", directory)
            try waitUntil("it runs again") { try rig.gateway.plugins().first?["state"] as? String == "serving" }
            #expect(try rig.host.query(["A": ["scenario": "series"]])["ok"] as? Bool == true)
        }

        @Test func `a locator that attaches again after its file was overwritten gets the new build`() throws {
            let scratch = try Scratch()
            try scratch.install(LegacyRig.id, executable: Places.legacyPlugin)
            let first = try GatewayUnderTest(scratch)
            let host = try HostUnderTest(first, scratch.executable(of: LegacyRig.id))
            defer { host.stop() }
            #expect(host.started, "\(host.start)")
            first.child.signal(SIGKILL)
            first.child.wait()
            try Upgrader(scratch: scratch, id: LegacyRig.id).install(Places.v2Plugin, .newDirectory)
            let second = try GatewayUnderTest(scratch)
            defer { second.stop() }
            try waitUntil("the locator attached again") { try second.plugins().first?["state"] as? String == "serving" }
            let plugin = try #require(try second.plugins().first)
            #expect(plugin["pluginVersion"] as? Int == 2)
            #expect(plugin["isUnwrapped"] as? Bool == true)
            try waitUntil("the host is served again") { try host.query(["A": [:]])["ok"] as? Bool == true }
        }

        @Test func `an endless stream is cut off when its time is over, in one entry, and the host may open it again`() throws {
            let rig = try V2Rig(configuration: "limits: {drain_cap: 1s}")
            defer { rig.stop() }
            let endless = Data(#"{"intervalMs":50}"#.utf8).base64EncodedString()
            let request: [String: Any] = ["path": "x", "data": endless]
            try rig.host.child.send(
                JSON.text(["op": "runstream", "async": true, "request": request, "timeoutMs": 60_000]))
            let first = try #require(try rig.gateway.plugins().first?["pid"] as? Int)
            let upgrader = Upgrader(scratch: rig.scratch, id: V2Rig.id)
            try upgrader.install(Places.v2Plugin, .renameOver)
            try waitUntil("the new process serves") {
                let plugin = try rig.gateway.plugins().first
                return plugin?["pid"] as? Int != first && plugin?["state"] as? String == "serving"
            }
            let stream = try JSON.object(rig.host.child.line(within: 30))
            #expect(stream["codeNumber"] as? Int == 14, "\(stream)")
            try waitUntil("it is in the journal") { rig.gateway.log.contains("cut off") }
            #expect(rig.gateway.log.components(separatedBy: "/pluginv2.Stream/RunStream ×1").count == 2)
            let again = try rig.host.perform("runstream", ["request": request, "maxMessages": 3])
            #expect((again["messages"] as? [Any])?.count == 3, "\(again)")
        }
    }
}
