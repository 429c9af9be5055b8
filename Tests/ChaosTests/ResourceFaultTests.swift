import Foundation
import Glibc
import ProcessHarness
import Testing

extension Faults {
    /// What the machine may run out of: file system, descriptors, processes. Each is refused in words, and mends by itself.
    @Suite(.serialized) struct Resources {
        // MARK: Full file systems

        /// Runs the gateway in a mount namespace where the directory that a variable names is a tiny file system.
        private static func tiny(_ variable: String) -> [String] {
            let mount = #"mount -t tmpfs -o mode=750,size=64k,nr_inodes=24 tmpfs "$\#(variable)""#
            return ["/usr/bin/unshare", "--mount", "/bin/sh", "-c", #"\#(mount) && exec "$@""#, "sh"]
        }

        /// Takes every inode and every byte of a file system that only the gateway sees; the result gives them back.
        private func fill(_ directory: String, of rig: FaultRig) -> () -> Void {
            let root = "/proc/\(rig.gateway.child.pid)/root\(directory)"
            var made: [String] = []
            while true {
                let path = "\(root)/filler-\(made.count)"
                let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
                guard descriptor >= 0 else { break }
                made.append(path)
                var page = [UInt8](repeating: 7, count: 4096)
                while write(descriptor, &page, page.count) > 0 {}
                close(descriptor)
            }
            return { for path in made { unlink(path) } }
        }

        @Test
        func `a full directory for temporary files refuses a start in words; what runs goes on, and restarts when there is room`()
            throws
        {
            let rig = try FaultRig(["second-datasource": Places.legacyPlugin], launcher: Self.tiny("TMPDIR"))
            defer { rig.stop() }
            var room = [fill(rig.scratch.temporary, of: rig)]

            let refused = try rig.attach("second-datasource")
            #expect(!refused.started)
            try waitUntil("the host's log says why") {
                try refused.errorLines().contains { $0.contains("No space left on device") && $0.contains("free space") }
            }
            refused.stop()
            try rig.othersGoOn("a full directory")
            #expect(try rig.host.endEndurance().values.allSatisfy { $0.succeeded == $0.begun })

            // The plugin that runs crashes now: its calls are told why it does not come back, until there is room.
            kill(try rig.pid(), SIGKILL)
            try waitUntil("calls are told") {
                // What the plugin leaves behind is given back at its end, and would be room enough for the next.
                room.append(fill(rig.scratch.temporary, of: rig))
                let answer = try rig.host.query(["A": ["scenario": "series"]])
                return answer["codeNumber"] as? Int == 14 && (answer["message"] as? String ?? "").contains("temporary files")
            }
            #expect(rig.gateway.log.contains("temporary-directory"))
            for empty in room { empty() }
            try waitUntil("the plugin serves again", within: 60) {
                try rig.host.query(["A": ["scenario": "series"]])["ok"] as? Bool == true
            }
            try rig.host.endure(Endurance.light())
            let admitted = try rig.attach("second-datasource")
            #expect(admitted.started, "\(admitted.start)")
            try rig.conclude()
        }

        @Test func `a full runtime directory refuses to attach in words, and leaves no process behind`() throws {
            let rig = try FaultRig(["second-datasource": Places.legacyPlugin], launcher: Self.tiny("HOSTS"))
            defer { rig.stop() }
            let empty = fill(rig.scratch.runtime + "/hosts", of: rig)
            let refused = try rig.attach("second-datasource")
            #expect(!refused.started)
            try waitUntil("the host's log says why") {
                try refused.errorLines().contains { $0.contains("No space left on device") && $0.contains("runtime directory") }
            }
            refused.stop()
            try waitUntil("its plugin is gone") { ProcessFacts.children(of: rig.gateway.child.pid).count == 1 }
            try rig.othersGoOn("a full runtime directory")
            empty()
            let admitted = try rig.attach("second-datasource")
            #expect(admitted.started, "\(admitted.start)")
            try rig.conclude()
        }

        // MARK: Descriptors

        @Test func `without descriptors new connections and starts wait, nothing spins, and all comes back by itself`() throws {
            let rig = try FaultRig()
            defer { rig.stop() }
            let gateway = rig.gateway.child.pid
            let socket = try rig.hostSocket()
            let plugin = try rig.pid()
            try Self.allowNoMoreDescriptors(gateway)

            // A host and a command connect: the kernel takes them, the gateway cannot.
            let host = try Child(Places.modernHost, ["--direct", socket])
            #expect(try JSON.object(host.line())["ok"] as? Bool == true)
            let request = try HostUnderTest.request(["A": ["scenario": "series"]])
            try host.send(JSON.text(["op": "query", "async": true, "request": request, "timeoutMs": 60000]))
            let status = try Child(
                Places.gateway, ["status", "--json"],
                environment: ProcessInfo.processInfo.environment.merging(rig.gateway.environment) { _, new in new })
            try waitUntil("the journal says so") { rig.gateway.log.contains("code=acceptFailed") }
            // Connections that are open go on.
            try rig.othersGoOn("no descriptors")

            // Nothing to do but wait: that must cost next to nothing.
            let tallies = try rig.host.endEndurance()
            #expect(tallies.values.allSatisfy { $0.succeeded == $0.begun }, "\(tallies)")
            let before = ProcessTable.processorTime(of: gateway)
            usleep(1_500_000)
            let used = ProcessTable.processorTime(of: gateway) - before
            #expect(used < 0.3, "\(used) s of processor time in 1.5 s without descriptors")

            // A plugin that crashes now cannot be started.
            kill(plugin, SIGKILL)
            try waitUntil("the journal says why") { rig.gateway.log.contains("out-of-descriptors") }
            #expect(rig.gateway.log.contains("LimitNOFILE="))

            try Self.allowDescriptors(gateway, "1024")
            let answer = try JSON.object(host.line())
            #expect(answer["ok"] as? Bool == true || answer["codeNumber"] as? Int == 14, "\(answer)")
            #expect(status.wait(within: 30) != nil)
            #expect(status.exitCode == 0, "the status command was not served")
            try waitUntil("the plugin serves again", within: 60) {
                try rig.host.query(["A": ["scenario": "series"]])["ok"] as? Bool == true
            }
            host.closeInput()
            host.wait()
            print("figure: \(used) s of processor time in 1.5 s without descriptors")
            try rig.host.endure(Endurance.light())
            try rig.conclude()
        }

        /// No number below the new limit is free.
        private static func allowNoMoreDescriptors(_ pid: pid_t) throws {
            let names = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd")
            let used = Set(names.compactMap { Int($0) })
            try allowDescriptors(pid, "\(try #require((0...).first { !used.contains($0) }))")
        }

        private static func allowDescriptors(_ pid: pid_t, _ soft: String) throws {
            let result = try Command.run("/usr/bin/prlimit", ["--pid", "\(pid)", "--nofile=\(soft):"])
            guard result.code == 0 else { throw HarnessError("prlimit: \(result.error)") }
        }

        // MARK: Processes

        /// The limit of the service's control group (`TasksMax=`). Where control groups of processes cannot be made, as in many
        /// containers, there is nothing to test with, and the test says so.
        @Test func `without processes a start is refused in words, and what runs goes on`() throws {
            let group = try PidsGroup()
            guard let group else {
                print("figure: control groups of processes cannot be made here: the limit of processes is not tested")
                return
            }
            defer { group.remove() }
            let rig = try FaultRig(["second-datasource": Places.legacyPlugin])
            defer { rig.stop() }
            try group.admit(rig.gateway.child.pid)
            try group.setLimit(group.current)
            let refused = try rig.attach("second-datasource")
            #expect(!refused.started)
            try waitUntil("the host's log says why") {
                try refused.errorLines().contains { $0.contains("creating the process") }
            }
            refused.stop()
            try rig.othersGoOn("no processes")
            try group.setLimit(nil)
            let admitted = try rig.attach("second-datasource")
            #expect(admitted.started, "\(admitted.start)")
            try rig.conclude()
        }
    }
}

/// A control group that limits how many processes and threads there may be (version 1 or 2 of control groups).
final class PidsGroup {
    private let path: String

