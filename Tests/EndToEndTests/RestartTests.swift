import Foundation
import Testing

extension EndToEnd {
    /// The gateway's process is replaced while hosts go on calling.
    @Suite(.serialized) struct Restart {
        /// 5 in a test run, 100 in the long mode.
        static let rounds = ProcessInfo.processInfo.environment["PLUGIN_GATEWAY_LONG"] == "1" ? 100 : 5

        @Test func `restarts under constant load fail no call`() throws {
            let scratch = try Scratch()
            try scratch.install(LegacyRig.id, executable: Places.legacyPlugin)
            let managed = try ManagedGateway(scratch)
            defer { managed.stop() }
            let host = try HostUnderTest(managed.gateway, scratch.executable(of: LegacyRig.id))
            defer { host.stop() }
            #expect(host.started, "\(host.start)")
            let socket = try #require(try managed.gateway.plugins().first?["hostSocket"] as? String)
            try host.startLoad()
            var slowest = Duration.zero
            for round in 1...Self.rounds {
                let began = ContinuousClock.now
                try managed.restart()
                #expect(managed.passed.count == 2, "\(managed.passed)")
                try waitUntil("round \(round): the locator is back") {
                    try managed.gateway.plugins().first?["hasLocator"] as? Bool == true
                }
                slowest = max(slowest, began.duration(to: .now))
                #expect(try managed.gateway.plugins().map { $0["hostSocket"] as? String } == [socket])
            }
            let load = try host.stopLoad()
            let (calls, errors) = (load["count"] as? Int ?? 0, load["errors"] as? Int ?? -1)
            #expect(errors == 0, "\(load)\n\(managed.log.suffix(5000))")
            #expect(calls > 20 * Self.rounds)
            #expect(try managed.stored().count == 1)
            print(
                "figure: \(Self.rounds) restarts under load: \(errors) of \(calls) calls failed, the slowest call took \(load["maxMs"] ?? "?") ms, the slowest restart \(slowest)"
            )
        }

