import NIOCore
import NIOHPACK
import Testing

@testable import Transport

/// What is known of calls that pass by, and that nothing of it touches the bytes.
@Suite struct RelayObserverTests {
    @Test func accountsOfRelayedCallsAreThoseOfTheWire() throws {
        let bench = try RelayBench(excerpt: { $0 == "/x.Y/First" ? 4 : 0 })
        let requests =
            RelayBench.hello + RawPeer.headers(stream: 1, RawPeer.call("/x.Y/First"))
            + RawPeer.frame(type: 0, stream: 1, RelayBench.message("abc") + [0, 0, 0])
            + RawPeer.frame(type: 0, flags: 9, stream: 1, [2, 0, 2, 66, 67, 0, 0])
            + RawPeer.headers(stream: 3, endStream: true, RawPeer.call("/x.Y/Second"))
        let replies =
            RelayBench.pluginHello + RelayBench.reply(stream: 1, RelayBench.replyHead)
            + RawPeer.frame(type: 0, stream: 1, RelayBench.message("répondre"))
            + RelayBench.reply(stream: 3, RelayBench.replyHead + [("grpc-status", "5")], endStream: true)
            + RelayBench.reply(stream: 1, RelayBench.ok, endStream: true)
        // Every byte alone, and the same again in one piece.
        for byte in requests { try bench.fromHost([byte]) }
        for byte in replies { try bench.fromPlugin([byte]) }
        #expect(try bench.toPlugin() == requests)
        #expect(try bench.toHost() == replies)
        try #require(bench.router.summaries.count == 2, "\(bench.events.all)")
        let (second, first) = (bench.router.summaries[0], bench.router.summaries[1])
        #expect((first.path, first.code, first.way) == ("/x.Y/First", .ok, .relayed))
        #expect((first.messagesIn, first.bytesIn, first.messagesOut, first.bytesOut) == (2, 15, 1, 14))
        #expect(first.firstReply == Array("rép".utf8))
        #expect((second.path, second.code, second.messagesIn, second.bytesOut) == ("/x.Y/Second", .notFound, 0, 0))
        #expect(second.firstReply.isEmpty)
        #expect(bench.router.noticed == ["/x.Y/First", "/x.Y/Second"])
    }

