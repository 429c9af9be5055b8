import GatewayTestKit
import Glibc
import NIOCore
import Synchronization
import Testing

@testable import Transport

/// Relayed connections over real sockets.
@Suite struct RelayTests {
    @Test func callsPassThroughAndAreAccounted() async throws {
        try await Bench.run { bench in
            let way = try await bench.relaying(FakeAnswers.echo)
            let host = try await bench.host()
            let reply = try await host.client.unary(
                "/any.Service/Method", ByteBuffer(string: "hello"), metadata: ["echo-a": "1", "echo-x-bin": "AAH/"], deadline: nil
            )
            #expect(String(buffer: reply.message) == "hello")
            #expect(reply.metadata.first("echo-x-bin") == "AAH/")
            #expect(reply.trailers.first("echo-a") == "1")
            let summary = try #require(await way.router.summaries(atLeast: 1).first)
            #expect((summary.path, summary.code, summary.way) == ("/any.Service/Method", .ok, .relayed))
            #expect((summary.messagesIn, summary.bytesIn, summary.messagesOut, summary.bytesOut) == (1, 10, 1, 10))
            #expect(await way.server.load().relayed == 1)
            await host.close()
            #expect(await eventually { await way.server.load().connections == 0 })
            #expect(await eventually { await way.plugin.server.load().connections == 0 })
            await way.stop()
        }
    }

