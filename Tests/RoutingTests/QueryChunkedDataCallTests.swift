import NIOCore
import PluginProtocolV2
import SwiftProtobuf
import Synchronization
import Testing
import Transport

@testable import Routing

@Suite struct QueryChunkedDataCallTests {
    private static let path = "/pluginv2.Data/QueryChunkedData"

    @Test func `a host that does not read holds a bounded number of bytes, and gets the rest when it reads on`() async throws {
        let points = 500_000
        let bench = try await Streaming.start { call in
            do { return .reply(try Streaming.reply(try await Streaming.refIDs(call)[0], points: points)) } catch {
                return .failure(.unknown, "\(error)")
            }
        }
        let stream = bench.host.stream(Self.path)
        try await stream.send(try Streaming.request(["A"]))
        stream.finish()
        _ = try #require(try await stream.next())
        // 500 chunks of 16 kB are 8 MB. Held here at most: what the host's window lets through, and one chunk over the mark.
        let bound = 4 << 20
        var most = 0
        for _ in 0..<100 {
            let load = await bench.server.load()
            most = max(most, load.unwrittenBytes)
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(most < bound)
        #expect(bench.statistics.snapshot().methods.isEmpty, "the call cannot be over")
        var messages = 1
        while try await stream.next() != nil { messages += 1 }
        #expect(messages == 500)
        #expect(bench.statistics.snapshot().methods.first?.points == UInt64(points))
        await bench.stop()
    }

    @Test func `while a host reads the first group, the plugin is not asked for more than the limit`() async throws {
        let open = Mutex((now: 0, most: 0))
        let bench = try await Streaming.start { call in
            open.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            defer { open.withLock { $0.now -= 1 } }
            do { return .reply(try Streaming.reply(try await Streaming.refIDs(call)[0], points: 10)) } catch {
                return .failure(.unknown, "\(error)")
            }
        }
        let refIDs = (0..<20).map { "Q\($0)" }
        var seen: Set<String> = []
        for try await message in bench.host.serverStream(Self.path, try Streaming.request(refIDs)) {
            seen.insert(try Pluginv2_QueryChunkedDataResponse(serializedBytes: Array(message.readableBytesView)).refID)
        }
        #expect(seen == Set(refIDs))
        #expect(open.withLock { $0.most } <= 2)
        await bench.stop()
    }

    @Test func `a host that goes away cancels what the plugin is still asked`() async throws {
        let (cancelled, report) = AsyncStream<Void>.makeStream()
        let bench = try await Streaming.start { call in
            do {
                let refID = try await Streaming.refIDs(call)[0]
                if refID == "A" { return .reply(try Streaming.reply("A", points: 1)) }
                try await Task.sleep(for: .seconds(3600))
                return .failure(.unknown, "it slept well")
            } catch {
                report.yield()
                return .failure(.cancelled, "cancelled")
            }
        }
        let stream = bench.host.stream(Self.path)
        try await stream.send(try Streaming.request(["A", "B"]))
        stream.finish()
        let first = try #require(try await stream.next())
        #expect(try Pluginv2_QueryChunkedDataResponse(serializedBytes: Array(first.readableBytesView)).refID == "A")
        stream.cancel()
        var iterator = cancelled.makeAsyncIterator()
        #expect(await iterator.next() != nil)
        await bench.stop()
    }

    @Test func `a request that is no message is the host's fault`() async throws {
        let bench = try await Streaming.start { _ in .failure(.internal, "nobody asked") }
        let error = await #expect(throws: GRPCStatus.self) {
            for try await _ in bench.host.serverStream(Self.path, ByteBuffer(bytes: [0x0a, 0x7f])) {}
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("pluginv2.QueryChunkedDataRequest") == true)
        await bench.stop()
    }
}
