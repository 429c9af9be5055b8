import NIOCore
import Testing

@testable import Transport

/// Frames of the gateway's own between those of a plugin.
@Suite struct RelayInjectionTests {
    private let calls = [1, 3, 5].flatMap { RawPeer.headers(stream: UInt32($0), endStream: $0 != 5, RawPeer.call()) }

    /// A plugin's side of three calls: one with a block in pieces, one with padding, one without an end.
    private let replies =
        RelayBench.reply(stream: 1, RelayBench.replyHead) + RawPeer.frame(type: 0, stream: 1, RelayBench.message("one"))
        + RawPeer.frame(type: 1, flags: 1, stream: 1, [0]) + RawPeer.frame(type: 9, stream: 1, [11])
        + RawPeer.frame(type: 9, flags: 4, stream: 1, Array("grpc-status".utf8) + [1, 48])
        + RelayBench.reply(stream: 3, RelayBench.replyHead)
        + RawPeer.frame(type: 0, flags: 8, stream: 3, [3] + RelayBench.message("three") + [0, 0, 0])
        + RawPeer.frame(type: 0, stream: 3, [0, 0, 0]) + RawPeer.frame(type: 6, [UInt8](repeating: 9, count: 8))

    /// Where a frame begins and no header block is open.
    private func boundaries(_ bytes: [UInt8]) -> [Int] {
        var found: [Int] = []
        var offset = 0
        for frame in SeenFrames(bytes).frames {
            offset += 9 + frame.payload.count
            if (frame.type != 1 && frame.type != 9) || frame.flags & 4 != 0 { found.append(offset) }
        }
        return found
    }

    @Test func goAwayGoesToTheNextBoundaryWhereverThePluginIs() throws {
        let stream = RelayBench.pluginHello + self.replies
        let boundaries = self.boundaries(stream)
        for cut in 0..<stream.count {
            let bench = try RelayBench()
            try bench.fromHost(RelayBench.hello + self.calls)
            if cut > 0 { try bench.fromPlugin(Array(stream[..<cut])) }
            bench.relay.drain(reason: "testing")
            try bench.fromPlugin(Array(stream[cut...]))
            let seen = try bench.toHost()
            let place = try #require(boundaries.first { $0 >= cut })
            let own = Array(seen[place..<(place + seen.count - stream.count)])
            let frames = SeenFrames(own).frames
            #expect(frames.map(\.type) == [7, 6], "cut at \(cut)")
            #expect(frames[0].payload == [0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0] + Array("testing".utf8))
            #expect(Array(seen[..<place]) + Array(seen[(place + own.count)...]) == stream, "cut at \(cut)")
        }
    }

    @Test func everyOpenCallIsEndedWithAStatusWhereverThePluginIs() throws {
        let stream = RelayBench.pluginHello + self.replies
        let boundaries = self.boundaries(stream)
        for cut in 0..<stream.count {
            let bench = try RelayBench()
            try bench.fromHost(RelayBench.hello + self.calls)
            if cut > 0 { try bench.fromPlugin(Array(stream[..<cut])) }
            let report = bench.relay.cut(GRPCStatus(code: .unavailable, message: "müde"))
            #expect(report.allSatisfy { $0.path == "/a.B/C" } && (2...3).contains(report.count))
            if !boundaries.contains(cut) { try bench.fromPlugin(Array(stream[cut...])) }
            let seen = try bench.toHost()
            let place = try #require(boundaries.first { $0 >= cut })
            #expect(Array(seen[..<place]) == Array(stream[..<place]), "cut at \(cut)")
            let sent = SeenFrames(Array(stream[..<place]))
            let own = SeenFrames(Array(seen[place...])).frames
            #expect(own.last?.type == 7)
            #expect(own.last?.payload.prefix(8) == [0, 0, 0, 5, 0, 0, 0, 0])
            // Three bytes of a second message on stream 3: only the end of the connection can end that.
            let isInMessage = sent.frames.contains { $0.stream == 3 && $0.type == 0 && $0.payload.count == 3 }
            let open = [1, 3, 5].filter { !sent.ended(UInt32($0)) && !($0 == 3 && isInMessage) }
            #expect(own.dropLast().map(\.stream) == open.map { UInt32($0) }, "cut at \(cut)")
            for frame in own.dropLast() {
                #expect(frame.type == 1 && frame.flags == 5)
                let fields = try RelayBench.fields(frame)
                let hasBegun = sent.frames.contains { $0.type == 1 && $0.stream == frame.stream }
                #expect(fields.map(\.0) == (hasBegun ? [] : [":status", "content-type"]) + ["grpc-status", "grpc-message"])
                #expect(fields.suffix(2).map(\.1) == ["14", "m%C3%BCde"])
            }
            #expect(bench.router.summaries.count == 3)
            #expect(bench.router.summaries.filter { $0.code == .unavailable }.count == 3 - (sent.ended(1) ? 1 : 0))
        }
    }