    @Test func bytesOfBothSidesAreUntouched() async throws {
        try await Bench.run { bench in
            let plugin = try #require(RawPlugin(path: bench.directory.file("plugin")))
            let server = try await bench.serving(FakeRouter(mode: .relay(.unix(plugin.path))) { _ in .answer(FakeAnswers.same) })
            let path = server.path
            let (seen, sent, back, answered) = await OffThread.run { () -> ([UInt8], [UInt8], [UInt8], [UInt8]) in
                var random = SystemRandomNumberGenerator()
                func noise(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) } }
                // Headers that are not UTF-8, frames nobody knows, and then things that are not HTTP/2 at all.
                let odd = RawPeer.headers(
                    stream: 1, RawPeer.call("/no.Such/\u{7F}", [("x-odd", [0xFF, 0xFE, 0x80]), ("x-bin", [1])]))
                let request =
                    RawPeer.preface + RawPeer.frame(type: 4) + odd + RawPeer.frame(type: 0xFA, stream: 9, noise(300))
                    + noise(70_000)
                let reply = RawPeer.frame(type: 4) + RawPeer.frame(type: 0xFB, noise(40_000)) + noise(300_000)
                guard let host = RawPeer(path: path), let peer = plugin.accept() else { return ([], request, [], reply) }
                host.write(request)
                let seen = peer.read(exactly: request.count)
                host.endOutput()
                #expect(peer.read().isEmpty)
                peer.write(reply)
                let back = host.read(exactly: reply.count)
                return (seen, request, back, reply)
            }
            #expect(seen == sent)
            #expect(back == answered)
            #expect(await eventually { await server.load().connections == 0 })
            await server.close()
        }
    }

    @Test func largeMessagesPassWhileLittleIsHeld() async throws {
        try await Bench.run { bench in
            let way = try await bench.relaying(FakeAnswers.same)
            let host = try await bench.host()
            let big = bytes(12_000_000)
            let replies = try await withThrowingTaskGroup(of: ByteBuffer.self) { group in
                for _ in 0..<4 {
                    group.addTask { try await host.client.unary("/a.B/C", big, metadata: [:], deadline: nil).message }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(replies.allSatisfy { $0 == big })
            #expect(way.router.summaries.allSatisfy { $0.bytesOut == 12_000_005 && $0.messagesIn == 1 })
            await host.close()
            await way.stop()
        }
    }

    @Test func aSideThatDoesNotReadStopsTheOther() async throws {
        try await Bench.run { bench in
            let plugin = try #require(RawPlugin(path: bench.directory.file("plugin")))
            let server = try await bench.serving(FakeRouter(mode: .relay(.unix(plugin.path))) { _ in .answer(FakeAnswers.same) })
            let path = server.path
            let (held, total, rest) = await OffThread.run { () -> (Int, Int, Int) in
                guard let host = RawPeer(path: path), let peer = plugin.accept() else { return (0, 0, 0) }
                let frame = RawPeer.frame(type: 0xFA, [UInt8](repeating: 7, count: 16_375))
                peer.write(RawPeer.frame(type: 4))
                var written = RawPeer.frame(type: 4).count
                while peer.writeIfReady(frame) { written += frame.count }
                // Nothing more goes in; what the gateway holds is what is neither here nor there.
                let there = host.waiting()
                return (written - there - peer.unsent(), written, host.read(exactly: written).count)
            }
            // The system counts what is unsent with its own overhead, so this may be below zero.
            #expect(total > 0 && held < 2_000_000, "\(held) of \(total)")
            #expect(rest == total)
            await server.close()
        }
    }

    @Test func cancellationAndDeadlinesReachThePlugin() async throws {
        try await Bench.run { bench in
            let way = try await bench.relaying(FakeAnswers.never)
            let host = try await bench.host()
            let call = Task { await host.status("/a.B/C") }
            #expect(await eventually { await way.plugin.server.load().openCalls == 1 })
            call.cancel()
            #expect(await way.plugin.router.summaries(atLeast: 1).first?.code == .cancelled)
            #expect(await way.router.summaries(atLeast: 1).first?.code == .cancelled)
            #expect(await host.status("/a.B/D", timeout: .milliseconds(50)).code == .deadlineExceeded)
            await host.close()
            await way.stop()
        }
    }

    // MARK: Plugins that are not there

    @Test func pluginThatCannotBeReachedIsAnsweredForByTheGateway() async throws {
        try await Bench.run { bench in
            let events = EventLog()
            let router = FakeRouter(mode: .relay(.unix(bench.directory.file("nobody")))) { _ in .answer(FakeAnswers.same) }
            let server = try await bench.serving(router, events: events)
            let host = try await bench.host()
            #expect(try await host.call("/a.B/C", "x") == "x")
            #expect(await server.load().relayed == 0)
            #expect(events.all.map(\.kind) == [.relayFailed])
            await host.close()
            await server.close()
        }
    }

    @Test func callsOfAPluginThatDiesEndWithUnavailable() async throws {
        try await Bench.run { bench in
            let plugin = try #require(RawPlugin(path: bench.directory.file("plugin")))
            let router = FakeRouter(mode: .relay(.unix(plugin.path))) { _ in .answer(FakeAnswers.same) }
            let server = try await bench.serving(router)
            async let connected = bench.host()
            let peer = await OffThread.run { () -> Held in
                let peer = plugin.accept()
                peer?.write(RawPeer.frame(type: 4) + RawPeer.frame(type: 4, flags: 1))
                return Held(peer)
            }
            let host = try await connected
            async let status = host.status("/a.B/C")
            #expect(await eventually { await server.load().openCalls == 1 })
            peer.drop()
            #expect(await status.code == .unavailable)
            #expect(await status.message.contains("the plugin closed its connection"))
            #expect(await router.summaries(atLeast: 1).first?.code == .unavailable)
            #expect(await eventually { host.client.closeReason != nil })
            await host.close()
            await server.close()
        }
    }

    // MARK: Ends

    @Test func reconsideredConnectionMovesWithoutAFailedCall() async throws {
        try await Bench.run { bench in
            let (gate, open) = AsyncStream.makeStream(of: Void.self)
            let old = try await bench.relaying { call in
                for await _ in gate { break }
                return await FakeAnswers.same(call)
            }
            let new = try await FakePlugin.start(on: bench.loop, path: bench.directory.file("new"), answering: FakeAnswers.same)
            let host = try await bench.host()
            async let reply = host.call("/a.B/C", "old")
            #expect(await eventually { await old.plugin.server.load().openCalls == 1 })
            old.router.set(.relay(new.address))
            async let report = old.server.reconsider(reason: "the plugin was replaced", cap: .seconds(60))
            #expect(await eventually { host.client.closeReason?.contains("the plugin was replaced") == true })
            let next = try await bench.host()
            #expect(try await next.call("/a.B/C", "new") == "new")
            open.finish()
            #expect(try await reply == "old")
            let result = await report
            #expect(result.connections == 1 && result.cuts.isEmpty)
            #expect(old.plugin.router.summaries.map(\.code) == [.ok])
            // What is as it should be stays.
            #expect(await old.server.reconsider(reason: "nothing", cap: .seconds(1)).connections == 0)
            #expect(try await next.call("/a.B/C", "still") == "still")
            await host.close()
            await next.close()
            await old.stop()
            await new.stop()
        }
    }

    @Test func reconsideredCallsThatDoNotEndAreCutAndReportedOnce() async throws {
        try await Bench.run { bench in
            let events = EventLog()
            let way = try await bench.relaying(events: events, FakeAnswers.never)
            let host = try await bench.host()
            async let one = host.status("/a.B/C")
            async let two = host.status("/a.B/Other")
            #expect(await eventually { await way.plugin.server.load().openCalls == 2 })
            way.router.set(.terminate)
            let report = await way.server.reconsider(reason: "the plugin was replaced", cap: .milliseconds(50))
            #expect(report.cuts.map(\.path) == ["/a.B/C", "/a.B/Other"])
            #expect(report.cuts.allSatisfy { $0.count == 1 && $0.oldest >= .milliseconds(40) })
            #expect(await one.code == .unavailable)
            #expect(await two.message.contains("while the plugin was replaced"))
            let cut = events.all.filter { $0.kind == .drainCut }
            #expect(cut.count == 1)
            #expect(cut.first?.message.contains("/a.B/Other ×1") == true, "\(cut)")
            await host.close()
            await way.stop()
        }
    }

    @Test func terminatedConnectionMovesToARelayAndBack() async throws {
        try await Bench.run { bench in
            let way = try await bench.relaying(FakeAnswers.same)
            way.router.set(.undecided)
            async let first = bench.host()
            #expect(await eventually { await way.server.load().waiting == 1 })
            way.router.set(.terminate)
            let host = try await first
            #expect(await host.status("/a.B/C").message == "answered by the gateway")
            // Undecided: a terminated connection stays until there is something to move to.
            way.router.set(.undecided)
            async let report = way.server.reconsider(reason: "the plugin runs", cap: .seconds(30))
            way.router.set(.relay(way.plugin.address))
            #expect(await report.connections == 1)
            let next = try await bench.host()
            #expect(try await next.call("/a.B/C", "x") == "x")
            await host.close()
            await next.close()
            await way.stop()
        }
    }

    @Test func drainAndCloseEndRelayedConnections() async throws {
        try await Bench.run { bench in
            let way = try await bench.relaying(FakeAnswers.never)
            let host = try await bench.host()
            async let status = host.status("/a.B/C")
            #expect(await eventually { await way.plugin.server.load().openCalls == 1 })
            let report = await way.server.drain(cap: .milliseconds(30))
            #expect(report.cutCalls == 1)
            #expect(await status.code == .unavailable)
            #expect(await way.plugin.router.summaries(atLeast: 1).first?.code == .cancelled)
            #expect(await way.server.load().connections == 0)
            await host.close()
            await way.stop()
        }
    }
}

/// Keeps a connection of a raw plugin until it is dropped.
private final class Held: Sendable {
    private let peer: Mutex<RawPeer?>

    init(_ peer: consuming sending RawPeer?) {
        self.peer = Mutex(peer)
    }

    func drop() {
        self.peer.withLock { $0 = nil }
    }
}
