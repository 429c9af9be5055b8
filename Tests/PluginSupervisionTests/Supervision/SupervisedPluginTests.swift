import Foundation
import NIOCore
import Synchronization
import Testing
import Transport

@testable import PluginSupervision

extension RealProcesses {
    /// Plugins that work, on real binaries.
    @Suite struct Supervised {
        @Test func `a real v1 plugin starts, answers version 1 to an offer of 1 and 2, and is healthy`() async throws {
            let stage = try Stage()
            let supervisor = stage.supervise(try stage.peer("legacy-datasource"))
            #expect(supervisor.snapshot.state == .idle)
            let plugin = try await supervisor.running()
            #expect(plugin.version == 1)
            #expect(plugin.health == .serving)
            #expect(plugin.handshake.address.hasPrefix(stage.temporaryRoot))
            #expect(supervisor.current?.pid == plugin.pid)
            #expect(supervisor.snapshot.state == .serving)
            #expect(supervisor.snapshot.pid == plugin.pid)
            #expect(supervisor.snapshot.version == 1)
            #expect(await supervisor.probeHealth() == .serving)
            await supervisor.stop()
            #expect(!Processes.exists(plugin.pid))
            #expect(stage.temporaryDirectories == [])
            #expect(supervisor.current == nil)
            #expect(supervisor.snapshot.state == .ended)
            #expect(
                stage.events.map(\.kind) == [
                    .starting, .negotiated(pid: plugin.pid, version: 1), .serving(pid: plugin.pid, version: 1), .stopping,
                    .ended(.stopped),
                ])
        }

        @Test func `many who wait share one start`() async throws {
            let stage = try Stage()
            let supervisor = stage.supervise(try stage.bad("slow", milliseconds: 200))
            let pids = try await withThrowingTaskGroup(of: Int32.self) { group in
                for _ in 0..<20 { group.addTask { try await supervisor.running().pid } }
                return try await group.reduce(into: Set<Int32>()) { $0.insert($1) }
            }
            #expect(pids.count == 1)
            await supervisor.stop()
        }

        @Test func `who waits and is cancelled does not wait on`() async throws {
            let stage = try Stage()
            let supervisor = stage.supervise(try stage.bad("silent"))
            let task = Task { () -> SupervisionError.Code? in
                do throws(SupervisionError) {
                    _ = try await supervisor.running()
                    return nil
                } catch {
                    return error.code
                }
            }
            #expect(await eventually { supervisor.snapshot.pid != nil })
            task.cancel()
            #expect(await task.value == .stopped)
            #expect(supervisor.snapshot.state == .starting)
            await supervisor.stop()
            #expect(stage.temporaryDirectories == [])
        }

        @Test func `a stop during the start ends it, and those who wait learn so`() async throws {
            let stage = try Stage()
            let supervisor = stage.supervise(try stage.bad("silent"))
            async let code = { () async -> SupervisionError.Code? in
                do throws(SupervisionError) {
                    _ = try await supervisor.running()
                    return nil
                } catch {
                    return error.code
                }
            }()
            #expect(await eventually { supervisor.snapshot.state == .starting })
            await supervisor.stop()
            await supervisor.stop()
            #expect(await code == .stopped)
            #expect(stage.temporaryDirectories == [])
            await #expect(throws: SupervisionError.self) { try await supervisor.running() }
        }

        @Test func `a stop right after the start leaves nothing`() async throws {
            let stage = try Stage()
            for _ in 0..<20 {
                let supervisor = stage.supervise(try stage.peer("legacy-datasource"))
                supervisor.start()
                await supervisor.stop()
            }
            #expect(stage.temporaryDirectories == [])
            #expect(Processes.children(in: stage.scratch.path) == [])
        }

        @Test func `the host's Shutdown ends plugin and supervision, and the socket is gone`() async throws {
            let stage = try Stage()
            let (ends, continuation) = AsyncStream.makeStream(of: SupervisionEnd.self)
            let supervisor = stage.supervise(try stage.peer("legacy-datasource")) { continuation.yield($0) }
            let plugin = try await supervisor.running()
            supervisor.expectExit()
            // The reply may arrive as UNAVAILABLE.
            _ = try? await plugin.client.unary("/plugin.GRPCController/Shutdown", ByteBuffer())
            var iterator = ends.makeAsyncIterator()
            #expect(await iterator.next() == .shutDown)
            #expect(!FileManager.default.fileExists(atPath: plugin.handshake.address))
            #expect(!Processes.exists(plugin.pid))
            #expect(stage.temporaryDirectories == [])
            do throws(SupervisionError) {
                _ = try await supervisor.running()
                Issue.record("it must not run again")
            } catch {
                #expect(error.code == .shutDown)
            }
        }

