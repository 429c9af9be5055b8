import GatewayTestKit
import NIOCore
import Synchronization
import Testing

@testable import Transport

/// How calls begin and end: deadlines, cancellation, drain, close.
@Suite struct CallLifeTests {
    @Test func cancelledTaskResetsItsCall() async throws {
        try await Bench.run { bench in
            let (server, router) = try await bench.answering(FakeAnswers.never)
            let host = try await bench.host()
            let task = Task { await host.status("/a.B/C") }
            #expect(await eventually { await server.load().openCalls == 1 })
            task.cancel()
            #expect(await task.value.code == .cancelled)
            #expect(await router.summaries(atLeast: 1).first?.code == .cancelled)
            await host.close()
            await server.close()
        }
    }

    @Test func taskCancelledBeforehandSendsNothing() async throws {
        try await Bench.run { bench in
            let (server, router) = try await bench.answering(FakeAnswers.same)
            let host = try await bench.host()
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return await host.status("/a.B/C")
            }
            #expect(await task.value.code == .cancelled)
            #expect(try await host.call("/a.B/C", "x") == "x")
            #expect(router.summaries.count <= 1)
            await host.close()
            await server.close()
        }
    }

    @Test func handlerIsCancelledWhenTheHostCancelsOrDisappears() async throws {
        try await Bench.run { bench in
            let cancelled = Mutex(0)
            let (server, router) = try await bench.answering { call in
                await withTaskCancellationHandler {
                    await FakeAnswers.never(call)
                } onCancel: {
                    cancelled.withLock { $0 += 1 }
                }
            }
            let host = try await bench.host()
            let call = host.client.stream("/a.B/C")
            #expect(await eventually { await server.load().openCalls == 1 })
            call.cancel()
            _ = await router.summaries(atLeast: 1)
            let other = host.client.stream("/a.B/C")
            #expect(await eventually { await server.load().openCalls == 1 })
            await host.close()
            _ = await router.summaries(atLeast: 2)
            #expect(cancelled.withLock { $0 } == 2)
            #expect(await other.end().status.code == .unavailable)
            await server.close()
        }
    }

    @Test func serverEndsACallAtItsDeadlineByItself() async throws {
        try await Bench.run { bench in
            let (server, router) = try await bench.answering(FakeAnswers.never)
            let path = server.path
            let seen = await OffThread.run { RawPeer.answer(path: path, timeout: "50m") }
            #expect(seen.ended(1))
            #expect(await router.summaries(atLeast: 1).first?.code == .deadlineExceeded)
            await server.close()
        }
    }

    @Test func droppedStreamResetsItsCall() async throws {
        try await Bench.run { bench in
            let (server, router) = try await bench.answering { call in
                do {
                    while true { try await call.send(message: bytes(1000)) }
                } catch {
                    return .failure(.cancelled, "over")
                }
            }
            let host = try await bench.host()
            do {
                var received = 0
                for try await message in host.client.serverStream("/a.B/C", ByteBuffer()) {
                    received += message.readableBytes
                    if received > 100_000 { break }
                }
            }
            #expect(await router.summaries(atLeast: 1).first?.code == .cancelled)
            await host.close()
            await server.close()
        }
    }

    @Test func secondMessageInAUnaryCallIsRefused() async throws {
        try await Bench.run { bench in
            let (server, _) = try await bench.answering(FakeAnswers.same)
            let host = try await bench.host()
            for count in [0, 2] {
                let call = host.client.stream("/a.B/C")
                for _ in 0..<count { try? await call.send(bytes(10)) }
                call.finish()
                let status = await call.end().status
                #expect(status.code == .internal)
                #expect(status.message.contains("the host must change"))
            }
            await host.close()
            await server.close()
        }
    }

    @Test func requestOverTheLimitNamesTheKey() async throws {
        try await Bench.run { bench in
            var limits = TransportLimits()
            limits.maximumRequestMessage = 1000
            let (server, router) = try await bench.answering(limits: limits, FakeAnswers.same)
            let host = try await bench.host()
            let status = await host.status("/a.B/C", bytes(1001))
            #expect(status.code == .resourceExhausted)
            #expect(status.message.contains("limits.maximum_request_message"))
            #expect(status.message.contains("1001"))
            #expect(await router.summaries(atLeast: 1).first?.code == .resourceExhausted)
            #expect(try await host.call("/a.B/C", "x") == "x")
            await host.close()
            await server.close()
        }
    }

    @Test func drainLetsOpenCallsEnd() async throws {
        try await Bench.run { bench in
            let (gate, open) = AsyncStream.makeStream(of: Void.self)
            let (server, _) = try await bench.answering { call in
                for await _ in gate { break }
                return await FakeAnswers.same(call)
            }
            let host = try await bench.host()
            async let reply = host.call("/a.B/C", "open")
            #expect(await eventually { await server.load().openCalls == 1 })
            async let cut = server.drain(cap: .seconds(60))
            #expect(await eventually { host.client.closeReason != nil })
            await #expect(throws: GRPCStatus.self) { try await bench.host() }
            open.finish()
            #expect(try await reply == "open")
            #expect(await cut.cutCalls == 0)
        }
    }

    @Test func drainCutsWhatDoesNotEnd() async throws {
        try await Bench.run { bench in
            let events = EventLog()
            let (server, router) = try await bench.answering(events: events, FakeAnswers.never)
            let host = try await bench.host()
            async let one = host.status("/a.B/C")
            async let two = host.status("/a.B/C")
            #expect(await eventually { await server.load().openCalls == 2 })
            let report = await server.drain(cap: .milliseconds(50))
            #expect(report.cuts.map(\.path) == ["/a.B/C"] && report.cutCalls == 2 && report.connections == 1)
            #expect(await one.code == .unavailable)
            #expect(await two.message.contains("gateway"))
            #expect(await router.summaries(atLeast: 2).allSatisfy { $0.code == .unavailable })
            #expect(events.all.contains { $0.kind == .drainCut && $0.message.contains("2 calls") })
            await host.close()
        }
    }

    @Test func closeEndsOpenForwardedCallsWithAStatus() async throws {
        try await Bench.run { bench in
            let way = try await bench.forwarding(FakeAnswers.never)
            let host = try await bench.host()
            async let status = host.status("/a.B/C")
            #expect(await eventually { await way.plugin.server.load().openCalls == 1 })
            await way.server.close()
            #expect(await status.code == .unavailable)
            #expect(await way.plugin.router.summaries(atLeast: 1).first?.code == .cancelled)
            await host.close()
            await way.stop()
        }
    }

    @Test func handlerIsHeldBackByASlowHost() async throws {
        try await Bench.run { bench in
            let sent = Mutex(0)
            let (server, _) = try await bench.answering { call in
                do {
                    for _ in 0..<300 {
                        try await call.send(message: bytes(100_000))
                        sent.withLock { $0 += 1 }
                    }
                    return CallEnd(status: .ok)
                } catch {
                    return .failure(.cancelled, "over")
                }
            }
            let host = try await bench.host()
            let call = host.client.stream("/a.B/C")
            call.finish()
            #expect(try await call.next() != nil)
            var last = -1
            #expect(
                await eventually {
                    let now = sent.withLock { $0 }
                    defer { last = now }
                    try? await Task.sleep(for: .milliseconds(50))
                    return now == last
                })
            #expect(sent.withLock { $0 } < 60)
            #expect(await server.load().unwrittenBytes < 2_000_000)
            var count = 1
            while try await call.next() != nil { count += 1 }
            #expect(count == 300)
            await host.close()
            await server.close()
        }
    }

    @Test func manySlowStreamsDoNotStopTheOthers() async throws {
        try await Bench.run { bench in
            let way = try await bench.forwarding { call in
                guard call.head.method == "Flood" else { return await FakeAnswers.same(call) }
                do {
                    while true { try await call.send(message: bytes(50_000)) }
                } catch {
                    return .failure(.cancelled, "over")
                }
            }
            let host = try await bench.host()
            // Sixteen windows of one stream are twice the window of a connection.
            let slow = (0..<16).map { _ in host.client.stream("/a.B/Flood") }
            for call in slow { #expect(try await call.next() != nil) }
            for number in 0..<200 { #expect(try await host.call("/a.B/C", "\(number)") == "\(number)") }
            for call in slow { call.cancel() }
            #expect(await eventually { await way.client.load().openStreams == 0 })
            #expect(await way.client.load().heldBytes == 0)
            await host.close()
            await way.stop()
        }
    }

    @Test func eventsAreBoundedInNumberAndLength() {
        let events = EventLog()
        let reporter = EventReporter { events.add($0) }
        for _ in 0..<1000 { reporter.report(.streamError, .host, String(repeating: "é", count: 2000)) }
        #expect(events.all.count < 60)
        #expect(events.all.allSatisfy { $0.message.utf8.count <= TransportEvent.maximumMessageBytes + 3 })
    }
}