    @Test func aCutInAFrameWhoseRestDoesNotComeClosesTheConnection() throws {
        let bench = try RelayBench()
        try bench.fromHost(RelayBench.hello + self.calls)
        let begun = RelayBench.pluginHello + RawPeer.frame(type: 0, stream: 1, RelayBench.message("one")).dropLast()
        try bench.fromPlugin(begun)
        _ = bench.relay.cut(GRPCStatus(code: .unavailable, message: "over"))
        #expect(try bench.toHost() == begun)
        #expect(!bench.hasEnded)
        bench.loop.advanceTime(by: .milliseconds(250))
        #expect(bench.hasEnded)
        #expect(try bench.toHost().isEmpty)
        #expect(bench.router.summaries.map(\.code) == [.unavailable, .unavailable, .unavailable])
    }

    @Test func drainedConnectionIsClosedWhenTheHostHasSeenItAndNothingIsOpen() throws {
        let bench = try RelayBench()
        try bench.fromHost(RelayBench.hello + RawPeer.headers(stream: 1, endStream: true, RawPeer.call()))
        try bench.fromPlugin(RelayBench.pluginHello)
        bench.relay.drain(reason: "moving")
        let ping = try #require(SeenFrames(try bench.toHost()).frames.last)
        // A call that was on its way.
        try bench.fromHost(RawPeer.headers(stream: 3, endStream: true, RawPeer.call()))
        try bench.fromPlugin(RelayBench.reply(stream: 1, RelayBench.replyHead + RelayBench.ok, endStream: true))
        try bench.fromHost(RawPeer.frame(type: 6, flags: 1, ping.payload))
        #expect(!bench.hasEnded)
        _ = try bench.toHost()
        try bench.fromPlugin(RelayBench.reply(stream: 3, RelayBench.replyHead + RelayBench.ok, endStream: true))
        let last = SeenFrames(try bench.toHost()).frames
        #expect(last.map(\.type) == [1, 7])
        #expect(last.last?.payload.prefix(8) == [0, 0, 0, 3, 0, 0, 0, 0])
        #expect(bench.hasEnded)
        #expect(bench.router.summaries.map(\.code) == [.ok, .ok])
    }

    @Test func aDrainedConnectionDoesNotWaitForCallsThatLastAsLongAsItself() throws {
        let bench = try RelayBench()
        try bench.fromHost(
            RelayBench.hello + RawPeer.headers(stream: 1, endStream: true, RawPeer.call("/x.Y/Lifelong"))
                + RawPeer.headers(stream: 3, endStream: true, RawPeer.call()))
        try bench.fromPlugin(RelayBench.pluginHello + RelayBench.reply(stream: 1, RelayBench.replyHead))
        bench.relay.drain(reason: "moving")
        let ping = try #require(SeenFrames(try bench.toHost()).frames.last)
        try bench.fromHost(RawPeer.frame(type: 6, flags: 1, ping.payload))
        #expect(!bench.hasEnded)
        try bench.fromPlugin(RelayBench.reply(stream: 3, RelayBench.replyHead + RelayBench.ok, endStream: true))
        // Its end is told to the host, who may begin it again elsewhere.
        let last = SeenFrames(try bench.toHost()).frames.suffix(2)
        #expect(last.map(\.type) == [1, 7])
        #expect(last.first?.stream == 1)
        #expect(bench.router.summaries.map(\.code) == [.ok, .unavailable])
    }

    @Test func callsOfAPluginThatGoesAwayEndWithAStatus() throws {
        let bench = try RelayBench()
        try bench.fromHost(RelayBench.hello + self.calls)
        try bench.fromPlugin(RelayBench.pluginHello + RelayBench.reply(stream: 1, RelayBench.replyHead))
        bench.plugin.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        let own = SeenFrames(try bench.toHost()).frames.suffix(4)
        #expect(own.map(\.stream) == [1, 3, 5, 0])
        let message = try RelayBench.fields(try #require(own.first)).last?.1
        #expect(message?.contains("the plugin closed its connection") == true)
        #expect(bench.router.summaries.map(\.code) == [.unavailable, .unavailable, .unavailable])
    }
}
