import Foundation
import NIOCore
import Testing
import Transport

@testable import PluginSupervision

extension RealProcesses {
    /// New builds of a plugin that runs, on real binaries.
    @Suite struct Upgrades {
        private func install(_ peer: String, as name: String, on stage: Stage) throws {
            let source = try Peers.copy(peer, into: stage.scratch)
            let directory = try stage.scratch.directory("plugin-a")
            let temporary = "\(directory)/.new"
            try? FileManager.default.removeItem(atPath: temporary)
            try FileManager.default.copyItem(atPath: "\(source)/\(peer)", toPath: temporary)
            chmod(temporary, 0o755)
            rename(temporary, "\(directory)/\(name)")
        }

        /// A v1 plugin behind a locator.
        private func wrapped(
            on stage: Stage, peer: String = "legacy-datasource", _ change: (inout SupervisionLimits) -> Void = { _ in }
        ) throws -> (PluginSupervisor, String) {
            var limits = Stage.limits
            limits.quietTime = .milliseconds(100)
            limits.drainCap = .seconds(5)
            change(&limits)
            let directory = try stage.scratch.directory("plugin-a")
            try stage.scratch.file("plugin-a/plugin", Stage.locator, mode: 0o755)
            try install(peer, as: "plugin.wrapped", on: stage)
            return (stage.supervise(try stage.wrapped(directory, limits: limits)), directory)
        }

        @Test func `a new build in the locator's place takes over, and then the old one ends`() async throws {
            let stage = try Stage()
            let (supervisor, directory) = try wrapped(on: stage)
            let first = try await supervisor.running()
            #expect(first.version == 1)
            try install("v2-plugin", as: "plugin", on: stage)
            #expect(await eventually { supervisor.current?.version == 2 })
            let second = try await supervisor.running()
            #expect(second.generation == 2)
            #expect(supervisor.snapshot.isUnwrapped)
            #expect(supervisor.snapshot.executable == "\(directory)/plugin")
            #expect(supervisor.snapshot.version == 2)
            #expect(await eventually { !Processes.exists(first.pid) })
            #expect(supervisor.snapshot.restarts == 1)

            // Wrapping it links the build and puts the locator back: the same file runs, under its other name.
            link("\(directory)/plugin", "\(directory)/.wrapped")
            rename("\(directory)/.wrapped", "\(directory)/plugin.wrapped")
            try stage.scratch.file("plugin-a/.locator", Stage.locator, mode: 0o755)
            rename("\(directory)/.locator", "\(directory)/plugin")
            #expect(await eventually { !supervisor.snapshot.isUnwrapped })
            #expect(supervisor.current?.pid == second.pid)
            #expect(supervisor.snapshot.executable == "\(directory)/plugin.wrapped")
            await supervisor.stop()
            #expect(stage.temporaryDirectories == [])
        }

        @Test func `no call waits for the new build, and what is open on the old one finishes there`() async throws {
            let stage = try Stage()
            let (supervisor, _) = try wrapped(on: stage)
            let (first, lease) = try await supervisor.use("/test")
            try install("v2-plugin", as: "plugin", on: stage)
            #expect(
                await eventually {
                    // At every moment one serves.
                    supervisor.current.map { $0.version == 2 } ?? false
                })
            #expect(Processes.isAlive(first.pid))
            #expect(await PluginInstance.health(first.client, deadline: .now() + .seconds(10)) == .serving)
            #expect(supervisor.snapshot.draining == 1)
            lease.end()
            #expect(await eventually { !Processes.exists(first.pid) })
            #expect(await eventually { stage.events.contains { $0.kind == .gone } })
            #expect(!stage.events.contains { if case .cut = $0.kind { true } else { false } })
            await supervisor.stop()
        }

        @Test func `what does not finish in time is cut off, and named once`() async throws {
            let stage = try Stage()
            let (supervisor, _) = try wrapped(on: stage) { $0.drainCap = .milliseconds(200) }
            let (first, lease) = try await supervisor.use("/pluginv2.Stream/RunStream")
            try install("v2-plugin", as: "plugin", on: stage)
            #expect(await eventually { !Processes.exists(first.pid) })
            let cuts = stage.events.compactMap { if case .cut(let report) = $0.kind { report } else { nil } }
            #expect(cuts.map(\.cutCalls) == [1])
            #expect(cuts.first?.cuts.first?.path == "/pluginv2.Stream/RunStream")
            lease.end()
            await supervisor.stop()
        }