    /// Nil where none can be made.
    init?() throws {
        let name = "pgw-test-\(getpid())"
        let places = ["/sys/fs/cgroup/pids/\(name)", "/sys/fs/cgroup/\(name)"]
        let made = places.first { place in
            guard mkdir(place, 0o755) == 0 else { return false }
            if access(place + "/pids.max", W_OK) == 0 { return true }
            rmdir(place)
            return false
        }
        guard let made else { return nil }
        path = made
    }

    func admit(_ pid: pid_t) throws { try "\(pid)".write(toFile: path + "/cgroup.procs", atomically: false, encoding: .utf8) }

    var current: Int {
        get throws {
            let text = try String(contentsOfFile: path + "/pids.current", encoding: .utf8)
            return Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
        }
    }

    func setLimit(_ limit: Int?) throws {
        try (limit.map { "\($0)" } ?? "max").write(toFile: path + "/pids.max", atomically: false, encoding: .utf8)
    }

    /// What is still in it is moved up first.
    func remove() {
        let parent = URL(fileURLWithPath: path).deletingLastPathComponent().path + "/cgroup.procs"
        for pid in (try? String(contentsOfFile: path + "/cgroup.procs", encoding: .utf8))?.split(separator: "\n") ?? [] {
            try? String(pid).write(toFile: parent, atomically: false, encoding: .utf8)
        }
        rmdir(path)
    }
}
