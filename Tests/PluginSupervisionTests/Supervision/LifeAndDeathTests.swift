import Foundation
import Testing

@testable import PluginSupervision

extension RealProcesses {
    @Suite struct LifeAndDeath {
        @Test func `threads come and go, the plugin lives`() async throws {
            let stage = try Stage()
            let supervisor = stage.supervise(try stage.peer("legacy-datasource"))
            // The thread that asks for the start ends at once.
            let thread = Thread { supervisor.start() }
            thread.start()
            let plugin = try await supervisor.running()
            #expect(await eventually { thread.isFinished })
            for _ in 0..<50 {
                let short = Thread {}
                short.start()
                #expect(await eventually { short.isFinished })
            }
            #expect(Processes.isAlive(plugin.pid))
            #expect(await supervisor.probeHealth() == .serving)
            await supervisor.stop()
        }

        @Test func `a plugin dies with the process that started it`() async throws {
            let stage = try Stage()
            let note = "\(stage.scratch.path)/pid"
            await #expect(processExitsWith: .signal(SIGKILL)) { [note = note as String] in
                let inner = try Stage()
                let supervisor = inner.supervise(try inner.peer("legacy-datasource"))
                let plugin = try await supervisor.running()
                try Data("\(plugin.pid)\n\(inner.scratch.path)".utf8).write(to: URL(fileURLWithPath: note))
                kill(getpid(), SIGKILL)
                try await Task.sleep(for: .seconds(60))
            }
            let lines = try String(contentsOfFile: note, encoding: .utf8).split(separator: "\n").map(String.init)
            let pid = try #require(lines.first.flatMap { Int32($0) })
            #expect(await eventually { !Processes.isAlive(pid) })

            // It left its directory behind, which the next gateway sweeps.
            let root = "\(lines[1])/t"
            #expect(await PluginSupervisor.sweepTemporaryDirectories(root: root) == 1)
            #expect(try FileManager.default.contentsOfDirectory(atPath: root) == [])
            try FileManager.default.removeItem(atPath: lines[1])
        }

        @Test func `fifty lives leave no descriptor, process, socket or directory`() async throws {
            let stage = try Stage()
            let live = {
                let supervisor = stage.supervise(try stage.peer("legacy-datasource"))
                let plugin = try await supervisor.running()
                await supervisor.stop()
                #expect(!Processes.exists(plugin.pid))
            }
            // What is made once in the life of a process.
            try await live()
            let before = Processes.openDescriptors()
            for _ in 0..<50 { try await live() }
            // Tests without processes run meanwhile and hold a few; one leak per life would be fifty.
            #expect(await eventually { Processes.openDescriptors() <= before + 4 })
            #expect(stage.temporaryDirectories == [])
            #expect(Processes.zombies() == [])
            #expect(Processes.children(in: stage.scratch.path) == [])
        }

        @Test func `fifty failed starts leave no descriptor, process or directory`() async throws {
            let stage = try Stage()
            let live = { _ = try await stage.failureOfStart(stage.bad("garbage")) }
            try await live()
            let before = Processes.openDescriptors()
            for _ in 0..<50 { try await live() }
            #expect(await eventually { Processes.openDescriptors() <= before + 4 })
            #expect(Processes.zombies() == [])
        }
    }
}
