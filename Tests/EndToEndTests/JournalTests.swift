import Foundation
import Gateway
import Testing

extension EndToEnd {
    /// What the built daemon writes to a real journald.
    @Suite(.serialized) struct JournalEntries {
        @Test func `every entry has the fields, level and id that its kind documents, and a forged one is told apart`() throws {
            let rig = try JournalRig(plugins: [LegacyRig.id: Places.legacyPlugin, "bad": Places.badPlugin])
            defer { rig.gateway.stop() }
            let host = try HostUnderTest(rig.gateway, rig.scratch.executable(of: LegacyRig.id))
            defer { host.stop() }
            #expect(host.started, "\(host.start)")
            _ = try host.query(["A": ["scenario": "series"]], extra: ["metadata": ["x-unknown": "1"]])
            var request = try HostUnderTest.request(["A": ["scenario": "series"]])
            request["headers"] = ["X-Lost": "1"]
            _ = try host.perform("query", ["request": request])
            _ = try host.query(["A": ["scenario": "crash", "message": "crashed"]])
            let refused = try HostUnderTest(
                rig.gateway, rig.scratch.executable(of: "bad"), environment: ["BAD_PLUGIN_MODE": "garbage"])
            #expect(!refused.started)
            refused.stop()
            try waitUntil("the plugin runs again") { try rig.gateway.plugins().first?["state"] as? String == "serving" }
            _ = try host.query(["A": ["scenario": "series"]])
            host.stop()
            try waitUntil("nothing is attached") { try rig.gateway.plugins().isEmpty }

            let all = try rig.finish()
            let own = all.filter { $0["_EXE"] as? String == Places.gatewayFile }
            let schema = JournalSchema.current
            var kinds: Set<String> = []
            for entry in own {
                guard let name = entry["PLUGIN_GATEWAY_EVENT"] as? String else { continue }
                let event = try #require(schema.events.first { $0.name == name }, "no kind \(name)")
                kinds.insert(name)
                for remark in JournalRig.differences(entry, event, schema) { Issue.record("\(name): \(remark)\n\(entry)") }
            }
            // The kinds that need a misbehaving peer, a wrong file or another build have tests of their own.
            let missing = Set(schema.events.map(\.name)).subtracting(kinds).subtracting([
                "configuration", "gateway-stalled", "transport", "metrics-snapshot", "plugin-draining", "plugin-idle",
                "plugin-broken",
                "upgrade-tried",
                "upgrade-failed", "calls-cut",
            ])
            #expect(missing.isEmpty)

            let snapshots = all.filter { $0["MESSAGE_ID"] as? String == JournalRig.id(of: "plugin-snapshot") }
            #expect(snapshots.contains { $0["PLUGIN_GATEWAY_PLUGIN"] as? String == "forged" }, "the forged entry did not arrive")
            #expect(!own.contains { $0["PLUGIN_GATEWAY_PLUGIN"] as? String == "forged" })
            let told = own.compactMap { $0["MESSAGE"] as? String }
            #expect(told.contains { $0.hasPrefix("\(LegacyRig.id): plugin negotiated: ") }, "\(told)")
            print(
                "proof: \(own.count) journal entries of \(kinds.count) kinds held against the schema, \(all.count - own.count) of others left aside"
            )
        }

        @Test func `plugins' log lines keep level, process and fields, floods are cut for each plugin alone, secrets are masked`()
            throws
        {
            let canaries = (0..<4).map { "canary-\($0)-\(UInt32.random(in: 0...UInt32.max))" }
            let rig = try JournalRig(plugins: ["loud": Places.legacyPlugin, "quiet": Places.legacyPlugin], level: "trace")
            defer { rig.gateway.stop() }
            let words =
                "password=\(canaries[0]) Authorization: Bearer \(canaries[1])\nhttp://u:\(canaries[2])@host/ with \(canaries[3])"
            let loud = try HostUnderTest(
                rig.gateway, rig.scratch.executable(of: "loud"),
                environment: ["LEGACY_STDERR_AT_START": words, "LOUD_API_TOKEN": canaries[3]])
            defer { loud.stop() }
            let quiet = try HostUnderTest(rig.gateway, rig.scratch.executable(of: "quiet"))
            defer { quiet.stop() }
            #expect(loud.started && quiet.started)
            let pid = try #require(try rig.gateway.plugins().first { $0["plugin"] as? String == "quiet" }?["pid"] as? Int)
            #expect(try loud.query(["A": ["scenario": "noisy", "lines": 400, "bytes": 100]])["ok"] as? Bool == true)
            #expect(try quiet.query(["A": ["scenario": "noisy"]])["ok"] as? Bool == true)
            // Grafana reads what the plugin wrote, as without a gateway.
            #expect(try quiet.perform("waitLog", ["contains": "noise ends", "waitMs": 20_000])["ok"] as? Bool == true)
            loud.stop()
            quiet.stop()
            try waitUntil("nothing is attached") { try rig.gateway.plugins().isEmpty }

            let logs = try rig.finish().filter {
                $0["_EXE"] as? String == Places.gatewayFile && $0["MESSAGE_ID"] as? String == JournalRig.id(of: "plugin-log")
            }
            let ofQuiet = logs.filter { $0["PLUGIN_GATEWAY_PLUGIN"] as? String == "quiet" }
            for (level, priority) in [("trace", "7"), ("debug", "7"), ("info", "6"), ("warn", "4"), ("error", "3")] {
                let entry = try #require(
                    ofQuiet.first { $0["MESSAGE"] as? String == "quiet: noise at \(level)" }, "no line at \(level)")
                #expect(entry["PRIORITY"] as? String == priority)
                #expect(entry["PLUGIN_GATEWAY_PLUGIN_PID"] as? String == "\(pid)")
                #expect(entry["PLUGIN_GATEWAY_SOURCE"] as? String == "stderr")
                #expect((entry["PLUGIN_GATEWAY_ATTACHMENT"] as? String)?.count == 8)
                #expect((entry["PLUGIN_GATEWAY_PLUGIN_TIME_USEC"] as? String).flatMap { Int64($0) } ?? 0 > 1_577_836_800_000_000)
            }
            let error = ofQuiet.first { $0["MESSAGE"] as? String == "quiet: noise at error" }
            #expect(error?["PLUGIN_GATEWAY_FIELD_ERROR"] as? String == "a made-up failure")
            #expect(ofQuiet.contains { $0["MESSAGE"] as? String == "quiet: noise ends" })
            #expect(
                !ofQuiet.contains { $0["PLUGIN_GATEWAY_SOURCE"] as? String == "gateway" },
                "the other plugin's flood cost this one lines")

