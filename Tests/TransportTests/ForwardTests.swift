import GatewayTestKit
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Transport

@Suite struct ForwardTests {
    @Test func unaryCallGoesToThePluginAndBack() async throws {
        try await Bench.run { bench in
            let way = try await bench.forwarding(FakeAnswers.echo)
            let host = try await bench.host()
            var metadata: Metadata = ["echo-a": "1", "echo-a": "2"]
            metadata.appendBinary([1, 2, 3], forName: "echo-x-bin")
            let reply = try await host.client.unary("/a.B/C", ByteBuffer(string: "hello"), metadata: metadata)
            #expect(String(buffer: reply.message) == "hello")
            #expect(reply.metadata.all("echo-a") == ["1", "2"])
            #expect(reply.trailers.binary("echo-x-bin") == [[1, 2, 3]])
            let summary = try #require(await way.router.summaries(atLeast: 1).first)
            #expect(summary.way == .forwarded)
            #expect(summary.code == .ok)
            #expect([summary.bytesIn, summary.bytesOut, summary.messagesIn, summary.messagesOut] == [10, 10, 1, 1])
            await host.close()
            await way.stop()
        }
    }

    /// Fills sockets and windows, so that frames of every kind have to wait behind others.
    @Test func largeRepliesOfManyCallsAtOnceArriveWhole() async throws {
        try await Bench.run { bench in
            let other = MultiThreadedEventLoopGroup(numberOfThreads: 2)
            let way = try await bench.forwarding(pluginLoop: other.next()) { call in .reply(bytes(262_144)) }
            let host = try await FakeHost.connect(on: other.next(), path: way.server.path)
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<32 {
                    group.addTask {
                        var received = 0
                        for _ in 0..<12 { received += try await host.client.unary("/a.B/C", bytes(10)).message.readableBytes }
                        return received
                    }
                }
                for try await received in group { #expect(received == 12 * 262_144) }
            }
            #expect(await way.router.summaries(atLeast: 384).allSatisfy { $0.code == .ok && $0.messagesOut == 1 })
            await host.close()
            await way.stop()
            try await other.shutdownGracefully()
        }
    }

    @Test func bothSidesStreamMessageByMessage() async throws {
        try await Bench.run { bench in
            let way = try await bench.forwarding(FakeAnswers.echo)
            let host = try await bench.host()
            let call = host.client.stream("/a.B/C")
            for number in 0..<50 {
                try await call.send(ByteBuffer(string: "message \(number)"))
                let reply = try #require(try await call.next())
                #expect(String(buffer: reply) == "message \(number)")
            }
            call.finish()
            #expect(try await call.next() == nil)
            #expect(await call.end().status.code == .ok)
            #expect(await way.router.summaries(atLeast: 1).first?.messagesIn == 50)
            await host.close()
            await way.stop()
        }
    }

    @Test func statusOfThePluginPassesUnchanged() async throws {
        try await Bench.run { bench in
            let way = try await bench.forwarding { call in
                CallEnd(
                    status: GRPCStatus(code: .resourceExhausted, message: "läuft über", details: [1, 2]),
                    trailers: ["x-why": "full"])
            }
            let host = try await bench.host()
            let status = await host.status("/a.B/C")
            #expect(status.code == .resourceExhausted)
            #expect(status.message == "läuft über")
            #expect(status.details == [1, 2])
            #expect(status.metadata.first("x-why") == "full")
            #expect(await way.router.summaries(atLeast: 1).first?.code == .resourceExhausted)
            await host.close()
            await way.stop()
        }
    }

    @Test func cancellationByTheHostReachesThePlugin() async throws {
        try await Bench.run { bench in
            let way = try await bench.forwarding(FakeAnswers.never)
            let host = try await bench.host()
            let call = host.client.stream("/a.B/C")
            try await call.send(bytes(10))
            #expect(await eventually { await way.plugin.server.load().openCalls == 1 })
            call.cancel()
            #expect(await way.plugin.router.summaries(atLeast: 1).first?.code == .cancelled)
            #expect(await way.router.summaries(atLeast: 1).first?.code == .cancelled)
            await host.close()
            await way.stop()
        }
    }

    @Test func deadlineOfTheHostReachesThePlugin() async throws {
        try await Bench.run { bench in
            let way = try await bench.forwarding { call in
                let timeout = call.head.deadline.map { $0 - call.head.startedAt }
                return .reply(ByteBuffer(string: timeout.map { "\($0.nanoseconds)" } ?? "none"))
            }
            let host = try await bench.host()
            let timeout = try #require(Int64(try await host.call("/a.B/C", timeout: .hours(1))))
            #expect(timeout > 0 && timeout <= TimeAmount.hours(1).nanoseconds + 1000)
            #expect(try await host.call("/a.B/C") == "none")
            await host.close()
            await way.stop()
        }
    }