        @Test(
            .timeLimit(.minutes(2)),
            arguments: [
                ("silent", SupervisionError.Code.handshakeTimeout), ("empty", .exitedBeforeHandshake),
                ("wrong-version", .versionNotOffered), ("not-serving", .unhealthy), ("deaf", .connectFailed),
                ("garbage", .handshakeGarbage),
            ])
        func `a new build that does not come up leaves the old one serving, until its file changes`(
            mode: String, code: SupervisionError.Code
        ) async throws {
            let stage = try Stage()
            let (supervisor, directory) = try wrapped(on: stage) {
                $0.handshakeTimeout = .seconds(3)
                $0.connectTimeout = .seconds(2)
            }
            let first = try await supervisor.running()
            try stage.scratch.file("plugin-a/plugin.mode", mode)
            try install("bad-plugin", as: "plugin", on: stage)
            #expect(await eventually { supervisor.snapshot.candidateFailure != nil })
            let failure = try #require(supervisor.snapshot.candidateFailure)
            #expect(failure.code == code || code == .connectFailed && failure.code == .unhealthy, "\(failure)")
            #expect(supervisor.current?.pid == first.pid)
            #expect(supervisor.snapshot.state == .serving)
            #expect(await supervisor.probeHealth() == .serving)

            // When the old one crashes now, it is the old build that comes back.
            kill(first.pid, SIGKILL)
            #expect(await eventually { supervisor.current.map { $0.pid != first.pid } == true })
            #expect(supervisor.snapshot.executable == "\(directory)/plugin.wrapped")

            try install("v2-plugin", as: "plugin", on: stage)
            #expect(await eventually { supervisor.current?.version == 2 })
            #expect(supervisor.snapshot.candidateFailure == nil)
            await supervisor.stop()
            #expect(Processes.children(in: stage.scratch.path) == [])
        }

        @Test func `a build that failed is tried again on request`() async throws {
            let stage = try Stage()
            let (supervisor, _) = try wrapped(on: stage)
            let first = try await supervisor.running()
            try stage.scratch.file("plugin-a/plugin.mode", "not-serving")
            try install("bad-plugin", as: "plugin", on: stage)
            #expect(await eventually { supervisor.snapshot.candidateFailure != nil })
            try stage.scratch.file("plugin-a/plugin.mode", "no-services")
            supervisor.restart()
            #expect(await eventually { supervisor.current.map { $0.pid != first.pid } == true })
            #expect(supervisor.snapshot.isUnwrapped)
            #expect(supervisor.snapshot.candidateFailure == nil)
            await supervisor.stop()
        }

        @Test func `a build that may not be run is refused with its reason, and taken once that is mended`() async throws {
            let stage = try Stage()
            let (supervisor, directory) = try wrapped(on: stage)
            let first = try await supervisor.running()
            let source = try Peers.copy("v2-plugin", into: stage.scratch)
            try FileManager.default.copyItem(atPath: "\(source)/v2-plugin", toPath: "\(directory)/.new")
            chmod("\(directory)/.new", 0o777)
            rename("\(directory)/.new", "\(directory)/plugin")
            #expect(await eventually { supervisor.snapshot.candidateFailure?.code == .executableRefused })
            #expect(supervisor.snapshot.candidateFailure?.message.contains("written by everybody") == true)
            #expect(supervisor.current?.pid == first.pid)
            chmod("\(directory)/plugin", 0o755)
            #expect(await eventually { supervisor.current?.version == 2 })
            await supervisor.stop()
        }

        @Test func `a file that is written bit by bit is run when it is complete`() async throws {
            let stage = try Stage()
            let (supervisor, directory) = try wrapped(on: stage)
            _ = try await supervisor.running()
            let source = try Peers.copy("v2-plugin", into: stage.scratch)
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(source)/v2-plugin"))
            unlink("\(directory)/plugin")
            let file = open("\(directory)/plugin", O_WRONLY | O_CREAT | O_TRUNC, 0o755)
            try #require(file >= 0)
            let piece = bytes.count / 8 + 1
            for start in stride(from: 0, to: bytes.count, by: piece) {
                let part = bytes[start..<min(start + piece, bytes.count)]
                #expect(part.withUnsafeBytes { write(file, $0.baseAddress, $0.count) } == part.count)
                // Longer than the time after which a file that rests counts as complete: the kernel says that it is still open.
                try await Task.sleep(for: .milliseconds(150))
                #expect(supervisor.current?.version == 1)
            }
            close(file)
            #expect(await eventually { supervisor.current?.version == 2 })
            let failures = stage.events.compactMap { if case .candidateFailed(let error) = $0.kind { error.code } else { nil } }
            #expect(Set(failures).isSubset(of: [.executableBusy]), "\(failures)")
            #expect(failures.count <= 1)
            await supervisor.stop()
        }

        @Test func `a crash while the directory is gone backs off with that reason, until it is back`() async throws {
            let stage = try Stage()
            let (supervisor, directory) = try wrapped(on: stage)
            let first = try await supervisor.running()
            rename(directory, "\(stage.scratch.path)/away")
            kill(first.pid, SIGKILL)
            #expect(await eventually { supervisor.snapshot.lastError?.code == .executableMissing })
            #expect(supervisor.snapshot.state == .backingOff || supervisor.snapshot.state == .starting)
            #expect(supervisor.snapshot.lastError?.message.contains("there is no directory") == true)
            rename("\(stage.scratch.path)/away", directory)
            #expect(await eventually { supervisor.current != nil })
            #expect(supervisor.current?.pid != first.pid)
            await supervisor.stop()
        }

