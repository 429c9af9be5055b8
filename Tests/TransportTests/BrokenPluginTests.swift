import GatewayTestKit
import Glibc
import NIOCore
import NIOHPACK
import Testing

@testable import Transport

/// Plugins that end calls in every way but the right one.
@Suite struct BrokenPluginTests {
    private static let reply: HPACKHeaders = [":status": "200", "content-type": "application/grpc"]

    /// The status of a call, made directly, and made by a host whose calls are forwarded.
    private func statuses(
        limits: TransportLimits = .default, _ script: @escaping @Sendable (HTTP2Stream, HPACKHeaders) -> Void
    ) async throws -> (direct: GRPCStatus, forwarded: GRPCStatus) {
        try await Bench.run { bench in
            let plugin = try await ScriptedPlugin.start(on: bench.loop, path: bench.directory.file("plugin"), script)
            let client = try await PluginClient.connect(on: bench.loop, to: .unix(plugin.path), limits: limits)
            let (server, router) = try await bench.routing { _ in .forward(client) }
            let host = try await bench.host(limits: limits)
            let direct = await FakeHost(client: client).status("/a.B/C", bytes(10))
            let forwarded = await host.status("/a.B/C", bytes(10))
            #expect(await router.summaries(atLeast: 1).count == 1)
            await host.close()
            await server.close()
            await client.close()
            await plugin.stop()
            return (direct, forwarded)
        }
    }

    @Test(arguments: [
        (HTTP2Code.protocolError, GRPCCode.internal), (.refusedStream, .unavailable), (.cancel, .cancelled),
        (.enhanceYourCalm, .resourceExhausted), (.inadequateSecurity, .permissionDenied), (.noError, .internal),
    ])
    func resetsAreMapped(_ reset: HTTP2Code, _ code: GRPCCode) async throws {
        let (direct, forwarded) = try await self.statuses { stream, _ in stream.reset(reset) }
        #expect(direct.code == code)
        #expect(forwarded.code == code)
        #expect(direct.message.contains(reset.description))
    }

    @Test func resetAfterTheBeginningOfAReplyStillGivesTheHostAStatus() async throws {
        let (direct, forwarded) = try await self.statuses { stream, _ in
            stream.send(headers: Self.reply, endStream: false)
            stream.connection.afterThisTick { stream.reset(.internalError) }
        }
        #expect(direct.code == .internal)
        #expect(forwarded.code == .internal)
        #expect(forwarded.message.contains("INTERNAL_ERROR"))
    }

    @Test func httpErrorIsMapped() async throws {
        let (direct, forwarded) = try await self.statuses { stream, _ in
            stream.send(headers: [":status": "503", "content-type": "text/html"], endStream: false)
            stream.send(data: ByteBuffer(string: "<html>"), endStream: true)
        }
        #expect(direct.code == .unavailable)
        #expect(forwarded.code == .unavailable)
        #expect(direct.message.contains("503"))
    }

    @Test func wrongContentTypeIsUnknown() async throws {
        let (direct, _) = try await self.statuses { stream, _ in
            stream.send(headers: [":status": "200", "content-type": "application/json"], endStream: true)
        }
        #expect(direct.code == .unknown)
        #expect(direct.message.contains("application/json"))
    }

    @Test func endWithoutTrailersIsNamed() async throws {
        let (direct, forwarded) = try await self.statuses { stream, _ in
            stream.send(headers: Self.reply, endStream: false)
            stream.send(data: ByteBuffer(bytes: [0, 0, 0, 0, 0]), endStream: true)
        }
        #expect(direct.code == .internal)
        #expect(direct.message.contains("without trailers"))
        #expect(forwarded.code == .internal)
    }

    @Test func trailersWithoutStatusAreUnknown() async throws {
        let (direct, forwarded) = try await self.statuses { stream, _ in
            stream.send(headers: Self.reply, endStream: false)
            stream.send(headers: ["x": "y"], endStream: true)
        }
        #expect(direct.code == .unknown)
        #expect(forwarded.code == .unknown)
    }

    @Test func endInTheMiddleOfAMessageIsNamed() async throws {
        let (direct, _) = try await self.statuses { stream, _ in
            stream.send(headers: Self.reply, endStream: false)
            stream.send(data: ByteBuffer(bytes: [0, 0, 0, 0, 9, 1, 2]), endStream: false)
            stream.send(headers: ["grpc-status": "0"], endStream: true)
        }
        #expect(direct.code == .internal)
        #expect(direct.message.contains("middle of a message"))
    }

