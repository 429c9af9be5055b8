package import NIOCore
internal import NIOPosix

/// The socket of one attachment, and every connection of its host. Runs on one event loop.
package final class HostServer: Sendable {
    /// What is in progress.
    package struct Load: Sendable, Equatable {
        package var connections: Int
        package var openCalls: Int
        /// Bytes received from hosts and neither consumed nor written on.
        package var heldBytes: Int
        /// Bytes for hosts that their flow control has not let through yet.
        package var unwrittenBytes: Int
    }

    package let path: String
    package let eventLoop: any EventLoop
    private let core: NIOLoopBound<HostServerCore>

    private init(path: String, eventLoop: any EventLoop, core: NIOLoopBound<HostServerCore>) {
        self.path = path
        self.eventLoop = eventLoop
        self.core = core
    }

    /// Opens the socket and serves it until ``drain(cap:)`` or ``close()``.
    ///
    /// - Parameters:
    ///   - eventLoop: where everything runs; plugin clients that calls are forwarded to must live there too.
    ///   - path: at most 107 bytes, see ``SocketPath``. A stale socket file is replaced, anything else is left alone.
    ///   - mode: permissions of the socket file, set before anyone can connect.
    ///   - gid: the group of the socket file; nil keeps the process's own.
    ///   - onEvent: what an operator may want to know of the host's behaviour; called on the event loop.
    /// - Throws: ``SocketError`` when the path is too long, taken by something that is not a socket, or in use.
    package static func listen(
        on eventLoop: any EventLoop,
        path: String,
        mode: UInt32 = 0o660,
        group gid: UInt32? = nil,
        limits: TransportLimits = .default,
        router: any CallRouter,
        onEvent: @escaping @Sendable (TransportEvent) -> Void = { _ in }
    ) async throws -> HostServer {
        let listener = try UnixListener.open(path: path, mode: mode, group: gid)
        let core = try await eventLoop.submit {
            NIOLoopBound(
                HostServerCore(
                    listener: listener, router: router, limits: limits, report: EventReporter(onEvent), eventLoop: eventLoop),
                eventLoop: eventLoop)
        }.get()
        let bootstrap = ServerBootstrap(group: eventLoop)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptRest { core.value.acceptFailed($0) })
                }
            }
            .childChannelOption(.recvAllocator, value: SocketOptions.receiveAllocator)
            .childChannelOption(.writeBufferWaterMark, value: SocketOptions.waterMark)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try core.value.accept(channel) }
            }
        do {
            let channel = try await bootstrap.withBoundSocket(listener.descriptor).get()
            try await eventLoop.submit { core.value.listens(on: channel) }.get()
        } catch {
            listener.removeFile()
            throw SocketError(
                code: .system, message: "cannot serve \(path): \(error)", remedy: "check the limit of open files", errno: nil)
        }
        return HostServer(path: path, eventLoop: eventLoop, core: core)
    }

    /// Stops accepting, removes the socket file, tells hosts to move (GOAWAY), waits for open calls at most `cap`, then closes.
    ///
    /// - Returns: how many calls had to be cut off; they ended with UNAVAILABLE.
    @discardableResult
    package func drain(cap: Duration) async -> Int {
        let nanoseconds = cap.components.seconds * 1_000_000_000 + cap.components.attoseconds / 1_000_000_000
        let cut = self.eventLoop.flatSubmit { [core] in core.value.drain(cap: .nanoseconds(nanoseconds)) }
        return (try? await cut.get()) ?? 0
    }

    /// Closes everything at once; open calls end with UNAVAILABLE where the host can still be told.
    package func close() async {
        let emptied = self.eventLoop.flatSubmit { [core] in
            _ = core.value.cut()
            return core.value.whenEmptied()
        }
        try? await emptied.get()
    }

    package func load() async -> Load {
        let load = try? await self.eventLoop.submit { [core] in core.value.load }.get()
        return load ?? Load(connections: 0, openCalls: 0, heldBytes: 0, unwrittenBytes: 0)
    }
}
