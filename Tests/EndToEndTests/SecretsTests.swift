import Foundation
import Testing

extension EndToEnd {
    /// Secrets that the host gives to the plugin are found nowhere else.
    @Suite(.serialized) struct Secrets {
        @Test func `planted secrets reach the plugin, and no journal, log, status, error or metric`() throws {
            let canaries = (0..<8).map { "canary-\($0)-\(UInt64.random(in: 0...UInt64.max))" }
            let scratch = try Scratch()
            try scratch.install(LegacyRig.id, executable: Places.legacyPlugin)
            try scratch.install("bad", executable: Places.badPlugin)
            let journal = scratch.directory + "/journal.json"
            // A real journald of this test's own; what it holds is written to a file when the gateway has ended.
            let script = """
                "$@"
                journalctl --sync; journalctl --all -o json >'\(journal)'
                """
            let gateway = try GatewayUnderTest(
                scratch,
                configuration: "logs: {level: trace}\nplugins: {\(LegacyRig.id): {forward_metadata: [x-grafana-user-login]}}",
                launcher: [Places.repository + "/Tests/Peers/journal-ns.sh", "/bin/bash", "-c", script, "gateway"])
            defer { gateway.stop() }

            let host = try HostUnderTest(
                gateway, scratch.executable(of: LegacyRig.id), options: ["--env", "GF_PLUGIN_SECRET=\(canaries[0])"],
                environment: ["AWS_SECRET_ACCESS_KEY": canaries[1]])
            defer { host.stop() }
            #expect(host.started, "\(host.start)")
            var request = try HostUnderTest.request([
                "A": ["scenario": "echo", "as": "meta", "environmentValues": ["GF_PLUGIN_SECRET", "AWS_SECRET_ACCESS_KEY"]],
                "B": ["scenario": "goerror", "message": "failed", "token": canaries[2]],
            ])
            var context = HostUnderTest.context
            context["dataSourceInstanceSettings"] = [
                "id": "7", "uid": "u", "name": "Legacy", "basicAuthUser": canaries[3],
                "jsonData": Data(#"{"apiKey":"\#(canaries[4])"}"#.utf8).base64EncodedString(),
                "decryptedSecureJsonData": ["password": canaries[5]],
            ]
            request["pluginContext"] = context
            request["headers"] = ["Authorization": "Bearer \(canaries[6])", "Cookie": "grafana_session=\(canaries[7])"]
            let metadata = ["authorization": "Bearer \(canaries[6])", "cookie": canaries[7]]
            var split = request["queries"] as? [[String: Any]] ?? []
            split[1]["timeRange"] = ["fromEpochMS": "1", "toEpochMS": "2"]
            request["queries"] = split
            let answer = try host.perform("query", ["request": request, "metadata": metadata])
            let echoed = try #require(try Echoed.of(answer)["A"])
            let reached = try JSON.text(echoed.content)
            for canary in [canaries[0], canaries[1], canaries[4], canaries[5]] {
                #expect(reached.contains(canary), "the plugin did not get \(canary)")
            }
            for canary in [canaries[6], canaries[7]] { #expect(!reached.contains(canary)) }

            // Everything that can go wrong, with the secrets in hand.
            _ = try host.perform(
                "call",
                [
                    "method": "/pluginv2.Data/QueryData", "requestBase64": Data(canaries[2].utf8).base64EncodedString(),
                    "metadata": metadata,
                ])
            _ = try host.perform("health", ["request": ["pluginContext": context], "metadata": metadata])
            let metrics = try host.perform("metrics", ["request": ["pluginContext": context]])
            let refused = try HostUnderTest(
                gateway, scratch.executable(of: "bad"), options: ["--env", "GF_PLUGIN_SECRET=\(canaries[0])"],
                environment: ["BAD_PLUGIN_MODE": "garbage"])
            let refusal = try JSON.text(refused.start) + (try refused.errorLines().joined())
            refused.stop()
            _ = try host.query(["A": ["scenario": "crash", "message": "crashed"]])
            let status = try gateway.status()
            let logs = try host.perform("logs")
            // Other processes of the same user may not read the memory that holds them.
            let served = try #require(
                ProcessFacts.descendants(of: gateway.child.pid).first { ProcessFacts.executable($0).hasSuffix("/plugin-gateway") }
            )
            #expect(!ProcessFacts.isDumpable(served))
            try waitUntil("a snapshot was written", within: 3) { sleep(1) == 0 }
            host.stop()
            kill(served, SIGTERM)
            try #require(gateway.child.wait(within: 60) != nil)

            let entries = try String(contentsOfFile: journal, encoding: .utf8)
            #expect(entries.contains("PLUGIN_GATEWAY_CALLS_TOTAL"), "no snapshot in the journal")
            #expect(entries.contains("PLUGIN_GATEWAY_LOSS_PATH"))
            let places = [
                ("journal", entries), ("standard error", gateway.log), ("status", try JSON.text(status)), ("refusal", refusal),
                ("metrics", try JSON.text(metrics)),
                ("host's log", try JSON.text(logs)),
            ]
            for (name, text) in places {
                for (number, canary) in canaries.enumerated() {
                    #expect(!text.contains(canary), "canary \(number) is in the \(name)")
                }
            }
            print(
                "proof: \(canaries.count) canaries searched for in \(places.count) places, \(entries.split(separator: "\n").count) journal entries among them"
            )
        }
    }
}

extension ProcessFacts {
    static func descendants(of pid: pid_t) -> [pid_t] {
        children(of: pid).flatMap { [$0] + descendants(of: $0) }
    }

    static func executable(_ pid: pid_t) -> String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/exe")) ?? ""
    }

    /// The kernel gives the files of an undumpable process to root; as root the mode of its memory file cannot tell, its core filter can.
    static func isDumpable(_ pid: pid_t) -> Bool {
        let limits = (try? String(contentsOfFile: "/proc/\(pid)/limits", encoding: .utf8)) ?? ""
        let core = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") } ?? ""
        return !core.contains(" 0 ")
    }
}
