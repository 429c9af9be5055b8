package import NIOCore
internal import NIOPosix
internal import Synchronization

/// The connection to one plugin process. Reconnecting is left to whoever supervises the process.
package final class PluginClient: Sendable {
    /// Every call runs on this loop, which must be that of the host server whose calls are forwarded.
    package let eventLoop: any EventLoop
    package let address: PluginAddress
    /// Succeeds when the connection has ended, whoever ended it.
    package let closed: EventLoopFuture<Void>
    let core: NIOLoopBound<PluginConnection>
    let limits: TransportLimits
    private let reason: ReasonBox

    private init(
        eventLoop: any EventLoop, address: PluginAddress, limits: TransportLimits, closed: EventLoopFuture<Void>,
        core: NIOLoopBound<PluginConnection>, reason: ReasonBox
    ) {
        self.eventLoop = eventLoop
        self.address = address
        self.limits = limits
        self.closed = closed
        self.core = core
        self.reason = reason
    }

    deinit {
        // A client that was closed may outlive its event loop.
        guard self.closeReason == nil else { return }
        self.eventLoop.execute { [core] in core.value.close(reason: "the client was dropped") }
    }

    /// Why the connection takes no more calls; nil while it does.
    package var closeReason: String? { self.reason.value.withLock { $0 } }

    /// Connects, and returns once the plugin has begun to speak HTTP/2.
    ///
    /// - Parameter onEvent: what an operator may want to know of the plugin's behaviour; called on the event loop.
    /// - Throws: `GRPCStatus` UNAVAILABLE with the reason.
    package static func connect(
        on eventLoop: any EventLoop,
        to address: PluginAddress,
        limits: TransportLimits = .default,
        onEvent: @escaping @Sendable (TransportEvent) -> Void = { _ in }
    ) async throws -> PluginClient {
        let ready = eventLoop.makePromise(of: Void.self)
        let closed = eventLoop.makePromise(of: Void.self)
        let reason = ReasonBox()
        let core = try await eventLoop.submit {
            NIOLoopBound(
                PluginConnection(
                    limits: limits, eventLoop: eventLoop, ready: ready, closed: closed, report: EventReporter(onEvent),
                    onCloseReason: { text in reason.value.withLock { $0 = text } }),
                eventLoop: eventLoop)
        }.get()
        let bootstrap = ClientBootstrap(group: eventLoop)
            .channelOption(.recvAllocator, value: SocketOptions.receiveAllocator)
            .channelOption(.writeBufferWaterMark, value: SocketOptions.waterMark)
            .connectTimeout(limits.prefaceTimeout)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try core.value.install(in: channel) }
            }
        do {
            switch address {
            case .unix(let path):
                _ = try await bootstrap.connect(unixDomainSocketPath: path).get()
            case .tcp(let host, let port):
                _ = try await bootstrap.connect(host: host, port: port).get()
            }
        } catch {
            let text = (error as? IOError).map { SystemErrorText.describe($0.errnoCode) } ?? "\(type(of: error))"
            // A channel that was installed has ended both promises already; one that never came to be has not.
            ready.fail(error)
            closed.succeed(())
            throw GRPCStatus(code: .unavailable, message: "cannot connect to the plugin at \(address): \(text)")
        }
        let client = PluginClient(
            eventLoop: eventLoop, address: address, limits: limits, closed: closed.futureResult, core: core, reason: reason)
        try await ready.futureResult.get()
        return client
    }

    /// Closes the connection; open calls fail with UNAVAILABLE.
    package func close() async {
        self.eventLoop.execute { [core] in core.value.close(reason: "the gateway closed the connection") }
        try? await self.closed.get()
    }

    /// Ends every call with `status`; the connection goes on.
    ///
    /// - Parameter kept: calls of our own (not forwarded ones) whose paths begin with this go on too.
    package func abandonCalls(_ status: GRPCStatus, keeping kept: String) async {
        try? await self.eventLoop.submit { [core] in core.value.abandonCalls(status, keeping: kept) }.get()
    }

    /// Streams that are open, calls that wait, and received bytes nobody has taken.
    package func load() async -> (openStreams: Int, queuedCalls: Int, heldBytes: Int) {
        let values = try? await self.eventLoop.submit { [core] in
            (core.value.openStreams, core.value.queuedCalls, core.value.heldBytes)
        }.get()
        return values ?? (0, 0, 0)
    }
}

/// Holds the reason for reading from any thread.
final class ReasonBox: Sendable {
    let value = Mutex<String?>(nil)
}