    @Test func timeSpentWaitingIsTakenOffTheDeadline() async throws {
        try await Bench.run { bench in
            let plugin = try await FakePlugin.start(on: bench.loop, path: bench.directory.file("plugin")) { call in
                let timeout = call.head.deadline.map { $0 - call.head.startedAt }
                return .reply(ByteBuffer(string: timeout.map { "\($0.nanoseconds)" } ?? "none"))
            }
            let client = try await PluginClient.connect(on: bench.loop, to: plugin.address)
            let (server, _) = try await bench.routing { _ in
                .pending {
                    try? await Task.sleep(for: .milliseconds(100))
                    return .forward(client)
                }
            }
            let host = try await bench.host()
            let timeout = try #require(Int64(try await host.call("/a.B/C", timeout: .hours(1))))
            #expect(timeout < (TimeAmount.hours(1) - .milliseconds(90)).nanoseconds)
            await host.close()
            await server.close()
            await client.close()
            await plugin.stop()
        }
    }

    @Test func lossOfThePluginFailsOpenCallsAndLaterOnes() async throws {
        try await Bench.run { bench in
            let way = try await bench.forwarding { call in
                call.send(initial: [:])
                return await FakeAnswers.never(call)
            }
            let host = try await bench.host()
            async let open = host.status("/a.B/C")
            #expect(await eventually { await way.plugin.server.load().openCalls == 1 })
            way.client.eventLoop.execute { way.client.core.value.close(reason: "killed for the test") }
            let status = await open
            #expect(status.code == .unavailable)
            #expect(status.message.contains("killed for the test"))
            try await way.client.closed.get()
            let later = await host.status("/a.B/C")
            #expect(later.code == .unavailable)
            #expect(later.message.contains("killed for the test"))
            #expect(way.client.closeReason == "killed for the test")
            await host.close()
            await way.stop()
        }
    }

