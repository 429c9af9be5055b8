import GatewayTestKit
import NIOCore
import Testing

@testable import Transport

/// A host that begins a call at the moment in which it is told to move.
@Suite struct DrainRaceTests {
    @Test func callThatCrossesTheGoAwayIsRefusedAndOpenOnesEndInOrder() async throws {
        try await Bench.run { bench in
            let events = EventLog()
            let (gate, open) = AsyncStream.makeStream(of: Void.self)
            let (server, _) = try await bench.answering(events: events) { call in
                for await _ in gate { break }
                return await FakeAnswers.same(call)
            }
            let path = server.path
            async let seen = OffThread.run { () -> SeenFrames in
                guard let peer = RawPeer(path: path) else { return SeenFrames([]) }
                let message = RawPeer.frame(type: 0, flags: 1, stream: 1, [0, 0, 0, 0, 1, 7])
                peer.write(RawPeer.preface + RawPeer.frame(type: 4) + RawPeer.headers(stream: 1, RawPeer.call()) + message)
                var answer: [UInt8] = []
                func read(until isEnough: (SeenFrames) -> Bool) {
                    while !isEnough(SeenFrames(answer)) {
                        let more = peer.read()
                        if more.isEmpty { break }
                        answer += more
                    }
                }
                read { $0.goAway != nil }
                // It had not read that when it sent these. The answer to the PING says that they were looked at.
                let crossing = RawPeer.frame(type: 0, flags: 1, stream: 3, [0, 0, 0, 0, 1, 7])
                peer.write(
                    RawPeer.headers(stream: 3, RawPeer.call()) + crossing + RawPeer.frame(type: 6, [1, 2, 3, 4, 5, 6, 7, 8]))
                read { seen in seen.frames.contains { $0.type == 6 } }
                open.finish()
                read { $0.ended(1) }
                return SeenFrames(answer)
            }
            #expect(await eventually { await server.load().openCalls == 1 })
            let cut = await server.drain(cap: .seconds(60))
            let frames = await seen
            #expect(cut.cutCalls == 0)
            #expect(frames.goAway?.payload.prefix(8) == [0, 0, 0, 1, 0, 0, 0, 0])
            #expect(frames.reset?.stream == 3)
            #expect(frames.reset?.payload == [0, 0, 0, 7])
            #expect(frames.ended(1))
            #expect(frames.frames.contains { $0.type == 0 && $0.stream == 1 && $0.payload == [0, 0, 0, 0, 1, 7] })
            #expect(events.all.isEmpty, "\(events.all)")
        }
    }
}
