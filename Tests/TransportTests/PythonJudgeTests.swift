import Foundation
import GatewayTestKit
import NIOCore
import Synchronization
import Testing

@testable import Transport

/// gRPC C-core, through Python, as the host of a socket: it shares no code with the transport.
@Suite struct PythonJudgeTests {
    @Test func grpcCoreFindsNothingWrong() async throws {
        try await Bench.run { bench in
            let handlers = JudgedHandlers()
            let plugin = try await FakePlugin.start(
                on: bench.loop, path: bench.directory.file("plugin"), answering: handlers.handle)
            let client = try await PluginClient.connect(on: bench.loop, to: plugin.address)
            let (server, router) = try await bench.routing { head in
                head.service == "judge.Forward" ? .forward(client) : .answer(handlers.handle)
            }
            let (code, output) = try await Peers.python(script: "grpc_judge.py", [server.path])
            #expect(code == 0, "\(output)")
            #expect(output.split(separator: "\n").filter { $0.hasPrefix("ok ") }.count == 30, "\(output)")
            #expect(await eventually { await server.load().openCalls == 0 })
            #expect(await server.load().heldBytes == 0)
            #expect(await client.load().heldBytes == 0)
            #expect(router.summaries.contains { $0.code == .cancelled })
            await server.close()
            await client.close()
            await plugin.stop()
        }
    }
}

extension PythonJudgeTests {
    @Test func grpcCoreFindsNothingWrongWithARelay() async throws {
        try await Bench.run { bench in
            let events = EventLog()
            let way = try await bench.relaying(events: events, JudgedHandlers().handle)
            let (code, output) = try await Peers.python(script: "grpc_judge.py", [way.server.path, "Relay"])
            #expect(code == 0, "\(output)")
            #expect(output.split(separator: "\n").filter { $0.hasPrefix("ok ") }.count == 15, "\(output)")
            #expect(await eventually { await way.server.load().connections == 0 })
            #expect(events.all.filter { $0.kind != .connectionLost }.isEmpty, "\(events.all)")
            // Both ends keep accounts of the same calls.
            let seen = way.router.summaries.filter { $0.way == .relayed }
            let served = way.plugin.router.summaries
            #expect(seen.count == served.count)
            for code in [GRPCCode.ok, .failedPrecondition, .unimplemented, .resourceExhausted] {
                let (here, there) = (seen.filter { $0.code == code }, served.filter { $0.code == code })
                #expect(here.count == there.count, "\(code)")
                #expect(here.reduce(0) { $0 + $1.bytesOut } == there.reduce(0) { $0 + $1.bytesOut }, "\(code)")
                #expect(here.reduce(0) { $0 + $1.messagesOut } == there.reduce(0) { $0 + $1.messagesOut }, "\(code)")
            }
            #expect(seen.contains { $0.code == .cancelled })
            await way.stop()
        }
    }
}

/// The methods the judge calls.
final class JudgedHandlers: Sendable {
    private let cancelled = Mutex(0)

    var handle: @Sendable (ServerCall) async -> CallEnd {
        { call in
            do {
                return try await self.answer(call)
            } catch let status as GRPCStatus {
                return CallEnd(status: status)
            } catch {
                self.cancelled.withLock { $0 += 1 }
                return .failure(.cancelled, "over")
            }
        }
    }

    private func answer(_ call: ServerCall) async throws -> CallEnd {
        switch call.head.method {
        case "Same":
            return .reply(try await call.message())
        case "Echo":
            return await FakeAnswers.echo(call)
        case "Count":
            for number in 0..<(try await self.number(call)) { try await call.send(message: ByteBuffer(string: "\(number)")) }
            return CallEnd(status: .ok)
        case "Blocks":
            for _ in 0..<(try await self.number(call)) { try await call.send(message: bytes(65536)) }
            return CallEnd(status: .ok)
        case "Big":
            return .reply(bytes(try await self.number(call) * 1024 * 1024))
        case "Fail":
            return .failure(.failedPrecondition, "zu früh: 100 %\n\tπ", details: [8, 9, 18, 2, 104, 105])
        case "Never":
            try await Task.sleep(for: .seconds(3600))
            return CallEnd(status: .ok)
        case "Deadline":
            let left = call.head.deadline.map { ($0 - .now()).nanoseconds / 1_000_000 }
            return .reply(ByteBuffer(string: left.map(String.init) ?? "none"))
        case "Cancelled":
            return .reply(ByteBuffer(string: "\(self.cancelled.withLock { $0 })"))
        default:
            return .failure(.unimplemented, "no such method")
        }
    }

    private func number(_ call: ServerCall) async throws -> Int {
        Int(String(buffer: try await call.message())) ?? 0
    }
}

/// Programs of other languages that the tests run.
enum Peers {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func python(script: String, _ arguments: [String]) async throws -> (Int32, String) {
        try await self.run(
            ".build-peers/venv/bin/python", [self.root.appending(path: "Tests/Peers/python/\(script)").path] + arguments)
    }

    /// The go-plugin host on a socket of ours: commands in, one line for each out.
    static func goHost(_ socket: String, _ commands: [String]) async throws -> (Int32, String) {
        try await self.run(
            ".build-peers/bin/modern-host", ["--direct", socket], input: commands.joined(separator: "\n") + "\n")
    }

    private static func run(_ program: String, _ arguments: [String], input: String = "") async throws -> (Int32, String) {
        let process = Process()
        process.executableURL = self.root.appending(path: program)
        process.arguments = arguments
        let (commands, output) = (Pipe(), Pipe())
        process.standardInput = commands
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try commands.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try commands.fileHandleForWriting.close()
        let descriptor = output.fileHandleForReading.fileDescriptor
        let bytes = await OffThread.run { () -> [UInt8] in
            var all: [UInt8] = []
            var space = [UInt8](repeating: 0, count: 65536)
            while true {
                let count = read(descriptor, &space, space.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return all }
                all += space.prefix(count)
            }
        }
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
    }
}
