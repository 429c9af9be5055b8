internal import NIOCore

/// A ``HostServer`` on its event loop: accepts connections, and gives each to what serves it.
final class HostServerCore {
    /// What becomes of the listening socket.
    private enum Listening {
        /// Connections wait in the backlog of the kernel.
        case paused
        case accepting
        /// As `paused`; the connections that were there have been told to end. Socket and file outlive this server.
        case suspended
        case closed
    }

    let router: any CallRouter
    /// For connections that are accepted from now on.
    var limits: TransportLimits
    let report: EventReporter
    let eventLoop: any EventLoop
    private let listener: UnixListener

    private var channel: (any Channel)?
    private var listening: Listening
    private var connections: [ObjectIdentifier: any ServedConnection] = [:]
    private var drains: [ConnectionDrain] = []
    private var emptied: [EventLoopPromise<Void>] = []

    init(
        listener: UnixListener, isAccepting: Bool, router: any CallRouter, limits: TransportLimits, report: EventReporter,
        eventLoop: any EventLoop
    ) {
        self.listener = listener
        self.listening = isAccepting ? .accepting : .paused
        self.router = router
        self.limits = limits
        self.report = report
        self.eventLoop = eventLoop
    }

    // MARK: Listening

    func listens(on channel: any Channel) {
        self.channel = channel
        if self.listening == .closed { channel.close(promise: nil) }
    }

    func startAccepting() {
        guard self.listening == .paused || self.listening == .suspended else { return }
        self.listening = .accepting
        self.setReading(true)
    }

    private func suspend() {
        guard self.listening != .closed else { return }
        self.listening = .suspended
        self.setReading(false)
    }

    /// Whether connections are to be taken from the backlog.
    var isAccepting: Bool { self.listening == .accepting }

    private func setReading(_ isReading: Bool) {
        // Setting this option of an open channel cannot fail, and a closed one needs none.
        try? self.channel?.syncOptions?.setOption(.autoRead, value: isReading)
    }

    private func stopListening() {
        guard self.listening != .closed else { return }
        if self.listening != .suspended { self.listener.removeFile() }
        self.listening = .closed
        self.channel?.close(promise: nil)
    }

    func acceptFailed(_ error: any Error) {
        let text = (error as? IOError).map { SystemErrorText.describe($0.errnoCode) } ?? "\(type(of: error))"
        self.report.report(.acceptFailed, .host, "cannot accept a connection on \(self.listener.path): \(text)")
    }

    // MARK: Connections

    /// Takes a connection on; its channel does not read by itself.
    func accept(_ channel: any Channel) throws {
        guard self.listening != .closed else {
            channel.close(promise: nil)
            return
        }
        guard self.connections.count < self.limits.maximumConnections else {
            try self.refuse(channel)
            return
        }
        if self.listening == .suspended {
            // It was on its way when the socket was suspended.
            try self.terminate(channel).drain(reason: Self.closingReason)
        } else {
            try self.serve(channel, self.router.mode())
        }
    }

    private func refuse(_ channel: any Channel) throws {
        try channel.pipeline.syncOperations.addHandler(
            ConnectionRefuser(
                "there are already \(self.limits.maximumConnections) connections to this socket; "
                    + "use fewer, or raise \(TransportLimits.connectionsKey)"))
        self.report.report(
            .tooManyConnections, .host,
            "a connection to \(self.listener.path) was refused because there are already "
                + "\(self.limits.maximumConnections); use fewer, or raise \(TransportLimits.connectionsKey)")
        try channel.syncOptions?.setOption(.autoRead, value: true)
    }

    private func serve(_ channel: any Channel, _ mode: ConnectionMode) throws {
        switch mode {
        case .relay(let address): self.relay(channel, to: address)
        case .terminate: try self.terminate(channel)
        case .undecided: self.wait(channel)
        }
    }

    @discardableResult
    private func terminate(_ channel: any Channel) throws -> HostConnection {
        let end = ConnectionEnd(self)
        let connection = HostConnection(
            router: self.router, limits: self.limits, report: self.report, onEnd: end.ended)
        end.connection = connection
        try connection.install(in: channel)
        self.connections[ObjectIdentifier(connection)] = connection
        try channel.syncOptions?.setOption(.autoRead, value: true)
        return connection
    }

    private func relay(_ channel: any Channel, to address: PluginAddress) {
        let end = ConnectionEnd(self)
        let relay = RelayConnection(
            channel, to: address, router: self.router, limits: self.limits, report: self.report, onEnd: end.ended)
        end.connection = relay
        self.connections[ObjectIdentifier(relay)] = relay
        channel.closeFuture.assumeIsolated().whenComplete { _ in relay.end() }
        RelayConnector.connect(to: address, on: self.eventLoop, limits: self.limits).assumeIsolated().whenComplete { result in
            do {
                let plugin = try result.get()
                try RelayConnector.setUp(channel)
                try relay.begin(with: plugin)
            } catch {
                self.relayFailed(relay, channel, error)
                end.ended()
            }
        }
    }

    /// The calls of the host get their answers at the gateway then.
    private func relayFailed(_ relay: RelayConnection, _ channel: any Channel, _ error: any Error) {
        guard !relay.hasEnded else { return }
        let text = (error as? IOError).map { SystemErrorText.describe($0.errnoCode) } ?? "\(type(of: error))"
        self.report.report(
            .relayFailed, .plugin, "cannot connect to the plugin at \(relay.address) to relay a connection of its host: \(text)")
        do {
            let connection = try self.terminate(channel)
            if relay.isDraining { connection.drain(reason: Self.closingReason) }
        } catch {
            channel.close(promise: nil)
        }
    }

