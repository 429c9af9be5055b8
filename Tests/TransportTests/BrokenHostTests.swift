import Foundation
import GatewayTestKit
import NIOCore
import Testing

@testable import Transport

/// Hosts that break HTTP/2 or gRPC: each gets the answer the protocol has for it, and the others go on.
@Suite struct BrokenHostTests {
    private func exchange(
        _ bench: Bench, events: EventLog = EventLog(), limits: TransportLimits = .default, _ bytes: [UInt8],
        until isComplete: @escaping @Sendable (SeenFrames) -> Bool = { _ in false }
    ) async throws -> SeenFrames {
        let (server, _) = try await bench.answering(limits: limits, events: events, FakeAnswers.same)
        let good = try await bench.host()
        let path = server.path
        let answer = await OffThread.run { () -> [UInt8] in
            guard let peer = RawPeer(path: path) else { return [] }
            peer.write(bytes)
            var answer: [UInt8] = []
            while !isComplete(SeenFrames(answer)) {
                let more = peer.read()
                if more.isEmpty { break }
                answer += more
            }
            return answer
        }
        #expect(try await good.call("/a.B/C", "still here") == "still here")
        await good.close()
        await server.close()
        return SeenFrames(answer)
    }

    private let hello = RawPeer.preface + RawPeer.frame(type: 4)