        @Test func `a socket whose locator does not come back is answered for, then removed`() throws {
            let scratch = try Scratch()
            try scratch.install(LegacyRig.id, executable: Places.legacyPlugin)
            let managed = try ManagedGateway(
                scratch, configuration: "limits: {detach_linger: 0s, return_patience: 4s, connection_patience: 500ms}")
            defer { managed.stop() }
            let host = try HostUnderTest(managed.gateway, scratch.executable(of: LegacyRig.id))
            defer { host.stop() }
            let socket = try #require(try managed.gateway.plugins().first?["hostSocket"] as? String)
            let locator = pid_t(try #require(try host.perform("pid")["pid"] as? Int))
            kill(locator, SIGSTOP)
            defer { kill(locator, SIGCONT) }
            try managed.restart()
            #expect(try managed.gateway.status()["waitingSockets"] as? [String] == [socket])
            let call = try managed.gateway.call([socket, "pluginv2.Diagnostics/CheckHealth", "{}"])
            #expect(call.code != 0)
            #expect(call.error.contains("has not come back"), "\(call.error)")
            #expect(try managed.stored().count == 1)
            try waitUntil("the socket is given up") { access(socket, F_OK) != 0 }
            #expect(try managed.stored().isEmpty)
            try waitUntil("the log says so") { managed.log.contains("a host socket was given up") }
            // A locator that comes back after all gets its path again.
            kill(locator, SIGCONT)
            try waitUntil("it is back") { try managed.gateway.plugins().first?["hostSocket"] as? String == socket }
            try waitUntil("the host is served") { try host.query(["A": ["scenario": "series"]])["ok"] as? Bool == true }
            #expect(try managed.stored().count == 1)
        }

        @Test func `a plugin that does not come up again is answered for with its reason, and keeps its socket`() throws {
            let scratch = try Scratch()
            try scratch.install(LegacyRig.id, executable: Places.legacyPlugin)
            let managed = try ManagedGateway(scratch, configuration: "limits: {connection_patience: 500ms}")
            defer { managed.stop() }
            let host = try HostUnderTest(managed.gateway, scratch.executable(of: LegacyRig.id))
            defer { host.stop() }
            let socket = try #require(try managed.gateway.plugins().first?["hostSocket"] as? String)
            let path = scratch.executable(of: LegacyRig.id) + ".wrapped"
            unlink(path)
            try Data("#!/bin/sh\necho 'the disk is full' >&2\nexit 3\n".utf8).write(to: URL(fileURLWithPath: path))
            chmod(path, 0o755)
            try managed.restart()
            try waitUntil("the locator is back") { try !managed.gateway.plugins().isEmpty }
            // The first connection may find the plugin in the middle of its first attempt.
            try waitUntil("the answer has the reason") {
                let call = try managed.gateway.call([socket, "pluginv2.Data/QueryData", "{}"])
                return call.code != 0 && call.error.contains("exit")
            }
            unlink(path)
            try FileManager.default.copyItem(atPath: Places.legacyPlugin, toPath: path)
            try managed.restart()
            try waitUntil("the host is served") { try host.query(["A": ["scenario": "series"]])["ok"] as? Bool == true }
            #expect(try managed.gateway.plugins().map { $0["hostSocket"] as? String } == [socket])
        }

        @Test func `calls that do not end are cut at the cap, listed once, and begin again`() throws {
            let scratch = try Scratch()
            try scratch.install("v2", executable: Places.v2Plugin)
            let managed = try ManagedGateway(scratch, configuration: "limits: {drain_cap: 300ms}")
            defer { managed.stop() }
            let host = try HostUnderTest(managed.gateway, scratch.executable(of: "v2"))
            defer { host.stop() }
            #expect(host.started, "\(host.start)")
            let endless: [String: Any] = ["path": "x", "data": ["packets": 1_000_000, "intervalMs": 20]]
            try host.child.send(
                JSON.text(["op": "runstream", "async": true, "request": endless, "omit": true, "timeoutMs": 60000]))
            #expect(try host.query(["A": ["x": 1]])["ok"] as? Bool == true)
            try managed.restart()
            let cut = try JSON.object(host.child.line(within: 30))
            #expect(cut["op"] as? String == "runstream")
            #expect(cut["codeNumber"] as? Int == 14, "\(cut)")
            let entries = managed.log.split(separator: "\n").filter { $0.contains("calls are finished") }
            #expect(entries.count == 1)
            #expect(entries.allSatisfy { $0.contains("RunStream ×1") && $0.contains(" warning: ") }, "\(entries)")
            var again = endless
            again["data"] = ["packets": 3, "intervalMs": 1]
            let stream = try host.perform("runstream", ["request": again, "timeoutMs": 30000])
            #expect(stream["ok"] as? Bool == true, "\(stream)")
            #expect((stream["messages"] as? [Any])?.count == 3)
        }

        @Test func `a gateway that is killed loses what is in progress and nothing else`() throws {
            let scratch = try Scratch()
            try scratch.install(LegacyRig.id, executable: Places.legacyPlugin)
            let managed = try ManagedGateway(scratch)
            defer { managed.stop() }
            let host = try HostUnderTest(managed.gateway, scratch.executable(of: LegacyRig.id))
            defer { host.stop() }
            let socket = try #require(try managed.gateway.plugins().first?["hostSocket"] as? String)
            try managed.crash()
            #expect(managed.passed.count == 2)
            try waitUntil("the host is served again") { try host.query(["A": ["scenario": "series"]])["ok"] as? Bool == true }
            #expect(try managed.gateway.plugins().map { $0["hostSocket"] as? String } == [socket])
        }

        @Test func `where nothing is stored, the socket is made anew at the same path`() throws {
            let scratch = try Scratch()
            try scratch.install(LegacyRig.id, executable: Places.legacyPlugin)
            let managed = try ManagedGateway(scratch)
            defer { managed.stop() }
            let host = try HostUnderTest(managed.gateway, scratch.executable(of: LegacyRig.id))
            defer { host.stop() }
            let socket = try #require(try managed.gateway.plugins().first?["hostSocket"] as? String)
            try managed.forgetStored()
            try managed.restart()
            #expect(managed.passed == ["control"])
            try waitUntil("the host is served again") { try host.query(["A": ["scenario": "series"]])["ok"] as? Bool == true }
            #expect(try managed.gateway.plugins().map { $0["hostSocket"] as? String } == [socket])
            #expect(try managed.stored().count == 1)
        }

        @Test func `a detached plugin's socket is no longer stored`() throws {
            let scratch = try Scratch()
            try scratch.install(LegacyRig.id, executable: Places.legacyPlugin)
            let managed = try ManagedGateway(scratch)
            defer { managed.stop() }
            let host = try HostUnderTest(managed.gateway, scratch.executable(of: LegacyRig.id))
            #expect(try managed.stored().count == 1)
            host.stop()
            try waitUntil("it is forgotten") { try managed.stored().isEmpty }
        }

        @Test func `a socket unit that the gateway does not know is refused by name`() throws {
            let directory = "/tmp/pgw-units-\(UUID().uuidString.prefix(8))"
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: directory) }
            let child = try Child(
                "/usr/bin/systemd-socket-activate",
                [
                    "-l", directory + "/control", "-l", directory + "/other", "--fdname=control:metrics", Places.gateway, "serve",
                ], errorFile: directory + "/log")
            defer { child.end(within: 5) }
            try waitUntil("it listens") { access(directory + "/control", F_OK) == 0 }
            // The first connection starts the service.
            _ = try? Command.run(Places.gateway, ["status"], environment: ["PLUGIN_GATEWAY_SOCKET": directory + "/control"])
            #expect(child.wait(within: 30) != nil)
            #expect(child.exitCode == 78)
            #expect(child.errorText.contains("does not expect: metrics"), "\(child.errorText)")
        }
    }
}

extension HostUnderTest {
    /// Begins to call without a pause, 16 at a time, with queries that take 1 ms to 3 s.
    func startLoad() throws {
        let requests = try [1, 3000, 5, 20, 50, 1, 100, 250, 5, 500, 1, 1000, 2, 10, 2000, 1].map {
            try Self.request(["A": ["scenario": "sleep", "ms": $0]])
        }
        try child.send(
            JSON.text(["op": "load", "async": true, "requests": requests, "concurrency": 16, "timeoutMs": 60_000]))
    }

    /// Ends it, and returns its result.
    func stopLoad() throws -> [String: Any] {
        try child.send(JSON.text(["op": "stopLoad"]))
        while true {
            let answer = try JSON.object(child.line(within: 90))
            if answer["op"] as? String == "load" { return answer }
        }
    }
}
