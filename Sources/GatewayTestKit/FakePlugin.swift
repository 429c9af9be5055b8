package import NIOCore
package import Transport

/// A plugin inside the test's own process: answers calls on a unix socket with a closure.
package final class FakePlugin: Sendable {
    package let server: HostServer
    package let router: FakeRouter
    package var path: String { self.server.path }
    package var address: PluginAddress { .unix(self.server.path) }

    private init(server: HostServer, router: FakeRouter) {
        self.server = server
        self.router = router
    }

    package static func start(
        on eventLoop: any EventLoop, path: String, limits: TransportLimits = .default,
        answering handler: @escaping @Sendable (ServerCall) async -> CallEnd
    ) async throws -> FakePlugin {
        let router = FakeRouter { _ in .answer(handler) }
        let server = try await HostServer.listen(on: eventLoop, path: path, limits: limits, router: router)
        return FakePlugin(server: server, router: router)
    }

    package func stop() async {
        await self.server.close()
    }
}

/// Ready-made answers.
package enum FakeAnswers {
    /// Sends every message back, and the metadata whose names begin with `echo-` as initial and trailing metadata.
    package static let echo: @Sendable (ServerCall) async -> CallEnd = { call in
        var metadata = Metadata()
        for entry in call.head.metadata where entry.name.hasPrefix("echo-") { metadata.append(entry.name, entry.value) }
        call.send(initial: metadata)
        do {
            for try await message in call.messages { try await call.send(message: message) }
            return CallEnd(status: .ok, trailers: metadata)
        } catch {
            return .failure(.cancelled, "over")
        }
    }

    /// Answers a unary call with its own message.
    package static let same: @Sendable (ServerCall) async -> CallEnd = { call in
        do {
            return .reply(try await call.message())
        } catch let status as GRPCStatus {
            return CallEnd(status: status)
        } catch {
            return .failure(.cancelled, "over")
        }
    }

    /// Waits until the call is cancelled.
    package static let never: @Sendable (ServerCall) async -> CallEnd = { call in
        try? await Task.sleep(for: .seconds(3600))
        return .failure(.cancelled, "over")
    }
}
