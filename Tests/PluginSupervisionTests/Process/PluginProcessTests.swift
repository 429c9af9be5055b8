import Foundation
import Synchronization
import Testing

@testable import PluginSupervision

extension RealProcesses {
    @Suite struct Spawning {
        /// A stand-in that says how it was started, and ends.
        private func report(_ script: String, _ change: (inout PluginLaunch) -> Void = { _ in }) async throws -> [String] {
            let stage = try Stage()
            var launch = try stage.script(
                "#!/bin/sh\nexec 1>&2\n\(script)\n", environment: [("SECRET", "value"), ("LD_PRELOAD", "/x")])
            change(&launch)
            _ = try await stage.failureOfStart(launch)
            return stage.records.filter { $0.source == .stderr }.map(\.message)
        }

        @Test func `the environment is the host's, made fit for a plugin`() async throws {
            let lines = try await report("env")
            #expect(lines.contains("SECRET=value"))
            #expect(lines.contains("grafana_plugin_type=datasource"))
            #expect(lines.contains("PLUGIN_PROTOCOL_VERSIONS=1,2"))
            #expect(!lines.contains { $0.hasPrefix("LD_PRELOAD") })
            #expect(!lines.contains { $0.hasPrefix("HOME=") }, "nothing of the gateway's own environment")
        }

        @Test func `arguments and working directory are those handed over`() async throws {
            let stage = try Stage()
            let launch = try stage.script("#!/bin/sh\necho \"$# $1\" >&2\npwd >&2\n")
            _ = try await stage.failureOfStart(launch)
            #expect(stage.records.map(\.message) == ["1 --an-argument", stage.scratch.path])
        }

        @Test func `a working directory that is gone is replaced by the plugin's own, and said so`() async throws {
            let lines = try await report("pwd") { $0.workingDirectory = "/nowhere/at/all" }
            #expect(lines.first?.hasSuffix("/plugin-a") == true)
        }

        @Test func `no descriptor but the standard three is handed over`() async throws {
            // 3 is the script itself, which its interpreter reads; ls opens the next for the directory.
            let lines = try await report("ls -l /proc/self/fd | sed -n 's/.* \\([0-9]*\\) -> \\(.*\\)/\\1 \\2/p'")
            let numbers = lines.compactMap { $0.split(separator: " ").first }.sorted()
            #expect(numbers.count >= 3)
            #expect(lines.contains("0 /dev/null"))
            let foreign = lines.filter { line in
                !["0 ", "1 ", "2 "].contains { line.hasPrefix($0) } && !line.contains("plugin.wrapped")
                    && !line.contains("/proc/")
            }
            #expect(foreign.isEmpty, "\(foreign)")
        }

        @Test func `each process has its own group and private directory`() async throws {
            let lines = try await report("echo $$; cut -d' ' -f5 /proc/$$/stat; echo $TMPDIR; stat -c %a $TMPDIR")
            #expect(lines.count == 4)
            #expect(lines[0] == lines[1])
            #expect(lines[2].contains("/t/pgw-"))
            #expect(lines[3] == "700")
        }

        @Test func `the file that was checked is the file that runs`() async throws {
            let stage = try Stage()
            let launch = try stage.script("#!/bin/sh\necho checked >&2\n")
            let path = launch.executable.path
            try Data("#!/bin/sh\necho swapped >&2\n".utf8).write(to: URL(fileURLWithPath: path + ".new"))
            chmod(path + ".new", 0o755)
            rename(path + ".new", path)
            _ = try await stage.failureOfStart(launch)
            #expect(stage.records.map(\.message) == ["checked"])
        }

        @Test func `other children of this process are left alone`() async throws {
            let other = Process()
            other.executableURL = URL(fileURLWithPath: "/bin/sh")
            other.arguments = ["-c", "sleep 0.3; exit 7"]
            try other.run()
            for _ in 0..<10 { _ = try await report("exit 1") }
            other.waitUntilExit()
            #expect(other.terminationStatus == 7)
        }

        @Test func `children that a plugin leaves behind end with it`() async throws {
            let stage = try Stage()
            let launch = try stage.script("#!/bin/sh\nsleep 600 &\necho $! >&2\nexit 1\n")
            _ = try await stage.failureOfStart(launch)
            let pid = stage.records.first.flatMap { Int32($0.message) }
            #expect(pid != nil)
            if let pid { #expect(await eventually { !Processes.isAlive(pid) }) }
        }

        @Test func `a grandchild that left the group cannot hold up the end`() async throws {
            let stage = try Stage()
            let launch = try stage.script("#!/bin/sh\nsetsid sleep 600 &\necho $! >&2\nsleep 0.2\nexit 1\n")
            _ = try await stage.failureOfStart_allowingEscape(launch)
            let pid = stage.records.first.flatMap { Int32($0.message) }
            #expect(pid.map(Processes.isAlive) == true)
            if let pid { kill(pid, SIGKILL) }
        }
    }
}

extension Stage {
    /// As `failureOfStart`, for a plugin that leaves a process which nobody can find.
    func failureOfStart_allowingEscape(_ launch: PluginLaunch) async throws -> SupervisionError? {
        let supervisor = supervise(launch)
        defer { #expect(temporaryDirectories == []) }
        do throws(SupervisionError) {
            _ = try await supervisor.running()
            await supervisor.stop()
            return nil
        } catch {
            await supervisor.stop()
            return error
        }
    }
}
