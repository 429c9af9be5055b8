import GatewayTestKit
import NIOCore
import Synchronization
import Testing

@testable import Transport

/// Calls that are forwarded on terms: a time for those without a deadline, and something that is held until they end.
@Suite struct ForwardTermsTests {
    private final class Lease: Sendable {
        private let live: LiveCount
        init(_ live: LiveCount) {
            self.live = live
            live.count.withLock { $0 += 1 }
        }
        deinit { live.count.withLock { $0 -= 1 } }
    }

    private func forwarding(
        _ bench: Bench, _ live: LiveCount, patience: Duration?,
        _ handler: @escaping @Sendable (ServerCall) async -> CallEnd
    ) async throws -> Forwarding {
        let plugin = try await FakePlugin.start(on: bench.loop, path: bench.directory.file("plugin"), answering: handler)
        let client = try await PluginClient.connect(on: bench.loop, to: plugin.address)
        let (server, router) = try await bench.routing { _ in
            .forward(client, ForwardTerms(patience: patience, lease: Lease(live)))
        }
        return Forwarding(plugin: plugin, client: client, server: server, router: router)
    }

    @Test func aCallWithoutDeadlineEndsInTimeAndThePluginKnowsIt() async throws {
        try await Bench.run { bench in
            let live = LiveCount()
            let seen = Mutex<[Bool]>([])
            let forwarding = try await forwarding(bench, live, patience: .seconds(3)) { call in
                seen.withLock { $0.append(call.head.deadline != nil) }
                return await FakeAnswers.never(call)
            }
            let host = try await bench.host()
            let status = await host.status("/a.B/C")
            #expect(status.code == .deadlineExceeded)
            #expect(seen.withLock { $0 } == [true])
            #expect(await forwarding.router.summaries(atLeast: 1).first?.code == .deadlineExceeded)
            #expect(await eventually { live.count.withLock { $0 } == 0 })
            await host.close()
            await forwarding.stop()
        }
    }

    @Test func theHostsOwnDeadlineAndAnAnswerInTimeAreLeftAlone() async throws {
        try await Bench.run { bench in
            let live = LiveCount()
            let forwarding = try await forwarding(bench, live, patience: .seconds(60), FakeAnswers.same)
            let host = try await bench.host()
            #expect(try await host.call("/a.B/C", "x") == "x")
            #expect(await eventually { live.count.withLock { $0 } == 0 })
            await host.close()
            await forwarding.stop()
        }
    }

    @Test func theLeaseIsHeldUntilTheCallEndsHoweverItEnds() async throws {
        try await Bench.run { bench in
            let live = LiveCount()
            let forwarding = try await forwarding(bench, live, patience: nil, FakeAnswers.never)
            let host = try await bench.host()
            let cancelled = host.client.stream("/a.B/Cancelled")
            let abandoned = host.client.stream("/a.B/Abandoned")
            #expect(await eventually { live.count.withLock { $0 } == 2 })
            cancelled.cancel()
            #expect(await eventually { live.count.withLock { $0 } == 1 })
            await forwarding.client.abandonCalls(GRPCStatus(code: .unavailable, message: "cut"), keeping: "/plugin.")
            let end = await abandoned.end()
            #expect(end.status.code == .unavailable && end.status.message == "cut")
            #expect(await eventually { live.count.withLock { $0 } == 0 })
            await host.close()
            await forwarding.stop()
        }
    }

    @Test func ofOurOwnCallsThoseOfOneServiceMayGoOn() async throws {
        try await Bench.run { bench in
            let forwarding = try await bench.forwarding(FakeAnswers.never)
            let kept = forwarding.client.stream("/plugin.GRPCStdio/StreamStdio")
            let other = forwarding.client.stream("/a.B/C")
            #expect(await eventually { await forwarding.client.load().openStreams == 2 })
            await forwarding.client.abandonCalls(GRPCStatus(code: .unavailable, message: "cut"), keeping: "/plugin.")
            #expect(await other.end().status.message == "cut")
            #expect(await forwarding.client.load().openStreams == 1)
            kept.cancel()
            #expect(await kept.end().status.code == .cancelled)
            await forwarding.stop()
        }
    }
}

/// A count that several may hold.
private final class LiveCount: Sendable {
    let count = Mutex(0)
}
