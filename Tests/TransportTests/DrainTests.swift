import GatewayTestKit
import NIOCore
import Testing

@testable import Transport

/// How a connection is brought to its end without a call that is lost on the way.
@Suite struct DrainTests {
    private static let hello = RawPeer.preface + RawPeer.frame(type: 4)
    private static let (goAwayFrame, pingFrame) = (UInt8(7), UInt8(6))

    /// Reads until what came satisfies a condition, or nothing comes any more.
    private static func read(_ peer: borrowing RawPeer, into seen: inout [UInt8], until isEnough: (SeenFrames) -> Bool) {
        while !isEnough(SeenFrames(seen)) {
            let more = peer.read()
            if more.isEmpty { return }
            seen += more
        }
    }

    private static func goAways(_ seen: SeenFrames) -> [UInt32] {
        seen.frames.filter { $0.type == goAwayFrame }.map { $0.payload.prefix(4).reduce(0) { $0 << 8 | UInt32($1) } }
    }

    private static func ping(_ seen: SeenFrames) -> SeenFrames.Frame? {
        seen.frames.first { $0.type == pingFrame && $0.flags & 1 == 0 }
    }

    @Test func aCallThatCrossesTheFirstGoAwayIsServedAndTheSecondOneNamesIt() async throws {
        try await Bench.run { bench in
            let (server, router) = try await bench.answering { _ in CallEnd(status: .ok) }
            let path = server.path
            let seen = await OffThread.run { () -> SeenFrames in
                guard let peer = RawPeer(path: path) else { return SeenFrames([]) }
                var seen: [UInt8] = []
                peer.write(Self.hello + RawPeer.headers(stream: 1, endStream: true, RawPeer.call()))
                Self.read(peer, into: &seen) { $0.ended(1) }
                Task { await server.drain(cap: .seconds(60)) }
                Self.read(peer, into: &seen) { Self.ping($0) != nil }
                // Sent before the GOAWAY was seen, as far as the gateway can tell.
                peer.write(RawPeer.headers(stream: 3, endStream: true, RawPeer.call()))
                Self.read(peer, into: &seen) { $0.ended(3) }
                guard Self.goAways(SeenFrames(seen)) == [UInt32(Int32.max)], let ping = Self.ping(SeenFrames(seen)) else {
                    return SeenFrames(seen)
                }
                peer.write(RawPeer.frame(type: Self.pingFrame, flags: 1, ping.payload))
                seen += peer.readToEnd()
                return SeenFrames(seen)
            }
            #expect(Self.goAways(seen) == [UInt32(Int32.max), 3])
            #expect(seen.ended(1) && seen.ended(3))
            #expect(router.summaries.map(\.code) == [.ok, .ok])
            await server.close()
        }
    }

    @Test func aHostThatNeverAcknowledgesIsClosedAtTheCap() async throws {
        try await Bench.run { bench in
            let (server, _) = try await bench.answering { _ in CallEnd(status: .ok) }
            let path = server.path
            let seen = await OffThread.run { () -> SeenFrames in
                guard let peer = RawPeer(path: path) else { return SeenFrames([]) }
                var seen: [UInt8] = []
                peer.write(Self.hello)
                Self.read(peer, into: &seen) { !$0.frames.isEmpty }
                Task { await server.drain(cap: .milliseconds(50)) }
                return SeenFrames(seen + peer.readToEnd())
            }
            #expect(Self.goAways(seen) == [UInt32(Int32.max), 0])
            await server.close()
        }
    }

    @Test func aConnectionThatIsDrainedAsItIsAcceptedSpeaksHTTP2First() async throws {
        try await Bench.run { bench in
            let router = FakeRouter(mode: .undecided) { _ in .answer { _ in CallEnd(status: .ok) } }
            let server = try await bench.serving(router)
            let path = server.path
            async let answer = OffThread.run { () -> SeenFrames in
                guard let peer = RawPeer(path: path) else { return SeenFrames([]) }
                peer.write(Self.hello)
                return SeenFrames(peer.readToEnd())
            }
            // It becomes a connection that speaks HTTP/2 only to be told to end.
            #expect(await eventually { await server.load().waiting == 1 })
            await server.drain(cap: .milliseconds(50))
            let seen = await answer
            #expect(seen.frames.first?.type == 4)
            #expect(Self.goAways(seen).first == UInt32(Int32.max))
            await server.close()
        }
    }

    @Test func aHostThatHasLeftDoesNotHoldTheDrainUp() async throws {
        try await Bench.run { bench in
            for round in 0..<50 {
                let server = try await HostServer.listen(
                    on: bench.loop, path: bench.directory.file("left-\(round)"),
                    router: FakeRouter { _ in .answer { _ in CallEnd(status: .ok) } })
                let path = server.path
                // Its end may be seen before the drain begins, while it writes, or after it.
                await OffThread.run {
                    guard let peer = RawPeer(path: path) else { return }
                    peer.write(Self.hello)
                    _ = peer.read()
                }
                let report = await server.drain(cap: .seconds(60))
                #expect(report.cutCalls == 0)
                await server.close()
            }
        }
    }
}