    @Test func callsWaitWhileThePluginAllowsNoMoreStreams() async throws {
        try await Bench.run { bench in
            var few = TransportLimits()
            few.maximumStreams = 3
            let way = try await bench.forwarding(pluginLimits: few, FakeAnswers.same)
            let host = try await bench.host()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<60 {
                    group.addTask {
                        let reply = try await host.call("/a.B/C", "\(number)")
                        #expect(reply == "\(number)")
                    }
                }
                try await group.waitForAll()
            }
            await host.close()
            await way.stop()
        }
    }

    @Test func callsBeyondTheQueueAreRefusedWithTheKeyOfTheLimit() async throws {
        try await Bench.run { bench in
            var pluginLimits = TransportLimits()
            pluginLimits.maximumStreams = 1
            var limits = TransportLimits()
            limits.maximumQueuedCalls = 2
            let way = try await bench.forwarding(limits: limits, pluginLimits: pluginLimits, FakeAnswers.never)
            let host = try await bench.host()
            let calls = (0..<3).map { _ in host.client.stream("/a.B/C") }
            #expect(await eventually { await way.client.load().queuedCalls == 2 })
            let status = await host.status("/a.B/C")
            #expect(status.code == .resourceExhausted)
            #expect(status.message.contains("limits.maximum_queued_calls"))
            #expect(calls.count == 3)
            await host.close()
            await way.stop()
        }
    }

    @Test func deadlinePassesWhileACallWaitsForThePlugin() async throws {
        try await Bench.run { bench in
            var pluginLimits = TransportLimits()
            pluginLimits.maximumStreams = 1
            let way = try await bench.forwarding(pluginLimits: pluginLimits, FakeAnswers.never)
            let host = try await bench.host()
            let first = host.client.stream("/a.B/C")
            #expect(await eventually { await way.plugin.server.load().openCalls == 1 })
            #expect(await host.status("/a.B/C", timeout: .milliseconds(50)).code == .deadlineExceeded)
            #expect(await eventually { await way.client.load().queuedCalls == 0 })
            first.cancel()
            await host.close()
            await way.stop()
        }
    }

    @Test func pendingCallsKeepWhatTheHostSentUntilTheWayIsKnown() async throws {
        try await Bench.run { bench in
            let plugin = try await FakePlugin.start(
                on: bench.loop, path: bench.directory.file("plugin"), answering: FakeAnswers.same)
            let client = try await PluginClient.connect(on: bench.loop, to: plugin.address)
            let (gate, open) = AsyncStream.makeStream(of: Void.self)
            let (server, _) = try await bench.routing { _ in
                .pending {
                    for await _ in gate { break }
                    return .forward(client)
                }
            }
            let host = try await bench.host()
            async let reply = host.client.unary("/a.B/C", bytes(300_000))
            #expect(await eventually { await server.load().heldBytes > 300_000 })
            open.finish()
            #expect(try await reply.message.readableBytes == 300_000)
            #expect(await eventually { await server.load().heldBytes == 0 })
            await host.close()
            await server.close()
            await client.close()
            await plugin.stop()
        }
    }

    @Test func pendingCallEndsAtItsDeadline() async throws {
        try await Bench.run { bench in
            let (server, router) = try await bench.routing { _ in
                .pending {
                    try? await Task.sleep(for: .seconds(3600))
                    return .refuse(GRPCStatus(code: .unavailable, message: "never"))
                }
            }
            let path = server.path
            let seen = await OffThread.run { RawPeer.answer(path: path, timeout: "50m") }
            #expect(seen.ended(1))
            #expect(await router.summaries(atLeast: 1).first?.code == .deadlineExceeded)
            await server.close()
        }
    }

    @Test func pluginOnAnotherLoopIsRefused() async throws {
        try await Bench.run { bench in
            let plugin = try await FakePlugin.start(
                on: bench.loop, path: bench.directory.file("plugin"), answering: FakeAnswers.same)
            let other = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            let client = try await PluginClient.connect(on: other.next(), to: plugin.address)
            let (server, _) = try await bench.routing { _ in .forward(client) }
            let host = try await bench.host()
            let status = await host.status("/a.B/C")
            #expect(status.code == .internal)
            #expect(status.message.contains("event loop"))
            await host.close()
            await server.close()
            await client.close()
            await plugin.stop()
            try await other.shutdownGracefully()
        }
    }

    @Test func slowHostHoldsThePluginBack() async throws {
        try await Bench.run { bench in
            let sent = Mutex(0)
            let way = try await bench.forwarding { call in
                do {
                    for _ in 0..<400 {
                        try await call.send(message: bytes(100_000))
                        sent.withLock { $0 += 100_000 }
                    }
                    return CallEnd(status: .ok)
                } catch {
                    return .failure(.cancelled, "over")
                }
            }
            let host = try await bench.host()
            let call = host.client.stream("/a.B/C")
            try await call.send(bytes(1))
            call.finish()
            #expect(try await call.next() != nil)
            // Until nothing moves any more.
            var last = -1
            #expect(
                await eventually {
                    let now = sent.withLock { $0 }
                    defer { last = now }
                    try? await Task.sleep(for: .milliseconds(50))
                    return now == last
                })
            #expect(sent.withLock { $0 } < 12_000_000)
            #expect(await way.client.load().heldBytes < 4_000_000)
            #expect(await way.server.load().unwrittenBytes < 4_000_000)
            var received = 100_000
            while let message = try await call.next() { received += message.readableBytes }
            #expect(received == 40_000_000)
            #expect(await eventually { await way.client.load().heldBytes == 0 })
            await host.close()
            await way.stop()
        }
    }

    @Test func slowPluginHoldsTheHostBack() async throws {
        try await Bench.run { bench in
            let (gate, open) = AsyncStream.makeStream(of: Void.self)
            let way = try await bench.forwarding { call in
                for await _ in gate { break }
                var count = 0
                do {
                    for try await _ in call.messages { count += 1 }
                } catch {
                    return .failure(.internal, "\(error)")
                }
                return .reply(ByteBuffer(string: "\(count)"))
            }
            let host = try await bench.host()
            let call = host.client.stream("/a.B/C")
            let sent = Mutex(0)
            let writer = Task {
                for _ in 0..<400 {
                    try await call.send(bytes(100_000))
                    sent.withLock { $0 += 1 }
                }
                call.finish()
            }
            var last = -1
            #expect(
                await eventually {
                    let now = sent.withLock { $0 }
                    defer { last = now }
                    try? await Task.sleep(for: .milliseconds(50))
                    return now == last && now > 0
                })
            #expect(sent.withLock { $0 } < 120)
            open.finish()
            try await writer.value
            let reply = try #require(try await call.next())
            #expect(String(buffer: reply) == "400")
            await host.close()
            await way.stop()
        }
    }
}
