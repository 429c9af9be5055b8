internal import NIOCore
internal import NIOHPACK

/// One connection of a host: checks and routes its calls.
final class HostConnection: ConnectionOwner, ServedConnection {
    private let router: any CallRouter
    private let limits: TransportLimits
    private let report: EventReporter
    private let onEnd: () -> Void
    private(set) var isDraining = false
    /// Whether the host knows that this connection drains.
    private var isAnnounced = false
    private var connection: HTTP2Connection?

    init(router: any CallRouter, limits: TransportLimits, report: EventReporter, onEnd: @escaping () -> Void) {
        self.router = router
        self.limits = limits
        self.report = report
        self.onEnd = onEnd
    }

    func install(in channel: any Channel) throws {
        let connection = HTTP2Connection(role: .server, limits: self.limits, eventLoop: channel.eventLoop, owner: self)
        self.connection = connection
        try connection.install(in: channel)
    }

    // MARK: Calls

    func connection(_ connection: HTTP2Connection, opened stream: HTTP2Stream, headers: HPACKHeaders, endStream: Bool) {
        let now = connection.now()
        do {
            let head = try RequestHead.parse(headers, now: now)
            let account = CallAccount(path: head.path, startedAt: now, router: self.router)
            self.begin(self.router.route(head), stream, head, account, hostHasEnded: endStream)
        } catch {
            let path = BoundedText.prefix(headers.first(name: ":path") ?? "", bytes: 128)
            var account = CallAccount(path: path, startedAt: now, router: self.router)
            account.close(error.status.code, at: now)
            stream.send(headers: StatusHeaders.trailersOnly(error.status, httpStatus: error.httpStatus), endStream: true)
        }
    }

    private func begin(
        _ route: CallRoute, _ stream: HTTP2Stream, _ head: CallHead, _ account: CallAccount, hostHasEnded: Bool
    ) {
        switch route {
        case .forward(let client, let terms):
            let call = ForwardedCall(host: stream, head: head, terms: terms, account: account)
            stream.consumer = call
            call.start(to: client, hostHasEnded: hostHasEnded)
        case .answer(let handler):
            let call = AnsweredCall(host: stream, head: head, account: account, limits: self.limits)
            stream.consumer = call
            call.start(handler, hostHasEnded: hostHasEnded)
        case .pending(let decide):
            let call = PendingCall(host: stream, head: head, account: account)
            stream.consumer = call
            call.start(decide) { route, account, kept in
                self.begin(route, stream, head, account, hostHasEnded: hostHasEnded)
                for piece in kept {
                    guard let consumer = stream.consumer else { break }
                    consumer.stream(
                        stream, received: piece.data, flowControlled: piece.flowControlled, endStream: piece.endStream)
                }
            }
        case .refuse(let status):
            var account = account
            account.close(status.code, at: stream.connection.now())
            stream.consumer = nil
            stream.send(headers: StatusHeaders.trailersOnly(status), endStream: true)
            stream.consumedAll()
        }
    }

    // MARK: ServedConnection

    var mode: ConnectionMode { .terminate }
    var isObserved: Bool { true }
    var openCalls: Int { self.connection?.streams.count ?? 0 }
    var heldBytes: Int { self.connection?.heldBytes ?? 0 }
    var unwrittenBytes: Int { self.connection?.streams.values.reduce(0) { $0 + $1.unwrittenBytes } ?? 0 }

    /// Tells the host to move, and closes when its calls have ended.
    func drain(reason: String) {
        guard let connection = self.connection, !self.isDraining else { return }
        self.isDraining = true
        connection.announceGoAway(text: reason)
    }

    func cut(_ status: GRPCStatus) -> [OpenCall] {
        guard let connection = self.connection else { return [] }
        self.isDraining = true
        connection.sendGoAway(.noError, text: status.message)
        var cut: [OpenCall] = []
        for stream in connection.streams.values {
            // One without a call has its answer already, which is being written.
            guard let call = stream.consumer as? any HostCall else { continue }
            cut.append(OpenCall(path: call.head.path, startedAt: call.head.startedAt))
            call.abort(status)
        }
        connection.closeGracefully(reason: status.message)
        return cut
    }

    // MARK: ConnectionOwner

    func connectionAnnounced(_ connection: HTTP2Connection) {
        self.isAnnounced = true
        if connection.streams.isEmpty { self.closeDrained(connection) }
    }

    func connectionIdle(_ connection: HTTP2Connection) {
        if self.isAnnounced { self.closeDrained(connection) }
    }

    private func closeDrained(_ connection: HTTP2Connection) {
        connection.sendGoAway(.noError, text: "drained")
        connection.closeGracefully(reason: "drained")
    }

    func connectionEnded(_ connection: HTTP2Connection, reason: String) {
        self.connection = nil
        self.onEnd()
    }

    func connectionReady(_ connection: HTTP2Connection) {}
    func connectionMayOpen(_ connection: HTTP2Connection) {}
    func connectionLostWaiting(_ connection: HTTP2Connection) {}
    func connection(_ connection: HTTP2Connection, goAway code: HTTP2Code, text: String) {}

    func connection(_ connection: HTTP2Connection, event kind: TransportEvent.Kind, message: String) {
        self.report.report(kind, .host, message)
    }
}
