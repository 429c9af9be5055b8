import Foundation
import Testing

extension EndToEnd {
    /// Host and plugin of one version: connections are relayed, unless the operator wants otherwise.
    @Suite(.serialized) struct Relay {
        @Test func `relayed calls are counted by method, code and bytes`() throws {
            let rig = try V2Rig()
            defer { rig.stop() }
            for _ in 0..<5 { #expect(try rig.host.query(["A": ["bytes": 10_000]])["ok"] as? Bool == true) }
            let failed = try rig.v2Host([
                "CheckHealth", "{}", "--metadata", #"x-peer-control={"grpcError":{"code":9,"message":"no"}}"#,
            ])
            #expect(failed.status["code"] as? Int == 9)
            try waitUntil("the calls are counted") {
                let plugin = try rig.gateway.plugins().first
                return plugin?["calls"] as? Int ?? 0 >= 6 && plugin?["errors"] as? Int ?? 0 >= 1
            }
            #expect(try rig.gateway.plugins().first?["mode"] as? String == "relayed")
        }

        @Test func `relay can be switched off, and calls pass all the same`() throws {
            let rig = try V2Rig(configuration: "plugins: {v2-datasource: {relay: false}}")
            defer { rig.stop() }
            #expect(try rig.gateway.plugins().first?["mode"] as? String == "forwarded")
            let answer = try rig.host.query(["A": ["echo": true, "x": "é"]])
            #expect(answer["ok"] as? Bool == true, "\(answer)")
            let load = try rig.v2Host(["CheckHealth", "{}", "--count", "500", "--concurrency", "16"])
            #expect(load.status["errors"] as? Int == 0, "\(load)")
        }

        @Test func `a reload switches the relay off and on again under calls, none of which fails`() throws {
            let rig = try V2Rig()
            defer { rig.stop() }
            let pid = try rig.gateway.plugins().first?["pid"] as? Int
            let request = try HostUnderTest.request(["A": ["bytes": 100_000]])
            try rig.host.child.send(
                JSON.text(["op": "load", "async": true, "request": request, "concurrency": 8, "timeoutMs": 60_000]))
            for (relay, mode) in [(false, "forwarded"), (true, "relayed")] {
                try rig.gateway.configure("plugins: {v2-datasource: {relay: \(relay)}}")
                let reload = try rig.gateway.reload()
                #expect(reload.code == 0, "\(reload.error)")
                #expect(reload.output.contains("plugins.v2-datasource.relay: in force for new connections"), "\(reload.output)")
                #expect(try rig.gateway.plugins().first?["mode"] as? String == mode)
            }
            try rig.host.child.send(JSON.text(["op": "stopLoad"]))
            var load: [String: Any] = [:]
            while load["op"] as? String != "load" { load = try JSON.object(rig.host.child.line(within: 60)) }
            #expect(load["errors"] as? Int == 0, "\(load)")
            #expect(load["count"] as? Int ?? 0 > 0)
            #expect(try rig.gateway.plugins().first?["pid"] as? Int == pid)
        }

        @Test(arguments: [true, false])
        func `the host's shutdown ends a v2 plugin and then the locator, gracefully`(relayed: Bool) throws {
            let rig = try V2Rig(configuration: "plugins: {v2-datasource: {relay: \(relayed)}}")
            defer { rig.stop() }
            let plugin = try #require(try rig.gateway.plugins().first)
            let (pid, socket) = (pid_t(try #require(plugin["pid"] as? Int)), try #require(plugin["hostSocket"] as? String))
            let killed = try rig.host.perform("kill", within: 30)
            #expect(killed["graceful"] as? Bool == true, "\(killed)")
            #expect(killed["exitCode"] as? Int == 0)
            try waitUntil("the plugin is gone") { !ProcessFacts.isAlive(pid) }
            try waitUntil("the host socket is gone") { access(socket, F_OK) != 0 }
            #expect(try rig.gateway.plugins().isEmpty)
            #expect(!rig.gateway.log.contains("plugin failed"))
        }

        @Test func `a plugin that crashes under relayed calls fails those, and serves again`() throws {
            let rig = try V2Rig()
            defer { rig.stop() }
            let crashed = try rig.v2Host(["CheckHealth", "{}", "--metadata", #"x-peer-control={"exit":3}"#])
            #expect(crashed.status["code"] as? Int == 14, "\(crashed)")
            #expect((crashed.status["message"] as? String)?.contains("the plugin closed its connection") == true, "\(crashed)")
            try waitUntil("the plugin runs again") { try rig.host.query(["A": [:]])["ok"] as? Bool == true }
        }

        /// Of the gateway, while 32 replies of 8 MB are on their way at once.
        @Test func `large replies pass and little of them is held`() throws {
            let rig = try V2Rig()
            defer { rig.stop() }
            #expect(try rig.host.query(["A": ["bytes": 8_000_000]], extra: ["omit": true])["ok"] as? Bool == true)
            let before = rig.gateway.residentKiB
            let request = try HostUnderTest.request(["A": ["bytes": 8_000_000]])
            let result = try rig.host.perform(
                "load", ["request": request, "count": 128, "concurrency": 32, "timeoutMs": 120_000], within: 300)
            #expect(result["errors"] as? Int == 0, "\(result)")
            let grown = rig.gateway.residentKiB - before
            #expect(grown < 12_000, "\(before) KiB and \(grown) KiB more")
            print(
                "figure: resident \(before) KiB before 128 relayed replies of 8 MB, 32 at once, and \(grown) KiB more after them")
            #expect(!rig.gateway.log.contains("protocolViolation"))
        }

        /// grpc-go measures bandwidth with PINGs all the while. A minute with `PLUGIN_GATEWAY_LONG=1`.
        @Test func `a real host that moves large replies trips no limit`() throws {
            let rig = try V2Rig()
            defer { rig.stop() }
            let seconds = ProcessInfo.processInfo.environment["PLUGIN_GATEWAY_LONG"] == "1" ? 60.0 : 3.0
            let request = try HostUnderTest.request(["A": ["bytes": 3_000_000]])
            let end = Date(timeIntervalSinceNow: seconds)
            var calls = 0
            repeat {
                let result = try rig.host.perform(
                    "load", ["request": request, "count": 64, "concurrency": 16, "timeoutMs": 60_000], within: 300)
                #expect(result["errors"] as? Int == 0, "\(result)")
                calls += 64
            } while Date() < end
            #expect(!rig.gateway.log.contains("protocolViolation"))
            print("figure: \(calls) relayed replies of 3 MB to grpc-go, no limit tripped")
        }
    }
}