    @Test(arguments: [0, 2])
    func wrongNumberOfRepliesIsNamed(_ count: Int) async throws {
        let (direct, _) = try await self.statuses { stream, _ in
            stream.send(headers: Self.reply, endStream: false)
            for _ in 0..<count { stream.send(data: ByteBuffer(bytes: [0, 0, 0, 0, 0]), endStream: false) }
            stream.send(headers: ["grpc-status": "0"], endStream: true)
        }
        #expect(direct.code == .internal)
        #expect(direct.message.contains("\(count) messages"))
    }

    @Test func replyOverTheLimitNamesTheKey() async throws {
        var limits = TransportLimits()
        limits.maximumReplyMessage = 1000
        let (direct, _) = try await self.statuses(limits: limits) { stream, _ in
            stream.send(headers: Self.reply, endStream: false)
            stream.send(data: ByteBuffer(bytes: [0, 0, 0, 4, 0]), endStream: false)
        }
        #expect(direct.code == .resourceExhausted)
        #expect(direct.message.contains("limits.maximum_reply_message"))
    }

    @Test func gzipRepliesAreRead() async throws {
        let packed = try #require(Deflater.gzip(bytes(5000)))
        try await Bench.run { bench in
            let plugin = try await ScriptedPlugin.start(on: bench.loop, path: bench.directory.file("plugin")) { stream, headers in
                var head = Self.reply
                head.add(name: "grpc-encoding", value: "gzip")
                stream.send(headers: head, endStream: false)
                var message = ByteBuffer(bytes: [1])
                message.writeInteger(UInt32(packed.readableBytes))
                message.writeImmutableBuffer(packed)
                stream.send(data: message, endStream: false)
                stream.send(headers: ["grpc-status": "0"], endStream: true)
            }
            let client = try await PluginClient.connect(on: bench.loop, to: .unix(plugin.path))
            #expect(try await client.unary("/a.B/C", ByteBuffer()).message == bytes(5000))
            await client.close()
            await plugin.stop()
        }
    }

    @Test func earlyEndOfThePluginStopsAHostThatStillSends() async throws {
        try await Bench.run { bench in
            let way = try await bench.forwarding { call in
                _ = try? await call.messages.first { _ in true }
                return .failure(.aborted, "enough")
            }
            let host = try await bench.host()
            let call = host.client.stream("/a.B/C")
            await #expect(throws: CancellationError.self) {
                while true { try await call.send(bytes(100_000)) }
            }
            #expect(await call.end().status.code == .aborted)
            #expect(await eventually { await way.client.load().openStreams == 0 })
            #expect(await way.server.load().heldBytes == 0)
            await host.close()
            await way.stop()
        }
    }

    @Test func goAwayLetsOpenCallsEndAndRefusesLaterOnes() async throws {
        try await Bench.run { bench in
            let (gate, open) = AsyncStream.makeStream(of: Void.self)
            let way = try await bench.forwarding { call in
                for await _ in gate { break }
                return await FakeAnswers.same(call)
            }
            let host = try await bench.host()
            async let reply = host.call("/a.B/C", "open")
            #expect(await eventually { await way.plugin.server.load().openCalls == 1 })
            async let drained = way.plugin.server.drain(cap: .seconds(30))
            #expect(await eventually { way.client.closeReason != nil })
            let later = await host.status("/a.B/C")
            #expect(later.code == .unavailable)
            #expect(later.message.contains("GOAWAY"))
            open.finish()
            #expect(try await reply == "open")
            #expect(await drained.cutCalls == 0)
            try await way.client.closed.get()
            await host.close()
            await way.stop()
        }
    }

    @Test(arguments: ["garbage", "HTTP/1.1 400 Bad Request\r\n\r\n", ""])
    func listenerThatSpeaksNoHTTP2IsNamed(_ words: String) async throws {
        try await Bench.run { bench in
            let listener = try UnixListener.open(path: bench.directory.file("plugin"), mode: 0o600, group: nil)
            let descriptor = listener.descriptor
            let answer = Task {
                await OffThread.run {
                    var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                    poll(&poller, 1, 10_000)
                    let connection = accept(descriptor, nil, nil)
                    _ = words.withCString { write(connection, $0, words.utf8.count) }
                    close(connection)
                }
            }
            let error = await #expect(throws: GRPCStatus.self) {
                try await PluginClient.connect(on: bench.loop, to: .unix(listener.path))
            }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("HTTP/2") == true)
            await answer.value
            close(descriptor)
        }
    }

    @Test func silentListenerIsGivenUp() async throws {
        try await Bench.run { bench in
            let listener = try UnixListener.open(path: bench.directory.file("plugin"), mode: 0o600, group: nil)
            var limits = TransportLimits()
            limits.prefaceTimeout = .milliseconds(100)
            let error = await #expect(throws: GRPCStatus.self) {
                try await PluginClient.connect(on: bench.loop, to: .unix(listener.path), limits: limits)
            }
            #expect(error?.code == .unavailable)
            close(listener.descriptor)
        }
    }
}