            let ofLoud = logs.filter { $0["PLUGIN_GATEWAY_PLUGIN"] as? String == "loud" }
            let dropped = ofLoud.compactMap { ($0["PLUGIN_GATEWAY_FIELD_DROPPED"] as? String).flatMap { Int($0) } }.reduce(0, +)
            #expect(dropped > 1000, "\(ofLoud.count) entries, \(dropped) dropped")
            #expect(ofLoud.count + dropped > 400 * 18)
            let texts = ofLoud.flatMap { $0.values.compactMap { $0 as? String } }
            #expect(texts.contains { $0.contains("password=[redacted]") })
            for canary in canaries { #expect(!texts.contains { $0.contains(canary) }, "\(canary) is in the journal") }
            print(
                "proof: \(ofLoud.count) of \(ofLoud.count + dropped) lines of a flooding plugin are in the journal, all of its neighbour's"
            )
        }
    }
}

/// A gateway beside a journald of its own, whose entries can be read when the gateway has ended.
private final class JournalRig {
    let scratch: Scratch
    let gateway: GatewayUnderTest
    private let file: String

    init(plugins: [String: String], level: String = "info") throws {
        scratch = try Scratch()
        for (id, executable) in plugins { try scratch.install(id, executable: executable) }
        file = scratch.directory + "/journal.json"
        // What any process of the service's user can do: send an entry with our id and fields.
        let forged =
            "MESSAGE=forged\\nMESSAGE_ID=\(Self.id(of: "plugin-snapshot"))\\n_EXE=\(Places.gatewayFile)\\nPLUGIN_GATEWAY_PLUGIN=forged\\n"
        let script = """
            printf '\(forged)' | logger --journald
            "$@"
            journalctl --sync; journalctl --all -o json >'\(file)'
            """
        gateway = try GatewayUnderTest(
            scratch, configuration: "logs: {level: \(level)}",
            launcher: [Places.repository + "/Tests/Peers/journal-ns.sh", "/bin/bash", "-c", script, "gateway"])
    }

    /// Ends the gateway and returns what is in the journal.
    func finish() throws -> [[String: Any]] {
        let served = try #require(
            ProcessFacts.descendants(of: gateway.child.pid).first { ProcessFacts.executable($0) == Places.gatewayFile })
        kill(served, SIGTERM)
        try #require(gateway.child.wait(within: 60) != nil)
        return try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map { try JSON.object(String($0)) }
    }

    static func id(of kind: String) -> String {
        JournalSchema.current.events.first { $0.name == kind }?.messageID ?? ""
    }

    /// What an entry has that its kind does not document, or lacks.
    static func differences(_ entry: [String: Any], _ event: JournalSchema.Event, _ schema: JournalSchema) -> [String] {
        var found: [String] = []
        if entry["MESSAGE_ID"] as? String != event.messageID { found.append("MESSAGE_ID is \(entry["MESSAGE_ID"] ?? "missing")") }
        let priorities = ["trace": "7", "debug": "7", "info": "6", "notice": "5", "warning": "4", "error": "3", "critical": "2"]
        let priority = entry["PRIORITY"] as? String ?? "missing"
        if !event.levels.compactMap({ priorities[$0] }).contains(priority) { found.append("PRIORITY is \(priority)") }
        found += event.always.filter { entry[$0] == nil }.map { "\($0) is missing" }
        let known = Set(event.always + event.sometimes + schema.ofEveryKind)
        for field in entry.keys where field.hasPrefix("PLUGIN_GATEWAY_") && !known.contains(field) {
            if !event.families.contains(where: { field.hasPrefix($0) }) { found.append("\(field) is not documented") }
        }
        return found
    }
}

extension Places {
    /// The gateway's executable as the kernel names it.
    static let gatewayFile = URL(fileURLWithPath: gateway).resolvingSymlinksInPath().path
}
