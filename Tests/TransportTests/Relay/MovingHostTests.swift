import Foundation
import GatewayTestKit
import NIOCore
import Testing

@testable import Transport

/// The real grpc-go as host, whose connections are moved between two plugins and the gateway's own hands while it calls.
@Suite struct MovingHostTests {
    /// Long by `PLUGIN_GATEWAY_LONG=1`.
    private static let isLong = ProcessInfo.processInfo.environment["PLUGIN_GATEWAY_LONG"] == "1"

    @Test func noCallFailsWhileConnectionsMove() async throws {
        try await Bench.run { bench in
            let handler: @Sendable (ServerCall) async -> CallEnd = { call in
                // From at once to a few tens of milliseconds, so that calls are always open when a connection moves.
                try? await Task.sleep(for: .milliseconds(Int.random(in: 0...30)))
                return await FakeAnswers.same(call)
            }
            let one = try await FakePlugin.start(on: bench.loop, path: bench.directory.file("one"), answering: handler)
            let two = try await FakePlugin.start(on: bench.loop, path: bench.directory.file("two"), answering: handler)
            let client = try await PluginClient.connect(on: bench.loop, to: one.address)
            let router = FakeRouter(mode: .relay(one.address)) { _ in .forward(client) }
            let events = EventLog()
            let server = try await bench.serving(router, events: events)
            let moving = Task { () -> (moves: Int, cut: Int) in
                var (moves, cut) = (0, 0)
                while !Task.isCancelled {
                    for mode in [ConnectionMode.relay(two.address), .terminate, .relay(one.address), .terminate] {
                        try? await Task.sleep(for: .milliseconds(40))
                        router.set(mode)
                        let report = await server.reconsider(reason: "a test moves it", cap: .seconds(30))
                        moves += report.connections
                        cut += report.cutCalls
                    }
                }
                return (moves, cut)
            }
            let count = Self.isLong ? 60_000 : 3000
            let load = #"{"op":"load","method":"query","request":{},"count":\#(count),"concurrency":16,"timeoutMs":60000}"#
            let (code, output) = try await Peers.goHost(server.path, [load])
            moving.cancel()
            let (moves, cut) = await moving.value
            let result = try #require(output.split(separator: "\n").first { $0.contains(#""op":"load""#) }, "\(code) \(output)")
            let values = try JSONSerialization.jsonObject(with: Data(result.utf8)) as? [String: Any]
            #expect(values?["errors"] as? Int == 0, "\(result)")
            #expect(values?["count"] as? Int == count)
            #expect(moves > 5)
            #expect(cut == 0)
            let relayed = router.summaries.filter { $0.path.hasSuffix("QueryData") }
            #expect(relayed.count == count)
            #expect(Set(relayed.map(\.way)) == [.relayed, .forwarded])
            #expect(one.router.summaries.count + two.router.summaries.count >= count)
            #expect(events.all.filter { $0.kind != .connectionLost }.isEmpty, "\(events.all)")
            print("figure: \(count) calls of grpc-go, its connection moved \(moves) times, 0 failed")
            await server.close()
            await client.close()
            await one.stop()
            await two.stop()
        }
    }

    /// grpc-go sends a PING with nearly every read while it measures bandwidth.
    @Test func largeRepliesToGrpcGoTripNoLimit() async throws {
        try await Bench.run { bench in
            let reply = bytes(2_000_000)
            let events = EventLog()
            let way = try await bench.relaying(events: events) { call in
                _ = try? await call.message()
                return .reply(reply)
            }
            let count = Self.isLong ? 20_000 : 200
            let load = #"{"op":"load","method":"query","request":{},"count":\#(count),"concurrency":16,"timeoutMs":120000}"#
            let (_, output) = try await Peers.goHost(way.server.path, [load])
            #expect(output.contains(#""errors":0"#), "\(output)")
            #expect(events.all.filter { $0.kind != .connectionLost }.isEmpty, "\(events.all)")
            let queries = way.router.summaries.filter { $0.path.hasSuffix("QueryData") }
            #expect(queries.count == count)
            #expect(queries.allSatisfy { $0.bytesOut == 2_000_005 && $0.way == .relayed })
            await way.stop()
        }
    }
}