        @Test func `a crash leads to a restart, and meanwhile calls fail at once with the reason`() async throws {
            let stage = try Stage()
            var limits = Stage.limits
            limits.backoff.initial = .milliseconds(700)
            let supervisor = stage.supervise(try stage.peer("legacy-datasource", limits: limits))
            let first = try await supervisor.running()
            kill(first.pid, SIGSEGV)
            #expect(await eventually { supervisor.snapshot.state == .backingOff })
            do throws(SupervisionError) {
                _ = try await supervisor.running()
                Issue.record("it must not run while backing off")
            } catch {
                // A Go program that is sent SIGSEGV prints its goroutines and exits with 2.
                #expect(error.code == .exited || error.code == .crashed)
                #expect(error.lastWords.joined().contains("SIGSEGV"))
                #expect(error.retryAfter.map { $0 > .zero && $0 < .seconds(1) } == true)
            }
            #expect(stage.temporaryDirectories == [], "the socket that the crash left is gone")
            #expect(await eventually { supervisor.current != nil })
            let second = try await supervisor.running()
            #expect(second.pid != first.pid)
            #expect(second.generation == 2)
            #expect(supervisor.snapshot.restarts == 1)
            #expect(supervisor.snapshot.lastError != nil)
            await supervisor.stop()
        }

        @Test func `a plugin that keeps ending is started again and again`() async throws {
            let stage = try Stage()
            let supervisor = stage.supervise(try stage.bad("exit-after", milliseconds: 50))
            supervisor.start()
            #expect(await eventually { supervisor.snapshot.restarts >= 2 })
            #expect(supervisor.snapshot.lastError?.message.contains("exit code 5") == true)
            #expect(supervisor.snapshot.lastError?.lastWords.contains("bad-plugin: giving up, as told") == true)
            await supervisor.stop()
            #expect(stage.temporaryDirectories == [])
        }

        @Test func `a restart on request replaces the process at once`() async throws {
            let stage = try Stage()
            let supervisor = stage.supervise(try stage.peer("legacy-datasource"))
            let first = try await supervisor.running()
            supervisor.restart()
            #expect(await eventually { (supervisor.current?.generation ?? 1) == 2 })
            #expect(await eventually { !Processes.exists(first.pid) })
            #expect(supervisor.snapshot.lastError == nil)
            #expect(supervisor.snapshot.restarts == 1)
            await supervisor.stop()
        }

        @Test(arguments: ["tcp", "field-six-short", "no-services", "slow"])
        func `odd plugins that are right are used`(mode: String) async throws {
            let stage = try Stage()
            let supervisor = stage.supervise(try stage.bad(mode, milliseconds: 100))
            let plugin = try await supervisor.running()
            #expect(plugin.health == (mode == "no-services" ? .unimplemented : .serving))
            await supervisor.stop()
            #expect(!Processes.exists(plugin.pid))
            #expect(stage.temporaryDirectories == [])
        }

        @Test func `a connection that the plugin closes is made anew without a restart`() async throws {
            let stage = try Stage()
            let supervisor = stage.supervise(try stage.peer("legacy-datasource"))
            let first = try await supervisor.running()
            await first.client.close()
            #expect(await eventually { supervisor.current.map { $0.client !== first.client } == true })
            let second = try await supervisor.running()
            #expect(second.pid == first.pid)
            #expect(await supervisor.probeHealth() == .serving)
            #expect(supervisor.snapshot.restarts == 0)
            await supervisor.stop()
        }

        @Test(.timeLimit(.minutes(1)), arguments: [SIGSTOP, 0])
        func `a plugin that is stopped or ignores every request is killed`(signal: Int32) async throws {
            let stage = try Stage()
            let supervisor = stage.supervise(try signal == 0 ? stage.bad("ignore-stop") : stage.peer("legacy-datasource"))
            let plugin = try await supervisor.running()
            if signal != 0 { kill(plugin.pid, signal) }
            await supervisor.stop()
            #expect(!Processes.exists(plugin.pid))
            #expect(stage.temporaryDirectories == [])
        }

