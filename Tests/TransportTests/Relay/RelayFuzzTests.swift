import GatewayTestKit
import NIOCore
import Testing

@testable import Transport

/// Nonsense of hosts and plugins on relayed connections, while another host keeps calling.
@Suite struct RelayFuzzTests {
    @Test(arguments: [UInt64.random(in: 0...UInt64.max)])
    func nonsenseOfHostsHarmsOnlyTheirOwnConnection(_ seed: UInt64) async throws {
        try await Bench.run { bench in
            let way = try await bench.relaying(FakeAnswers.same)
            let good = try await bench.host()
            let path = way.server.path
            async let attack = OffThread.run { () -> Int in
                var mutator = Mutator(state: seed)
                var connected = 0
                for _ in 0..<500 {
                    guard let peer = RawPeer(path: path) else { continue }
                    connected += 1
                    peer.write(mutator.connection())
                }
                return connected
            }
            for call in 0..<200 { #expect(try await good.call("/a.B/C", "\(call)") == "\(call)") }
            #expect(await attack > 250)
            #expect(await eventually { await way.server.load().connections == 1 })
            #expect(await eventually { await way.plugin.server.load().connections == 1 })
            #expect(try await good.call("/a.B/C", "still here") == "still here")
            await good.close()
            await way.stop()
        }
    }

    @Test(arguments: [UInt64.random(in: 0...UInt64.max)])
    func nonsenseOfPluginsEndsWithTheirConnection(_ seed: UInt64) async throws {
        try await Bench.run { bench in
            let plugin = try #require(RawPlugin(path: bench.directory.file("plugin")))
            let router = FakeRouter(mode: .relay(.unix(plugin.path))) { _ in .answer(FakeAnswers.same) }
            let server = try await bench.serving(router)
            let path = server.path
            let served = await OffThread.run { () -> Int in
                var mutator = Mutator(state: seed)
                var served = 0
                for _ in 0..<300 {
                    guard let host = RawPeer(path: path), let peer = plugin.accept() else { continue }
                    host.write(
                        RawPeer.preface + RawPeer.frame(type: 4) + RawPeer.headers(stream: 1, endStream: true, RawPeer.call()))
                    peer.write(RawPeer.frame(type: 4) + mutator.connection().dropFirst(24))
                    served += 1
                }
                return served
            }
            #expect(served == 300)
            #expect(await eventually { await server.load().connections == 0 })
            // Every call has an end, seen or not.
            router.set(.terminate)
            let host = try await bench.host()
            #expect(try await host.call("/a.B/C", "still here") == "still here")
            await host.close()
            await server.close()
        }
    }
}
