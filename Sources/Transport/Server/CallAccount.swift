internal import NIOCore

/// Keeps the account of one call of a host and hands it in once.
struct CallAccount {
    let path: String
    let startedAt: NIODeadline
    let router: any CallRouter
    var way = CallSummary.Way.refused
    /// From the host.
    var incoming = MessageCounter()
    /// To the host.
    var outgoing = MessageCounter()
    private var isClosed = false

    init(path: String, startedAt: NIODeadline, router: any CallRouter) {
        self.path = path
        self.startedAt = startedAt
        self.router = router
    }

    mutating func close(_ code: GRPCCode, at now: NIODeadline) {
        guard !self.isClosed else { return }
        self.isClosed = true
        self.router.ended(
            CallSummary(
                path: self.path,
                code: code,
                duration: .nanoseconds((now - self.startedAt).nanoseconds),
                bytesIn: self.incoming.bytes,
                bytesOut: self.outgoing.bytes,
                messagesIn: self.incoming.messages,
                messagesOut: self.outgoing.messages,
                way: self.way))
    }
}

/// A call of a host, of whatever kind.
protocol HostCall: StreamConsumer {
    var head: CallHead { get }
    /// Ends the call from the gateway's side.
    func abort(_ status: GRPCStatus)
}
