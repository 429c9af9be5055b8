import GatewayTestKit
import Glibc
import NIOCore
import Testing

@testable import Transport

/// Connections that wait: in the backlog of a paused or suspended socket, or for their mode.
@Suite struct ListeningTests {
    private let answering = FakeRouter { _ in .answer(FakeAnswers.same) }

    @Test func pausedSocketTakesConnectionsWhenItStartsAccepting() async throws {
        try await Bench.run { bench in
            let server = try await HostServer.listen(
                on: bench.loop, path: bench.directory.file("host"), accepting: false, router: self.answering)
            async let connected = bench.host()
            // It reaches the backlog at once; the gateway has not seen it.
            let reachesBacklog = RawPeer(path: server.path) != nil
            #expect(reachesBacklog)
            #expect(await server.load().connections == 0)
            server.startAccepting()
            let host = try await connected
            #expect(try await host.call("/a.B/C", "x") == "x")
            await host.close()
            await server.close()
            #expect(access(server.path, F_OK) != 0)
        }
    }

    @Test func suspendedSocketKeepsItsFileAndItsBacklogForTheNextGateway() async throws {
        try await Bench.run { bench in
            let (gate, open) = AsyncStream.makeStream(of: Void.self)
            let (first, _) = try await bench.answering { call in
                for await _ in gate { break }
                return await FakeAnswers.same(call)
            }
            let host = try await bench.host()
            async let reply = host.call("/a.B/C", "open")
            #expect(await eventually { await first.load().openCalls == 1 })
            async let report = first.suspend(cap: .seconds(60))
            #expect(await eventually { host.client.closeReason != nil })
            // The kernel takes it; nobody serves it yet.
            async let later = bench.host()
            open.finish()
            #expect(try await reply == "open")
            #expect(
                await report
                    == { () -> DrainReport in
                        var one = DrainReport()
                        one.connections = 1
                        return one
                    }())
            let inherited = dup(first.listeningDescriptor)
            await first.close()
            let second = try await HostServer.listen(
                on: bench.loop, path: first.path, inherited: inherited, router: self.answering)
            #expect(second.listeningDescriptor == inherited)
            let next = try await later
            #expect(try await next.call("/a.B/C", "y") == "y")
            await next.close()
            await second.close()
            #expect(access(second.path, F_OK) != 0)
        }
    }

    @Test func suspendedSocketCanAcceptAgain() async throws {
        try await Bench.run { bench in
            let (server, _) = try await bench.answering(FakeAnswers.same)
            await server.suspend(cap: .seconds(1))
            async let connected = bench.host()
            server.startAccepting()
            let host = try await connected
            #expect(try await host.call("/a.B/C", "x") == "x")
            await host.close()
            await server.close()
        }
    }

    @Test func inheritedDescriptorThatDoesNotFitIsRefusedAndStaysOpen() async throws {
        try await Bench.run { bench in
            let (server, _) = try await bench.answering(FakeAnswers.same)
            let other = try await HostServer.listen(
                on: bench.loop, path: bench.directory.file("other"), accepting: false, router: self.answering)
            let unbound = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            let file = open("/dev/null", O_RDONLY)
            for (descriptor, words) in [
                (unbound, "is not a listening"), (file, "is not a listening"), (other.listeningDescriptor, "listens on"),
                (-1, "is not a listening"),
            ] {
                let error = await #expect(throws: SocketError.self) {
                    try await HostServer.listen(
                        on: bench.loop, path: server.path, inherited: descriptor, router: self.answering)
                }
                #expect(error?.message.contains(words) == true, "\(String(describing: error))")
                #expect(descriptor < 0 || fcntl(descriptor, F_GETFD) >= 0)
            }
            unlink(other.path)
            let error = await #expect(throws: SocketError.self) {
                try await HostServer.listen(
                    on: bench.loop, path: other.path, inherited: other.listeningDescriptor, router: self.answering)
            }
            #expect(error?.message.contains("lost its file") == true)
            close(unbound)
            close(file)
            await server.close()
            await other.close()
        }
    }

    // MARK: Undecided connections

    @Test func undecidedConnectionIsServedWhenTheModeIsKnown() async throws {
        try await Bench.run { bench in
            let router = FakeRouter(mode: .undecided) { _ in .answer(FakeAnswers.same) }
            let server = try await bench.serving(router)
            async let connected = bench.host()
            #expect(await eventually { await server.load().waiting == 1 })
            router.set(.terminate)
            let host = try await connected
            #expect(try await host.call("/a.B/C", "x") == "x")
            #expect(await server.load().waiting == 0)
            await host.close()
            await server.close()
        }
    }

    @Test func undecidedConnectionIsTerminatedWhenPatienceIsOver() async throws {
        try await Bench.run { bench in
            var limits = TransportLimits()
            limits.connectionPatience = .milliseconds(50)
            let router = FakeRouter(mode: .undecided) { _ in
                .refuse(GRPCStatus(code: .unavailable, message: "the plugin has not started"))
            }
            let server = try await bench.serving(router, limits: limits)
            let host = try await bench.host()
            let status = await host.status("/a.B/C")
            #expect(status.code == .unavailable && status.message == "the plugin has not started")
            await host.close()
            await server.close()
        }
    }

    @Test func undecidedConnectionWhoseHostGoesAwayIsForgotten() async throws {
        try await Bench.run { bench in
            let router = FakeRouter(mode: .undecided) { _ in .answer(FakeAnswers.same) }
            let server = try await bench.serving(router)
            if let peer = RawPeer(path: server.path) {
                #expect(await eventually { await server.load().waiting == 1 })
                peer.write([])
            }
            #expect(await eventually { await server.load().connections == 0 })
            await server.close()
        }
    }

    @Test func undecidedConnectionIsToldOfADrain() async throws {
        try await Bench.run { bench in
            let router = FakeRouter(mode: .undecided) { _ in .answer(FakeAnswers.same) }
            let server = try await bench.serving(router)
            async let connected = bench.host()
            #expect(await eventually { await server.load().waiting == 1 })
            async let report = server.suspend(cap: .seconds(5))
            // It is accepted and sent away in words, which is no failure to a host.
            let host = try await connected
            #expect(await eventually { host.client.closeReason?.contains("GOAWAY NO_ERROR") == true })
            #expect(await report.connections == 1)
            await host.close()
            await server.close()
        }
    }
}
