import GatewayTestKit
import Glibc
import NIOCore
import NIOPosix
import Testing
import Translation
import Transport

@testable import Routing

/// Whether a plugin has chunked queries, found without a query being run.
@Suite struct OlderPluginTests {
    /// What the probe says of a plugin whose methods answer with these codes; and which methods it called.
    private func probe(_ codes: [String: GRPCCode]) async throws -> (OlderPlugin.Chunks, [String]) {
        var template = Array("/tmp/pgwr-XXXXXX".utf8CString)
        let directory = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? "/tmp"
        }
        defer { rmdir(directory) }
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let plugin = try await FakePlugin.start(on: loop, path: directory + "/plugin") { call in
            .failure(codes[String(call.head.method)] ?? .unimplemented, "as the test wants it")
        }
        let client = try await PluginClient.connect(on: loop, to: plugin.address)
        let found = await OlderPlugin.probe(client)
        await client.close()
        await plugin.stop()
        return (found, plugin.router.summaries.map(\.path))
    }

    @Test func `a method that refuses what is no protobuf is there`() async throws {
        let (found, asked) = try await probe(["QueryChunkedData": .internal, "QueryData": .internal])
        #expect(found == .likely)
        #expect(asked == ["/pluginv2.Data/QueryChunkedData"])
    }

    @Test func `a method that is not implemented is missing beside one that is`() async throws {
        #expect(try await probe(["QueryData": .internal]).0 == .missing)
    }

    @Test func `a plugin without queries lacks nothing`() async throws {
        #expect(try await probe([:]).0 == .native)
    }

    @Test func `a plugin that cannot be asked is taken for a new one`() async throws {
        #expect(try await probe(["QueryChunkedData": .unavailable]).0 == .likely)
    }

    @Test func `a relayed call shows that a method is missing or has nothing behind it`() {
        func lacks(_ code: GRPCCode, _ messages: Int, _ reply: [UInt8]) -> Bool {
            OlderPlugin.lacksChunks(
                CallSummary(
                    path: V2QueryChunkedDataCall.path, code: code, duration: .zero, bytesIn: 0, bytesOut: 0, messagesIn: 1,
                    messagesOut: messages, way: .relayed, firstReply: reply))
        }
        // Field 5 (status): 501.
        let nothing: [UInt8] = [0x28, 0xF5, 0x03]
        #expect(lacks(.unimplemented, 0, []))
        #expect(lacks(.ok, 1, nothing))
        #expect(!lacks(.ok, 2, nothing))
        #expect(!lacks(.ok, 1, [0x0A, 1, 65] + nothing))
        #expect(!lacks(.ok, 1, []))
        #expect(!lacks(.internal, 0, []))
    }

    @Test func `what was learned of one process says nothing about the next`() {
        let memory = OlderPlugin()
        #expect(memory.chunks(of: 1) == .unknown)
        memory.learn(.missing, of: 1)
        #expect(memory.chunks(of: 1) == .missing)
        #expect(memory.chunks(of: 2) == .unknown)
        memory.learn(.native, of: 2)
        #expect(memory.chunks(of: 2) == .native)
        #expect(memory.chunks(of: 1) == .unknown)
    }

    @Test func `a late word about an old process does not replace what is known of the new one`() {
        let memory = OlderPlugin()
        memory.learn(.native, of: 2)
        memory.learn(.missing, of: 1)
        #expect(memory.chunks(of: 2) == .native)
    }
}