    @Test func plainTextIsRefused() async throws {
        try await Bench.run { bench in
            let events = EventLog()
            let seen = try await self.exchange(bench, events: events, Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
            #expect(seen.goAway != nil)
            #expect(events.all.contains { $0.kind == .protocolViolation && $0.side == .host })
        }
    }

    @Test func dataOnAStreamThatNeverBeganClosesTheConnection() async throws {
        try await Bench.run { bench in
            let events = EventLog()
            let seen = try await self.exchange(bench, events: events, self.hello + RawPeer.frame(type: 0, stream: 1, [1, 2, 3]))
            #expect(seen.goAway?.payload[7] == 1)
            #expect(events.all.first?.message.contains("NoSuchStream") == true)
        }
    }

    @Test(arguments: [
        RawPeer.frame(type: 6, [1, 2, 3]),  // PING that is too short
        RawPeer.frame(type: 8, [0, 0, 0, 0]),  // WINDOW_UPDATE of nothing
        RawPeer.frame(type: 1, flags: 4, stream: 2, [0x82]),  // a stream number of the server
        RawPeer.frame(type: 1, flags: 4, stream: 1, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),  // not HPACK
        RawPeer.frame(type: 9, flags: 4, stream: 1, [0x82]),  // CONTINUATION of nothing
        [0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 1],  // a frame of 16 MB
    ])
    func brokenFramesCloseTheConnectionWithGoAway(_ frame: [UInt8]) async throws {
        try await Bench.run { bench in
            let seen = try await self.exchange(bench, self.hello + frame)
            #expect(seen.goAway != nil)
        }
    }

    @Test func floodOfWindowUpdatesEndsItsConnection() async throws {
        try await Bench.run { bench in
            let events = EventLog()
            var limits = TransportLimits()
            limits.windowUpdatesPerSecond = 500
            let update = RawPeer.frame(type: 8, [0, 0, 0, 1])
            let flood = (0..<20_000).flatMap { _ in update }
            let seen = try await self.exchange(bench, events: events, limits: limits, self.hello + flood)
            #expect(seen.goAway?.payload[7] == 11)
            #expect(events.all.map(\.kind) == [.protocolViolation])
            #expect(events.all.first?.message.contains("WINDOW_UPDATE") == true)
        }
    }

    @Test func brokenHeadersEndOneStreamOnly() async throws {
        try await Bench.run { bench in
            let events = EventLog()
            let bad = RawPeer.headers(stream: 1, endStream: true, RawPeer.call() + [("connection", Array("close-canary".utf8))])
            let good =
                RawPeer.headers(stream: 3, RawPeer.call()) + RawPeer.frame(type: 0, flags: 1, stream: 3, [0, 0, 0, 0, 1, 65])
            let seen = try await self.exchange(bench, events: events, self.hello + bad + good) { $0.ended(3) }
            #expect(seen.reset?.stream == 1)
            #expect(seen.frames.contains { $0.type == 0 && $0.stream == 3 && $0.payload == [0, 0, 0, 0, 1, 65] })
            #expect(seen.goAway == nil)
            #expect(events.all.contains { $0.kind == .streamError })
            #expect(!events.all.contains { "\($0)".contains("canary") })
        }
    }

    @Test func headerValuesThatAreNotUTF8DoNoHarm() async throws {
        try await Bench.run { bench in
            let odd: [(String, [UInt8])] = [("x-odd", [0xFF, 0xFE, 0x80, 0x41]), ("grpc-timeout", [0xFF])]
            let call = RawPeer.headers(stream: 1, endStream: true, RawPeer.call("/a.B/\u{FF}", [odd[0]]))
            let timeout = RawPeer.headers(stream: 3, endStream: true, RawPeer.call("/a.B/C", [odd[1]]))
            let seen = try await self.exchange(bench, self.hello + call + timeout) { $0.ended(1) && $0.ended(3) }
            #expect(seen.ended(1) && seen.ended(3))
        }
    }

    @Test func oversizedHeaderBlockClosesTheConnection() async throws {
        try await Bench.run { bench in
            var block: [UInt8] = []
            for number in 0..<80 {
                block += [0, 4] + Array("x-\(10 + number)".utf8) + [127, 0x81, 7] + [UInt8](repeating: 65, count: 1024)
            }
            let first = RawPeer.frame(type: 1, flags: 0, stream: 1, Array(block.prefix(16_000)))
            var rest: [UInt8] = []
            var index = 16_000
            while index < block.count {
                let end = min(index + 16_000, block.count)
                rest += RawPeer.frame(type: 9, flags: end == block.count ? 4 : 0, stream: 1, Array(block[index..<end]))
                index = end
            }
            let seen = try await self.exchange(bench, self.hello + first + rest)
            #expect(seen.goAway != nil)
        }
    }

    @Test func requestsThatAreNotGRPCAreAnsweredInWords() async throws {
        try await Bench.run { bench in
            func fields(_ changes: [String: String]) -> [(String, [UInt8])] {
                RawPeer.call().map { ($0.0, changes[$0.0].map { Array($0.utf8) } ?? $0.1) }
            }
            let requests = [
                fields([":method": "GET"]), fields(["content-type": "application/json"]),
                fields(["content-type": "application/grpcweb"]),
                fields([":path": "/"]), fields([":path": "nonsense"]), fields([":path": "//"]),
            ]
            var bytes = self.hello
            for (index, request) in requests.enumerated() {
                bytes += RawPeer.headers(stream: UInt32(index * 2 + 1), endStream: true, request)
            }
            let seen = try await self.exchange(bench, bytes) { seen in
                (0..<6).allSatisfy { seen.ended(UInt32($0 * 2 + 1)) }
            }
            #expect(requests.indices.allSatisfy { seen.ended(UInt32($0 * 2 + 1)) })
            #expect(seen.goAway == nil)
        }
    }

    @Test func endInTheMiddleOfAMessageIsNamed() async throws {
        try await Bench.run { bench in
            let call =
                RawPeer.headers(stream: 1, RawPeer.call()) + RawPeer.frame(type: 0, flags: 1, stream: 1, [0, 0, 0, 0, 9, 1])
            let seen = try await self.exchange(bench, self.hello + call) { $0.ended(1) }
            let words = seen.frames.filter { $0.type == 1 }.flatMap(\.payload)
            #expect(!words.isEmpty)
            #expect(seen.goAway == nil)
        }
    }

    @Test func tooManyConnectionsAreRefusedWithTheKeyOfTheLimit() async throws {
        try await Bench.run { bench in
            var limits = TransportLimits()
            limits.maximumConnections = 1
            let events = EventLog()
            let seen = try await self.exchange(bench, events: events, limits: limits, self.hello)
            let reason = String(decoding: try #require(seen.goAway).payload.dropFirst(8), as: UTF8.self)
            #expect(reason.contains("limits.maximum_connections"))
            #expect(events.all.first?.kind == .tooManyConnections)
        }
    }

    @Test func silentPeerIsDisconnected() async throws {
        try await Bench.run { bench in
            var limits = TransportLimits()
            limits.prefaceTimeout = .milliseconds(100)
            let events = EventLog()
            let (server, _) = try await bench.answering(limits: limits, events: events, FakeAnswers.same)
            let path = server.path
            _ = await OffThread.run { RawPeer(path: path)?.readToEnd() ?? [] }
            #expect(events.all.map(\.kind) == [.silentPeer])
            #expect(await server.load().connections == 0)
            await server.close()
        }
    }

    @Test func hostThatNeverReadsItsAnswersIsCutOff() async throws {
        try await Bench.run { bench in
            var limits = TransportLimits()
            limits.maximumUnreadFrames = 500
            let events = EventLog()
            // Every answer is another one, or header compression would make next to nothing of them.
            let (server, router) = try await bench.routing(limits: limits, events: events) { head in
                .refuse(GRPCStatus(code: .unimplemented, message: String(repeating: String(head.method), count: 100)))
            }
            let path = server.path
            let hello = self.hello
            let wasCutOff = await OffThread.run { () -> Bool in
                guard let peer = RawPeer(path: path) else { return false }
                // The limit of 1000 calls holds from the acknowledgement on; until then it is 100.
                peer.write(hello + RawPeer.frame(type: 4, flags: 1))
                for number in 0..<100_000 {
                    let call = RawPeer.call("/a.B/C\(number)")
                    guard peer.write(RawPeer.headers(stream: UInt32(number * 2 + 1), endStream: true, call)) else { return true }
                }
                return false
            }
            #expect(wasCutOff)
            #expect(router.summaries.count < 10_000)
            #expect(await eventually { await server.load().connections == 0 })
            #expect(
                events.all.contains { $0.message.contains("ExcessiveOutboundFrameBuffering") },
                "\(events.all) \(router.summaries.count)")
            await server.close()
        }
    }
}

/// Runs blocking work on a thread of its own, so that it holds up no task.
enum OffThread {
    static func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: body()) }
        }
    }
}
