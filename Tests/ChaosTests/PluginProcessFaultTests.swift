import Foundation
import Glibc
import ProcessHarness
import Testing

extension Faults {
    /// What plugins may do as processes: print without end, leave children behind, refuse to end.
    @Suite(.serialized) struct PluginProcesses {
        static let bad = "bad-plugin"

        @Test func `output without end is read, bounded in the log, and made harmless; calls go on`() throws {
            let rig = try FaultRig([Self.bad: Places.badPlugin])
            defer { rig.stop() }
            let bytes = Settings.isLong ? 1 << 30 : 8 << 20
            let before = rig.gateway.residentKiB
            let done = rig.scratch.directory + "/done"
            let host = try rig.attach(
                Self.bad,
                environment: [
                    "BAD_PLUGIN_MODE": "flood-output", "BAD_PLUGIN_BYTES": "\(bytes)", "BAD_PLUGIN_FILE": done,
                ])
            var most = 0
            try waitUntil("the flood ends", within: 600) {
                let answer = try host.query(["A": [:]], extra: ["timeoutMs": 30000])
                try #require(answer["ok"] as? Bool == true, "\(answer)")
                most = max(most, rig.gateway.residentKiB)
                return access(done, F_OK) == 0
            }
            try waitUntil("the journal counts what was dropped") { rig.gateway.log.contains("more than its allowance") }
            let log = rig.gateway.log
            // 200 records a second and 4 MiB at once are let through.
            #expect(log.utf8.count < 16 << 20, "\(log.utf8.count) bytes of log from \(2 * bytes) bytes of output")
            let harmful = log.unicodeScalars.filter { $0.value < 32 && $0 != "\n" || $0.value == 127 || $0.value == 0x202E }
            #expect(harmful.isEmpty, "\(harmful.count) control characters reached the log")
            #expect(most - before < 64 * 1024, "resident \(before) KiB before the flood, at most \(most) KiB in it")
            #expect(try host.perform("ping")["ok"] as? Bool == true)
            print(
                "figure: \(2 * bytes >> 20) MiB of output: \(log.utf8.count >> 10) KiB of log; resident \(before) KiB, at most \(most) KiB"
            )
            try rig.othersGoOn("a flood of output")
            try rig.conclude()
        }

        @Test func `a child that keeps the pipes open does not hold up the restart, and dies with its plugin`() throws {
            let rig = try FaultRig([Self.bad: Places.badPlugin])
            defer { rig.stop() }
            let host = try rig.attach(Self.bad, environment: ["BAD_PLUGIN_MODE": "grandchild"])
            let first = try rig.pid(of: Self.bad)
            let child = try #require(ProcessFacts.children(of: first).first)
            kill(first, SIGKILL)
            try waitUntil("the plugin runs again") {
                let plugin = try rig.plugin(Self.bad)
                return plugin["state"] as? String == "serving" && plugin["pid"] as? Int != Int(first)
            }
            #expect(!ProcessFacts.isAlive(child), "the plugin's child outlived it")
            #expect(try host.query(["A": [:]])["ok"] as? Bool == true)
            try rig.conclude()
        }

        @Test func `a child that left the plugin's group does not hold up the restart either`() throws {
            let rig = try FaultRig([Self.bad: Places.badPlugin])
            defer { rig.stop() }
            let file = rig.scratch.directory + "/runaway"
            let host = try rig.attach(
                Self.bad, environment: ["BAD_PLUGIN_MODE": "runaway", "BAD_PLUGIN_FILE": file])
            func runaway() throws -> pid_t {
                pid_t(try String(contentsOfFile: file, encoding: .utf8)) ?? 0
            }
            var runaways = [try runaway()]
            // Nobody else can find them; under systemd they end with the service's control group.
            defer { for pid in runaways where pid > 0 { kill(pid, SIGKILL) } }
            let first = try rig.pid(of: Self.bad)
            kill(first, SIGKILL)
            try waitUntil("the plugin runs again") {
                let plugin = try rig.plugin(Self.bad)
                return plugin["state"] as? String == "serving" && plugin["pid"] as? Int != Int(first)
            }
            runaways.append(try runaway())
            #expect(try host.query(["A": [:]])["ok"] as? Bool == true)
            try rig.conclude()
        }

        @Test func `a plugin that ignores Shutdown and SIGTERM is killed, and its host does not wait for it`() throws {
            let rig = try FaultRig([Self.bad: Places.badPlugin])
            defer { rig.stop() }
            let host = try rig.attach(Self.bad, environment: ["BAD_PLUGIN_MODE": "ignore-stop"])
            let pid = try rig.pid(of: Self.bad)
            let killed = try host.perform("kill", within: 30)
            #expect(killed["graceful"] as? Bool == true, "\(killed)")
            try waitUntil("the plugin is gone") { !ProcessFacts.isAlive(pid) }
            try rig.conclude()
        }
    }
}

/// What the environment asks of these tests.
enum Settings {
    /// Everything, for as long as it takes.
    static var isLong: Bool { ProcessInfo.processInfo.environment["PLUGIN_GATEWAY_LONG"] == "1" }

    static func number(_ name: String) -> UInt64? { ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) } }
}
