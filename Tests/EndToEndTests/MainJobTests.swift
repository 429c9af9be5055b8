import Foundation
import Testing

extension EndToEnd {
    /// The main job: a legacy plugin that a modern host refuses answers that host through the gateway.
    @Suite(.serialized) struct MainJob {
        @Test func `a modern host refuses the legacy plugin when it starts it itself`() throws {
            let host = try HostUnderTest(nil, Places.legacyPlugin)
            defer { host.stop() }
            #expect(!host.started)
            #expect("\(host.start["message"] ?? "")".localizedCaseInsensitiveContains("version"))
        }

        @Test func `series, tables and errors of a legacy plugin reach a modern host, in Arrow and in JSON`() throws {
            let scratch = try Scratch()
            try scratch.install("legacy-datasource", executable: Places.legacyPlugin)
            let gateway = try GatewayUnderTest(scratch)
            defer { gateway.stop() }
            let host = try HostUnderTest(gateway, scratch.executable(of: "legacy-datasource"))
            defer { host.stop() }
            #expect(host.started, "\(host.start)\n\(gateway.log)")
            let handshake = try host.perform("handshake")
            #expect(handshake["version"] as? Int == 2)

            let judge = try FrameJudge()
            for format in [0, 1] {
                let answer = try host.query(
                    [
                        "A": ["scenario": "series", "series": 2, "points": 3, "tags": ["host": "a"]], "B": ["scenario": "table"],
                        "C": ["scenario": "error", "message": "boom"],
                    ],
                    format: format)
                #expect(answer["ok"] as? Bool == true, "\(answer)")
                let responses = try Responses(answer)
                #expect(responses["A"]?.status == 200)
                #expect(responses["A"]?.frames.count == 2)
                #expect(responses["B"]?.frames.count == 1)
                #expect(responses["C"]?.status == 500)
                #expect(responses["C"]?.error == "boom")
                #expect(responses["C"]?.errorSource == "downstream")
                for frame in (responses["A"]?.frames ?? []) + (responses["B"]?.frames ?? []) {
                    let verdict = try judge.judge(frame, json: format == 1)
                    #expect(verdict["ok"] as? Bool == true, "\(verdict)")
                }
            }
        }

        @Test func `the path and its reason are in the status`() throws {
            let scratch = try Scratch()
            try scratch.install("legacy-datasource", executable: Places.legacyPlugin)
            let gateway = try GatewayUnderTest(scratch)
            defer { gateway.stop() }
            let host = try HostUnderTest(gateway, scratch.executable(of: "legacy-datasource"))
            defer { host.stop() }
            let plugin = try #require(try gateway.plugins().first)
            #expect(plugin["plugin"] as? String == "legacy-datasource")
            #expect(plugin["mode"] as? String == "translated")
            #expect(plugin["pathReason"] as? String == "host 2 → plugin 1: translated through v2→v1")
            #expect(plugin["state"] as? String == "serving")
        }
    }
}