    private func wait(_ channel: any Channel) {
        let end = ConnectionEnd(self)
        let waiting = WaitingConnection(channel: channel) { [weak self] mode in
            guard let self, end.connection != nil else { return }
            do {
                try self.serve(channel, mode == .undecided ? .terminate : mode)
            } catch {
                channel.close(promise: nil)
            }
            // After the other has taken its place, so that the server is not taken for empty in between.
            end.ended()
        }
        end.connection = waiting
        self.connections[ObjectIdentifier(waiting)] = waiting
        channel.closeFuture.assumeIsolated().whenComplete { _ in
            waiting.release()
            end.ended()
        }
        waiting.wait(for: self.router, patience: self.limits.connectionPatience)
    }

    fileprivate func ended(_ connection: any ServedConnection) {
        let id = ObjectIdentifier(connection)
        self.connections[id] = nil
        for drain in self.drains { drain.ended(id) }
        self.drains.removeAll { $0.isOver }
        self.checkEmptied()
    }

    private func checkEmptied() {
        guard self.listening == .closed || self.listening == .suspended, self.connections.isEmpty else { return }
        let promises = self.emptied
        self.emptied = []
        for promise in promises { promise.succeed(()) }
    }

    // MARK: End

    private static let closingReason = "the gateway is closing this socket"

    /// Succeeds when the last connection has ended.
    func whenEmptied() -> EventLoopFuture<Void> {
        let promise = self.eventLoop.makePromise(of: Void.self)
        self.emptied.append(promise)
        self.checkEmptied()
        return promise.futureResult
    }

    /// Ends every connection. With `keeping`, socket and file stay, and new connections wait in the backlog.
    func drain(cap: TimeAmount, keeping: Bool) -> EventLoopFuture<DrainReport> {
        if keeping { self.suspend() } else { self.stopListening() }
        return self.drain(reason: Self.closingReason, cap: cap) { _ in true }
    }

    /// Ends the connections that are not served as `mode` says.
    func drain(unless mode: ConnectionMode, reason: String, cap: TimeAmount) -> EventLoopFuture<DrainReport> {
        self.drain(reason: reason, cap: cap) { connection in
            switch (connection.mode, mode) {
            // One that waits will hear of its mode, and calls of a terminated one wait by themselves.
            case (.undecided, _), (.terminate, .undecided): false
            default: connection.mode != mode && !connection.isDraining
            }
        }
    }

    func drain(
        reason: String, cap: TimeAmount, _ isAffected: (any ServedConnection) -> Bool
    ) -> EventLoopFuture<DrainReport> {
        // What waits becomes something else, which is then told to end.
        for connection in self.connections.values where connection.mode == .undecided && isAffected(connection) {
            connection.drain(reason: reason)
        }
        let affected = self.connections.filter { isAffected($0.value) }
        let drain = ConnectionDrain(Set(affected.keys), on: self.eventLoop)
        // Before anything is written: a connection that its host has left ends at the first write.
        if !drain.isOver { self.drains.append(drain) }
        for connection in affected.values { connection.drain(reason: reason) }
        if !drain.isOver {
            drain.timer = self.eventLoop.assumeIsolated().scheduleTask(in: cap) { self.timeIsOver(for: drain, reason: reason) }
        }
        return drain.future
    }

    private func timeIsOver(for drain: ConnectionDrain, reason: String) {
        let now = self.eventLoop.now
        let status = GRPCStatus(code: .unavailable, message: "the call did not end in time while \(reason)")
        for id in drain.left {
            guard let connection = self.connections[id] else { continue }
            drain.report.add(connection.cut(status), now: now)
        }
        guard drain.report.cutCalls > 0 else { return }
        self.report.report(
            .drainCut, .host,
            "\(drain.report.cutCalls) calls on \(self.listener.path) did not end in time while \(reason) and were cut off: "
                + drain.report.words)
    }

    /// Ends everything at once.
    func close() {
        self.stopListening()
        for connection in self.connections.values where connection.mode == .undecided { connection.drain(reason: "") }
        for connection in self.connections.values {
            _ = connection.cut(GRPCStatus(code: .unavailable, message: "the gateway closed this socket"))
        }
    }

    // MARK: Load

    var load: HostServer.Load {
        var load = HostServer.Load(connections: self.connections.count, openCalls: 0, heldBytes: 0, unwrittenBytes: 0)
        for connection in self.connections.values {
            load.openCalls += connection.openCalls
            load.heldBytes += connection.heldBytes
            load.unwrittenBytes += connection.unwrittenBytes
            switch connection.mode {
            case .relay: load.relayed += 1
            case .terminate: break
            case .undecided: load.waiting += 1
            }
            if !connection.isObserved { load.unobserved += 1 }
        }
        return load
    }
}

/// Tells the server once that a connection has ended.
private final class ConnectionEnd {
    private weak var server: HostServerCore?
    var connection: (any ServedConnection)?

    init(_ server: HostServerCore) {
        self.server = server
    }

    func ended() {
        guard let connection = self.connection else { return }
        self.connection = nil
        self.server?.ended(connection)
    }
}