    @Test func endsOfEveryKindHaveTheirCode() throws {
        let bench = try RelayBench()
        try bench.fromHost(
            RelayBench.hello
                + stride(from: 1, through: 13, by: 2).flatMap { RawPeer.headers(stream: UInt32($0), RawPeer.call("/a.B/\($0)")) })
        try bench.fromPlugin(
            RelayBench.pluginHello
                + RelayBench.reply(stream: 1, [(":status", "503"), ("content-type", "text/html")], endStream: true)
                + RelayBench.reply(stream: 3, [("grpc-status", "99")], endStream: true)
                + RelayBench.reply(stream: 5, [("x", "y")], endStream: true)
                + RawPeer.frame(type: 0, flags: 1, stream: 7)
                + RawPeer.frame(type: 3, stream: 9, [0, 0, 0, 7]))
        try bench.fromHost(RawPeer.frame(type: 3, stream: 11, [0, 0, 0, 8]))
        // What follows an end changes nothing.
        try bench.fromPlugin(RawPeer.frame(type: 3, stream: 11, [0, 0, 0, 1]) + RawPeer.frame(type: 3, stream: 1, [0, 0, 0, 0]))
        try bench.host.close().wait()
        #expect(bench.hasEnded)
        #expect(
            bench.router.summaries.map(\.code) == [
                .unavailable, .unknown, .unknown, .unknown, .unavailable, .cancelled, .cancelled,
            ])
        #expect(bench.router.summaries.map(\.path) == [1, 3, 5, 7, 9, 11, 13].map { "/a.B/\($0)" })
    }

    @Test func headersThatCannotBeReadEndTheObservationAndNothingElse() throws {
        let bench = try RelayBench()
        let bad = RawPeer.frame(type: 1, flags: 5, stream: 3, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])
        let requests =
            RelayBench.hello + RawPeer.headers(stream: 1, endStream: true, RawPeer.call()) + bad + bad
            + RawPeer.headers(stream: 5, endStream: true, RawPeer.call())
        try bench.fromHost(requests)
        #expect(try bench.toPlugin() == requests)
        #expect(bench.events.all.map(\.kind) == [.observationLost])
        #expect(bench.events.all.first?.side == .host)
        #expect(!bench.relay.isObserved)
        #expect(bench.relay.openCalls == 3)
        try bench.fromPlugin(
            RelayBench.pluginHello + RelayBench.reply(stream: 1, RelayBench.replyHead + RelayBench.ok, endStream: true))
        #expect(bench.router.summaries.isEmpty)
        // Streams are still followed, so that nothing ends silently.
        _ = try bench.toHost()
        #expect(bench.relay.cut(GRPCStatus(code: .unavailable, message: "over")).count == 2)
        #expect(SeenFrames(try bench.toHost()).frames.map(\.stream) == [3, 5, 0])
    }

    @Test func whatIsNotHTTP2PassesAndIsCutByClosing() throws {
        let bench = try RelayBench()
        let text = Array("GET / HTTP/1.1\r\n\r\n".utf8)
        try bench.fromHost(text)
        try bench.fromPlugin(text)
        #expect(try bench.toPlugin() == text)
        #expect(try bench.toHost() == text)
        #expect(bench.events.all.map(\.kind) == [.observationLost])
        bench.relay.drain(reason: "moving")
        #expect(bench.relay.cut(GRPCStatus(code: .unavailable, message: "over")).isEmpty)
        #expect(try bench.toHost().isEmpty)
        #expect(bench.hasEnded)
    }

    @Test func whatIsHeldIsBounded() throws {
        var limits = TransportLimits()
        limits.maximumStreams = 10
        limits.maximumHeaderBytes = 1000
        let bench = try RelayBench(limits: limits)
        try bench.fromHost(
            RelayBench.hello + (0..<20).flatMap { RawPeer.headers(stream: UInt32($0 * 2 + 1), RawPeer.call("/a.B/\($0)")) })
        #expect(bench.relay.openCalls == 10)
        #expect(!bench.relay.isObserved)
        #expect(bench.router.noticed.count == 10 && bench.events.all.isEmpty)
        // Longer paths are cut, larger blocks are not read.
        let long = try RelayBench(limits: limits)
        let path = Array(("/" + String(repeating: "p", count: 381)).utf8)
        try long.fromHost(RelayBench.hello + RawPeer.frame(type: 1, flags: 5, stream: 1, [0x04, 0x7F, 0xFF, 0x01] + path))
        #expect(long.router.noticed.first.map { $0.utf8.count < 300 } == true)
        var pieces = RawPeer.frame(type: 1, stream: 3, [UInt8](repeating: 0x82, count: 600))
        for _ in 0..<100 { pieces += RawPeer.frame(type: 9, stream: 3, [UInt8](repeating: 0x82, count: 600)) }
        try long.fromHost(pieces)
        #expect(long.events.all.map(\.kind) == [.observationLost])
        #expect(try long.toPlugin().count > 60_000)
    }

    @Test func tablesAreAsLargeAsTheOtherSideAllows() throws {
        let bench = try RelayBench()
        // The plugin allows 8192 bytes to the host, which then uses them.
        try bench.fromPlugin(RawPeer.frame(type: 4, [0, 3, 0, 0, 0, 100, 0, 1, 0, 0, 32, 0]))
        let resize: [UInt8] = [0x3F, 0xE1, 0x3F]
        let call = RawPeer.headers(stream: 1, endStream: true, RawPeer.call())
        try bench.fromHost(RelayBench.hello + RawPeer.frame(type: 1, flags: 5, stream: 1, resize + call.dropFirst(9)))
        #expect(bench.relay.isObserved)
        #expect(bench.router.noticed == ["/a.B/C"])
        let other = try RelayBench()
        try other.fromHost(RelayBench.hello + RawPeer.frame(type: 1, flags: 5, stream: 1, resize + call.dropFirst(9)))
        #expect(!other.relay.isObserved)
    }

    // MARK: Floods

    private func flood(_ frame: [UInt8], _ count: Int, fromPlugin: Bool = false) throws -> RelayBench {
        var limits = TransportLimits()
        limits.controlFramesPerSecond = 100
        limits.resetsPerSecond = 100
        let bench = try RelayBench(limits: limits)
        try bench.fromHost(RelayBench.hello + RawPeer.headers(stream: 1, RawPeer.call()))
        try bench.fromPlugin(RelayBench.pluginHello)
        _ = try bench.toHost()
        let bytes = [UInt8](repeatElement(frame, count: count).joined())
        if fromPlugin { try bench.fromPlugin(bytes) } else { try bench.fromHost(bytes) }
        return bench
    }

    @Test(arguments: [
        RawPeer.frame(type: 6, [1, 2, 3, 4, 5, 6, 7, 8]), RawPeer.frame(type: 4),
        RawPeer.frame(type: 3, stream: 1, [0, 0, 0, 8]),
        RawPeer.frame(type: 2, stream: 1, [0, 0, 0, 0, 1]), RawPeer.frame(type: 0, stream: 1),
        RawPeer.frame(type: 1, stream: 1) + RawPeer.frame(type: 9, flags: 4, stream: 1), RawPeer.frame(type: 0xAA),
    ])
    func floodsAreEndedWithEnhanceYourCalm(_ frame: [UInt8]) throws {
        let bench = try self.flood(frame, 150)
        let goAway = try #require(SeenFrames(try bench.toHost()).goAway)
        #expect(goAway.payload[7] == 11)
        #expect(bench.events.all.last?.kind == .protocolViolation)
        #expect(bench.events.all.last?.side == .host)
        #expect(bench.router.summaries.count == 1)
    }

    @Test func floodsOfThePluginAreEndedToo() throws {
        let bench = try self.flood(RawPeer.frame(type: 6, [1, 2, 3, 4, 5, 6, 7, 8]), 150, fromPlugin: true)
        let seen = SeenFrames(try bench.toHost())
        #expect(seen.goAway?.payload[7] == 11)
        #expect(seen.ended(1))
        #expect(bench.events.all.last?.side == .plugin)
        #expect(bench.router.summaries.map(\.code) == [.unavailable])
    }

    @Test(arguments: [
        RawPeer.frame(type: 6, flags: 1, [1, 2, 3, 4, 5, 6, 7, 8]), RawPeer.frame(type: 4, flags: 1),
        RawPeer.frame(type: 8, [0, 0, 1, 0]), RawPeer.frame(type: 0, stream: 1, [0]),
    ])
    func whatGoesWithTheTrafficIsNoFlood(_ frame: [UInt8]) throws {
        let bench = try self.flood(frame, 1000)
        #expect(try bench.toHost().isEmpty)
        #expect(bench.events.all.isEmpty)
        #expect(bench.relay.openCalls == 1)
    }

    @Test func whatComesSlowlyIsNoFlood() throws {
        let bench = try self.flood(RawPeer.frame(type: 6, [1, 2, 3, 4, 5, 6, 7, 8]), 90)
        for _ in 0..<50 {
            bench.loop.advanceTime(by: .milliseconds(1100))
            try bench.fromHost([UInt8](repeatElement(RawPeer.frame(type: 6, [1, 2, 3, 4, 5, 6, 7, 8]), count: 90).joined()))
        }
        #expect(bench.events.all.isEmpty)
    }
}