        @Test func `a plugin's children hold nothing up`() async throws {
            let stage = try Stage()
            let supervisor = stage.supervise(try stage.bad("grandchild"))
            _ = try await supervisor.running()
            let pid = stage.records.compactMap { $0.message.split(separator: " ").last.flatMap { Int32($0) } }.first
            await supervisor.stop()
            #expect(pid != nil)
            if let pid { #expect(await eventually { !Processes.isAlive(pid) }) }
        }

        @Test func `a plugin that floods its stderr is bounded, counted, and never made to wait`() async throws {
            let stage = try Stage()
            var limits = Stage.limits
            limits.log.recordBurst = 100
            limits.log.recordsPerSecond = 10
            let script =
                "#!/bin/sh\ni=0\nwhile [ $i -lt 20000 ]; do echo \"noise $i\" >&2; i=$((i+1)); done\necho 'panic: the end' >&2\nexit 9\n"
            let error = try await stage.failureOfStart(try stage.script(script, limits: limits))
            #expect(error?.message.contains("exit code 9") == true)
            #expect(error?.lastWords.last == "panic: the end")
            let dropped = stage.records.filter { $0.source == .gateway }.flatMap(\.fields).filter { $0.key == "dropped" }
            let lines = stage.records.filter { $0.source == .stderr }
            #expect(lines.count + dropped.compactMap { Int($0.value) }.reduce(0, +) == 20_001)
            #expect(lines.contains { $0.message == "panic: the end" && $0.level == .error }, "a panic comes through all the same")
        }

        @Test func `what a plugin prints after the handshake is drained and logged as debug`() async throws {
            let stage = try Stage()
            let script = """
                #!/usr/bin/env python3
                import os, socket, sys, time
                path = os.environ["TMPDIR"] + "/s"
                listener = socket.socket(socket.AF_UNIX)
                listener.bind(path)
                listener.listen()
                os.write(1, ("1|1|unix|%s|grpc|\\nsame write\\n" % path).encode())
                os.write(1, b"x" * (1 << 20) + b"\\nlast line\\n")
                os.write(2, b"all printed\\n")
                time.sleep(600)
                """
            var limits = Stage.limits
            limits.connectTimeout = .seconds(30)
            let supervisor = stage.supervise(try stage.script(script, limits: limits))
            supervisor.start()
            #expect(await eventually { stage.records.contains { $0.message == "last line" } })
            #expect(await eventually { stage.records.contains { $0.message == "all printed" } }, "a megabyte did not block it")
            let printed = stage.records.filter { $0.source == .stdout }
            #expect(printed.map(\.level).allSatisfy { $0 == .debug })
            #expect(printed.first?.message == "same write")
            #expect(
                printed.dropFirst().first.map { $0.message.utf8.count < 70_000 && $0.message.hasSuffix("bytes cut]") } == true)
            await supervisor.stop()
        }

        @Test func `a panic that the plugin survives is logged when it falls quiet`() async throws {
            let stage = try Stage()
            let supervisor = stage.supervise(
                try stage.script("#!/bin/sh\nprintf 'http: panic serving x: oh\\ngoroutine 7 [running]:\\n' >&2\nsleep 600\n"))
            supervisor.start()
            #expect(await eventually { !stage.records.isEmpty })
            #expect(stage.records.map(\.message) == ["http: panic serving x: oh\ngoroutine 7 [running]:"])
            await supervisor.stop()
        }

        @Test func `records carry plugin, process, level, module and time`() async throws {
            let stage = try Stage()
            let supervisor = stage.supervise(
                try stage.peer(
                    "legacy-datasource", environment: [("LEGACY_STDERR_AT_START", "[WARN]  ds.start: slow disk: took=3s")]))
            let plugin = try await supervisor.running()
            #expect(await eventually { stage.records.contains { $0.level == .warning } })
            let record = stage.records.first { $0.level == .warning }
            #expect(record?.pluginID == "test-plugin")
            #expect(record?.pid == plugin.pid)
            #expect(record?.module == "ds.start")
            #expect(record?.message == "slow disk")
            #expect(record?.fields.first?.key == "took")
            await supervisor.stop()
        }

        @Test func `what a plugin hands over by GRPCStdio is logged`() async throws {
            let stage = try Stage()
            let supervisor = stage.supervise(try stage.peer("v2-plugin"))
            let plugin = try await supervisor.running()
            #expect(plugin.version == 2)
            let control = Metadata([("x-peer-control", #"{"stdio":{"stdout":"printed out\n","stderr":"[ERROR] printed err\n"}}"#)]
            )
            _ = try await plugin.client.unary("/pluginv2.Diagnostics/CheckHealth", ByteBuffer(), metadata: control)
            #expect(await eventually { stage.records.filter { $0.source == .stdio }.count == 2 })
            let handedOver = stage.records.filter { $0.source == .stdio }
            #expect(handedOver.contains { $0.message == "printed out" && $0.level == .debug })
            #expect(handedOver.contains { $0.message == "printed err" && $0.level == .error })
            await supervisor.stop()
        }

        @Test func `nothing of the handed-over environment is in any record, event, status or description`() async throws {
            let stage = try Stage()
            let canary = "canary-5f2c91"
            let launch = try stage.peer("legacy-datasource", environment: [("AWS_SECRET_ACCESS_KEY", canary)])
            let supervisor = stage.supervise(launch)
            _ = try await supervisor.running()
            await supervisor.stop()
            let everything = "\(stage.records) \(stage.events) \(supervisor.snapshot) \(launch) \(String(reflecting: launch))"
            var dumped = ""
            dump(launch, to: &dumped)
            #expect(!everything.contains(canary))
            #expect(!dumped.contains(canary))
        }
    }
}