        @Test func `a directory that is removed and made again with another build`() async throws {
            let stage = try Stage()
            let (supervisor, directory) = try wrapped(on: stage)
            let first = try await supervisor.running()
            try FileManager.default.removeItem(atPath: directory)
            #expect(await eventually { supervisor.snapshot.candidateFailure?.code == .executableMissing })
            #expect(supervisor.current?.pid == first.pid)
            try install("v2-plugin", as: "plugin", on: stage)
            #expect(await eventually { supervisor.current?.version == 2 })
            #expect(supervisor.snapshot.candidateFailure == nil)
            await supervisor.stop()
        }

        @Test func `many upgrades in a row end with the last, and leave nothing of the others`() async throws {
            let stage = try Stage()
            let (supervisor, _) = try wrapped(on: stage)
            _ = try await supervisor.running()
            for round in 0..<6 {
                try install(round % 2 == 0 ? "v2-plugin" : "legacy-datasource", as: "plugin", on: stage)
                if round == 3 { #expect(await eventually { supervisor.current?.generation ?? 1 > 1 }) }
            }
            #expect(await eventually { supervisor.snapshot.candidate == nil && supervisor.snapshot.draining == 0 })
            #expect(await eventually { supervisor.current?.version == 1 && supervisor.snapshot.isUnwrapped })
            let last = try await supervisor.running()
            #expect(await eventually { Processes.children(in: stage.scratch.path).count == 1 })
            await supervisor.stop()
            #expect(!Processes.exists(last.pid))
            #expect(stage.temporaryDirectories == [])
        }

        @Test func `a crash while the new build is starting waits for that`() async throws {
            let stage = try Stage()
            let (supervisor, _) = try wrapped(on: stage)
            let first = try await supervisor.running()
            try stage.scratch.file("plugin-a/plugin.mode", "slow")
            try install("bad-plugin", as: "plugin", on: stage)
            #expect(await eventually { supervisor.snapshot.candidate?.pid != nil })
            kill(first.pid, SIGKILL)
            #expect(await eventually { supervisor.snapshot.candidate == nil })
            #expect(supervisor.isStarting)
            let second = try await supervisor.running()
            #expect(second.generation == 2)
            #expect(supervisor.snapshot.isUnwrapped)
            await supervisor.stop()
        }

        @Test func `an unused plugin is stopped, and the next call starts what is there then`() async throws {
            let stage = try Stage()
            let (supervisor, _) = try wrapped(on: stage) { $0.idleTimeout = .milliseconds(300) }
            let (first, lease) = try await supervisor.use("/a")
            try await Task.sleep(for: .milliseconds(600))
            #expect(supervisor.snapshot.state == .serving, "it is in use")
            lease.end()
            #expect(await eventually { supervisor.snapshot.state == .idle })
            #expect(await eventually { !Processes.exists(first.pid) })
            try install("v2-plugin", as: "plugin", on: stage)
            #expect(await eventually { (try? await supervisor.running().version) == 2 })
            await supervisor.stop()
        }

        @Test func `a plugin that crashes on and on is left alone, and a restart tries it at once`() async throws {
            let stage = try Stage()
            let (supervisor, directory) = try wrapped(on: stage, peer: "bad-plugin") {
                $0.backoff.initial = .milliseconds(10)
                $0.breaker.failures = 3
                $0.breaker.pause = .seconds(600)
            }
            try stage.scratch.file("plugin-a/plugin.wrapped.mode", "empty")
            supervisor.start()
            #expect(await eventually { supervisor.snapshot.state == .broken })
            #expect(supervisor.snapshot.nextAttemptMicroseconds != nil)
            do throws(SupervisionError) {
                _ = try await supervisor.running()
                Issue.record("it must not run")
            } catch {
                #expect(error.lastWords.contains { $0.contains("cannot read my configuration") })
                #expect(error.retryAfter.map { $0 > .seconds(590) } == true)
                #expect(error.description.contains("the next attempt is in"))
            }
            try stage.scratch.file("plugin-a/plugin.wrapped.mode", "no-services")
            supervisor.restart()
            #expect(await eventually { supervisor.current != nil })
            #expect(supervisor.snapshot.executable == "\(directory)/plugin.wrapped")
            await supervisor.stop()
        }
    }
}

/// As the other, for conditions that have to ask.
private func eventually(_ condition: () async -> Bool) async -> Bool {
    for _ in 0..<1000 {
        if await condition() { return true }
        try? await Task.sleep(for: .milliseconds(10))
    }
    return await condition()
}
