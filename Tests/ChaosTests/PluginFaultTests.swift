import Foundation
import Glibc
import ProcessHarness
import Testing

extension Faults {
    /// What plugins may do on their connection, and what their hosts hear of it.
    @Suite(.serialized) struct Plugins {
        static let bad = "bad-plugin"
        /// A version for each of many modes, and all for each where there is time.
        private static func versions(_ index: Int) -> [String] { Settings.isLong ? ["1", "2"] : [index % 2 == 0 ? "1" : "2"] }

        /// A plugin of each version meets one call with a misbehaviour; the call ends with an error, the plugin is connected again
        /// and serves the next call in the same process.
        private func meet(_ rig: FaultRig, _ mode: String, _ versions: [String], says: String) throws {
            for version in versions {
                let mark = rig.logMark
                let host = try rig.attach(
                    Self.bad,
                    environment: [
                        "BAD_PLUGIN_MODE": mode, "BAD_PLUGIN_VERSION": version, "RUDE_MS": "150", "BAD_PLUGIN_MS": "100",
                    ])
                #expect(host.started, "\(mode): \(host.start)")
                let answer = try host.query(["A": [:]], extra: ["timeoutMs": 30000])
                // The text is the host's own library's where the bytes of a v2 plugin pass untouched.
                if version == "1" {
                    #expect(answer["codeNumber"] as? Int == 14, "\(mode): \(answer)")
                    #expect((answer["message"] as? String ?? "").contains(says), "\(mode): \(answer)")
                } else {
                    #expect([13, 14].contains(answer["codeNumber"] as? Int), "\(mode), version 2: \(answer)")
                }
                if version == "1" {
                    try waitUntil("\(mode): the journal says so") {
                        rig.log(since: mark).contains("connection to the plugin lost")
                    }
                }
                try waitUntil("\(mode): the plugin serves again") { try host.query(["A": [:]])["ok"] as? Bool == true }
                #expect(try rig.plugin(Self.bad)["restarts"] as? Int == 0)
                try rig.othersGoOn(mode)
                host.stop()
                try waitUntil("\(mode): it is detached") { try rig.gateway.plugins().count == 1 }
            }
        }

        @Test func `a plugin that breaks off, or breaks HTTP 2, fails that call only and is connected again`() throws {
            let rig = try FaultRig([Self.bad: Places.badPlugin])
            defer { rig.stop() }
            let both = ["1", "2"]
            try meet(rig, "rude-mid-frame", both, says: "the connection to the plugin was lost: the peer closed the connection")
            for mode in ["garbage", "huge-frame", "continuation-flood", "window-overflow", "header-bomb"] {
                try meet(
                    rig, "rude-\(mode)", both, says: "the connection to the plugin was lost: the peer broke the rules of HTTP/2")
            }
            try rig.conclude()
        }

        @Test func `floods of frames from a plugin do not stop others`() throws {
            let rig = try FaultRig([Self.bad: Places.badPlugin])
            defer { rig.stop() }
            let modes = ["settings-flood", "ping-flood", "window-flood", "unknown-flood", "empty-data-flood"]
            for (index, mode) in modes.enumerated() {
                try meet(rig, "rude-\(mode)", Self.versions(index), says: "the connection to the plugin was lost")
            }
            try rig.conclude()
        }

        @Test func `a flood of resets ends the call, not the gateway`() throws {
            let rig = try FaultRig([Self.bad: Places.badPlugin])
            defer { rig.stop() }
            for version in ["1", "2"] {
                let host = try rig.attach(
                    Self.bad,
                    environment: [
                        "BAD_PLUGIN_MODE": "rude-reset-flood", "BAD_PLUGIN_VERSION": version, "RUDE_MS": "150",
                        "BAD_PLUGIN_MS": "100",
                    ])
                let answer = try host.query(["A": [:]], extra: ["timeoutMs": 30000])
                if version == "1" {
                    // Of a query, so that the user sees it.
                    let response = try #require(Self.responses(answer)["A"])
                    #expect(response["status"] as? Int == 500, "\(answer)")
                    #expect((response["error"] as? String ?? "").contains("the plugin reset the call"), "\(answer)")
                } else {
                    #expect([13, 14].contains(answer["codeNumber"] as? Int), "\(answer)")
                }
                try waitUntil("the plugin serves again") { try host.query(["A": [:]])["ok"] as? Bool == true }
                try rig.othersGoOn("resets")
                host.stop()
            }
            try rig.conclude()
        }

        @Test func `a plugin that never answers, or never reads, costs its own callers their deadline and nobody else anything`()
            throws
        {
            let rig = try FaultRig([Self.bad: Places.badPlugin])
            defer { rig.stop() }
            for (index, (mode, size)) in [("never-reads", 1_000_000), ("never-writes", 10)].enumerated() {
                for version in Self.versions(index) {
                    let host = try rig.attach(
                        Self.bad, environment: ["BAD_PLUGIN_MODE": mode, "BAD_PLUGIN_VERSION": version])
                    let model = ["pad": String(repeating: "x", count: size)]
                    for _ in 0..<2 {
                        let answer = try host.query(["A": model], extra: ["timeoutMs": 600])
                        // A plugin that only never writes has used up its one misbehaviour then.
                        if mode == "never-writes", answer["ok"] as? Bool == true { break }
                        #expect(answer["codeNumber"] as? Int == 4, "\(mode): \(answer)")
                        try rig.othersGoOn(mode)
                    }
                    host.stop()
                }
            }
            try rig.conclude()
        }

        @Test func `a stopped plugin holds up its own calls only, and goes on where it was`() throws {
            let rig = try FaultRig(["slow-datasource": Places.legacyPlugin])
            defer { rig.stop() }
            let slow = try rig.attach("slow-datasource")
            let pid = try rig.pid(of: "slow-datasource")
            kill(pid, SIGSTOP)
            let request = try HostUnderTest.request(["A": ["scenario": "series"]])
            try slow.child.send(JSON.text(["op": "query", "async": true, "request": request, "timeoutMs": 60000]))
            try rig.othersGoOn("a stopped plugin")
            #expect(try rig.plugin("slow-datasource")["state"] as? String == "serving")
            kill(pid, SIGCONT)
            let answer = try JSON.object(slow.child.line(within: 60))
            #expect(answer["ok"] as? Bool == true, "\(answer)")
            #expect(try rig.pid(of: "slow-datasource") == pid)
            try rig.conclude()
        }

        static func responses(_ answer: [String: Any]) -> [String: [String: Any]] {
            (answer["response"] as? [String: Any])?["responses"] as? [String: [String: Any]] ?? [:]
        }
    }
}
