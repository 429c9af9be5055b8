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
        /// Connections of which the bytes are relayed.
        package var relayed = 0
        /// Relayed connections whose calls can no longer be observed.
        package var unobserved = 0
        /// Connections that wait until their mode is known.
        package var waiting = 0
    }

    package let path: String
    package let eventLoop: any EventLoop
    /// Of the listening socket; for passing it on to another process. It is closed by ``drain(cap:)`` and ``close()``.
    package let listeningDescriptor: Int32
    private let router: any CallRouter
    let core: NIOLoopBound<HostServerCore>

    private init(
        listener: UnixListener, eventLoop: any EventLoop, router: any CallRouter, core: NIOLoopBound<HostServerCore>
    ) {
        self.path = listener.path
        self.router = router
        self.eventLoop = eventLoop
        self.listeningDescriptor = listener.descriptor
        self.core = core
    }

    /// Opens the socket, or takes over one that listens already, and serves it until ``drain(cap:)``, ``suspend(cap:)`` or ``close()``.
    ///
    /// - Parameters:
    ///   - eventLoop: where everything runs; plugin clients that calls are forwarded to must live there too.
    ///   - inherited: a listening unix socket of this path, which is checked and served in place of a new one. `mode` and `gid` are not
    ///     applied to it. It belongs to the server when this returns, and stays the caller's when this throws.
    ///   - accepting: false leaves connections in the backlog of the kernel until ``startAccepting()``.
    ///   - path: at most 107 bytes, see ``SocketPath``. A stale socket file is replaced, anything else is left alone.
    ///   - mode: permissions of the socket file, set before anyone can connect.
    ///   - gid: the group of the socket file; nil keeps the process's own.
    ///   - onEvent: what an operator may want to know of the host's behaviour; called on the event loop.
    /// - Throws: ``SocketError`` when the path is too long, taken by something that is not a socket, or in use, or when the inherited
    ///   descriptor is something else.
    package static func listen(
        on eventLoop: any EventLoop,
        path: String,
        mode: UInt32 = 0o660,
        group gid: UInt32? = nil,
        inherited: Int32? = nil,
        accepting: Bool = true,
        limits: TransportLimits = .default,
        router: any CallRouter,
        onEvent: @escaping @Sendable (TransportEvent) -> Void = { _ in }
    ) async throws -> HostServer {
        let listener =
            if let inherited {
                try UnixListener.adopt(descriptor: inherited, path: path)
            } else {
                try UnixListener.open(path: path, mode: mode, group: gid)
            }
        let core = try await eventLoop.submit {
            NIOLoopBound(
                HostServerCore(
                    listener: listener, isAccepting: accepting, router: router, limits: limits, report: EventReporter(onEvent),
                    eventLoop: eventLoop),
                eventLoop: eventLoop)
        }.get()
        let bootstrap = ServerBootstrap(group: eventLoop)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        AcceptRest({ core.value.acceptFailed($0) }, mayAccept: { core.value.isAccepting }))
                }
            }
            .serverChannelOption(.autoRead, value: accepting)
            // Nothing is read before it is known how a connection is served.
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.recvAllocator, value: SocketOptions.receiveAllocator)
            .childChannelOption(.writeBufferWaterMark, value: SocketOptions.waterMark)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try core.value.accept(channel) }
            }
        do {
            let channel = try await bootstrap.withBoundSocket(listener.descriptor).get()
            try await eventLoop.submit { core.value.listens(on: channel) }.get()
        } catch {
            if inherited == nil { listener.removeFile() }
            throw SocketError(
                code: .system, message: "cannot serve \(path): \(error)", remedy: "check the limit of open files", errno: nil)
        }
        return HostServer(listener: listener, eventLoop: eventLoop, router: router, core: core)
    }

    /// Begins to take connections of a socket that was opened with `accepting: false`, or suspended.
    package func startAccepting() {
        self.eventLoop.execute { [core] in core.value.startAccepting() }
    }

    /// Stops accepting, removes the socket file, tells hosts to move (GOAWAY), waits for open calls at most `cap`, then closes.
    ///
    /// Calls that had to be cut off ended with UNAVAILABLE; they are in the report, and in one event.
    @discardableResult
    package func drain(cap: Duration) async -> DrainReport {
        await self.drain { [core] in core.value.drain(cap: TimeAmount(cap), keeping: false) }
    }

    /// As ``drain(cap:)``, but leaves the socket file and the listening descriptor alone: new connections wait in the backlog, for the
    /// next gateway or for ``startAccepting()``. ``close()`` then closes the descriptor and leaves the file.
    @discardableResult
    package func suspend(cap: Duration) async -> DrainReport {
        await self.drain { [core] in core.value.drain(cap: TimeAmount(cap), keeping: true) }
    }

    /// Moves every connection whose mode is no longer what the router says to a new one: GOAWAY, and what is open may end within `cap`.
    ///
    /// - Parameter reason: goes on after "while", for example `the plugin was replaced`; shown to hosts and in the event.
    @discardableResult
    package func reconsider(reason: String, cap: Duration) async -> DrainReport {
        let now = try? await self.eventLoop.submit { [core] in
            let mode = core.value.router.mode()
            return (mode: mode, report: core.value.drain(unless: mode, reason: reason, cap: TimeAmount(cap)))
        }.get()
        guard let now else { return DrainReport() }
        var report = (try? await now.report.get()) ?? DrainReport()
        // What is relayed has moved; what is terminated moves when there is something to move to.
        if now.mode == .undecided, let mode = await self.modeWhenKnown(within: cap), mode != .undecided {
            report.add(
                await self.drain { [core] in core.value.drain(unless: mode, reason: reason, cap: TimeAmount(cap)) })
        }
        return report
    }

    private func modeWhenKnown(within limit: Duration) async -> ConnectionMode? {
        await withTaskGroup(of: ConnectionMode?.self) { [router] group in
            group.addTask { await router.modeWhenKnown() }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    private func drain(_ start: @escaping @Sendable () -> EventLoopFuture<DrainReport>) async -> DrainReport {
        (try? await self.eventLoop.flatSubmit(start).get()) ?? DrainReport()
    }

    /// Closes everything at once; open calls end with UNAVAILABLE where the host can still be told.
    package func close() async {
        let emptied = self.eventLoop.flatSubmit { [core] in
            core.value.close()
            return core.value.whenEmptied()
        }
        try? await emptied.get()
    }

    /// How many calls are in progress, streams included.
    package func openCalls() -> EventLoopFuture<Int> {
        self.eventLoop.submit { [core] in core.value.load.openCalls }
    }

    package func load() async -> Load {
        let load = try? await self.eventLoop.submit { [core] in core.value.load }.get()
        return load ?? Load(connections: 0, openCalls: 0, heldBytes: 0, unwrittenBytes: 0)
    }
}
