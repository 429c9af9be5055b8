internal import NIOCore
internal import NIOHPACK

/// A ``HostServer`` on its event loop.
final class HostServerCore {
    private let listener: UnixListener
    private let router: any CallRouter
    private let limits: TransportLimits
    private let report: EventReporter
    private let eventLoop: any EventLoop

    private var channel: (any Channel)?
    private var connections: [ObjectIdentifier: HostConnection] = [:]
    private var isClosing = false
    private var emptied: [EventLoopPromise<Void>] = []

    init(
        listener: UnixListener, router: any CallRouter, limits: TransportLimits, report: EventReporter, eventLoop: any EventLoop
    ) {
        self.listener = listener
        self.router = router
        self.limits = limits
        self.report = report
        self.eventLoop = eventLoop
    }

    func listens(on channel: any Channel) {
        self.channel = channel
        if self.isClosing { channel.close(promise: nil) }
    }

    func acceptFailed(_ error: any Error) {
        let text = (error as? IOError).map { SystemErrorText.describe($0.errnoCode) } ?? "\(type(of: error))"
        self.report.report(.acceptFailed, .host, "cannot accept a connection on \(self.listener.path): \(text)")
    }

    func accept(_ channel: any Channel) throws {
        guard !self.isClosing else {
            channel.close(promise: nil)
            return
        }
        guard self.connections.count < self.limits.maximumConnections else {
            try channel.pipeline.syncOperations.addHandler(
                ConnectionRefuser(
                    "there are already \(self.limits.maximumConnections) connections to this socket; "
                        + "use fewer, or raise \(TransportLimits.connectionsKey)"))
            self.report.report(
                .tooManyConnections, .host,
                "a connection to \(self.listener.path) was refused because there are already "
                    + "\(self.limits.maximumConnections); use fewer, or raise \(TransportLimits.connectionsKey)")
            return
        }
        let connection = HostConnection(router: self.router, limits: self.limits, report: self.report) { [weak self] ended in
            self?.ended(ended)
        }
        try connection.install(in: channel)
        self.connections[ObjectIdentifier(connection)] = connection
    }

    private func ended(_ connection: HostConnection) {
        self.connections[ObjectIdentifier(connection)] = nil
        self.checkEmptied()
    }

    private func checkEmptied() {
        guard self.isClosing, self.connections.isEmpty else { return }
        let promises = self.emptied
        self.emptied = []
        for promise in promises { promise.succeed(()) }
    }

    // MARK: End

    /// Succeeds when the last connection has ended.
    func whenEmptied() -> EventLoopFuture<Void> {
        let promise = self.eventLoop.makePromise(of: Void.self)
        self.emptied.append(promise)
        self.checkEmptied()
        return promise.futureResult
    }

    /// - Returns: how many calls were cut off when the time was over.
    func drain(cap: TimeAmount) -> EventLoopFuture<Int> {
        self.stopListening()
        for connection in self.connections.values {
            connection.drain(reason: "the gateway is closing this socket")
        }
        let loop = self.eventLoop.assumeIsolated()
        var cut = 0
        let timer = loop.scheduleTask(in: cap) {
            cut = self.cut()
            if cut > 0 {
                self.report.report(
                    .drainCut, .host, "\(cut) calls on \(self.listener.path) did not end in time and were cut off")
            }
        }
        return self.whenEmptied().assumeIsolated().map {
            timer.cancel()
            return cut
        }.nonisolated()
    }

    /// - Returns: how many calls were cut off.
    func cut() -> Int {
        self.stopListening()
        let calls = self.connections.values.reduce(0) { $0 + $1.openCalls }
        for connection in self.connections.values {
            connection.cut(GRPCStatus(code: .unavailable, message: "the gateway closed this socket"))
        }
        return calls
    }

    private func stopListening() {
        guard !self.isClosing else { return }
        self.isClosing = true
        self.listener.removeFile()
        self.channel?.close(promise: nil)
    }

    // MARK: Load

    var load: HostServer.Load {
        var load = HostServer.Load(connections: self.connections.count, openCalls: 0, heldBytes: 0, unwrittenBytes: 0)
        for connection in self.connections.values {
            load.openCalls += connection.openCalls
            load.heldBytes += connection.connection?.heldBytes ?? 0
            load.unwrittenBytes += connection.connection?.streams.values.reduce(0) { $0 + $1.unwrittenBytes } ?? 0
        }
        return load
    }
}
