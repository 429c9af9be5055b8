internal import NIOCore
internal import NIOHPACK

/// One call whose way is not known yet. What the host sends meanwhile is kept; it gets no credit, so that is one window at most.
final class PendingCall: HostCall {
    struct Kept {
        var data: ByteBuffer
        var flowControlled: Int
        var endStream: Bool
    }

    private let host: HTTP2Stream
    let head: CallHead
    private var account: CallAccount
    private var task: Task<Void, Never>?
    private var timer: Scheduled<Void>?
    private var kept: [Kept] = []
    private var onRoute: ((CallRoute, CallAccount, [Kept]) -> Void)?

    init(host: HTTP2Stream, head: CallHead, account: CallAccount) {
        self.host = host
        self.head = head
        self.account = account
    }

    /// - Parameter onRoute: called on the event loop when the way is known, unless the call has ended before.
    func start(
        _ decide: @escaping @Sendable () async -> CallRoute, onRoute: @escaping (CallRoute, CallAccount, [Kept]) -> Void
    ) {
        self.onRoute = onRoute
        let loop = self.host.connection.eventLoop
        if let deadline = self.head.deadline {
            self.timer = loop.assumeIsolated().scheduleTask(deadline: deadline) {
                self.abort(GRPCStatus(code: .deadlineExceeded, message: "the deadline passed while the plugin was not ready"))
            }
        }
        let bound = NIOLoopBound(self, eventLoop: loop)
        self.task = Task {
            let route = await decide()
            loop.execute { bound.value.decided(route) }
        }
    }

    private func decided(_ route: CallRoute) {
        guard let onRoute = self.onRoute else { return }
        self.release()
        if case .pending = route {
            self.refuse(GRPCStatus(code: .internal, message: "the call's way stayed undecided; the gateway must be corrected"))
        } else {
            onRoute(route, self.account, self.kept)
        }
        self.kept = []
    }

    func abort(_ status: GRPCStatus) {
        guard self.onRoute != nil else { return }
        self.release()
        self.refuse(status)
    }

    private func refuse(_ status: GRPCStatus) {
        guard !self.host.isClosed, !self.host.isLocallyEnded else { return }
        self.account.close(status.code, at: self.host.connection.now())
        self.host.send(headers: StatusHeaders.trailersOnly(status), endStream: true)
        self.host.consumedAll()
    }

    private func release() {
        self.onRoute = nil
        self.timer?.cancel()
        self.timer = nil
        self.task?.cancel()
        self.task = nil
    }

    // MARK: StreamConsumer

    func stream(_ stream: HTTP2Stream, received headers: HPACKHeaders, endStream: Bool) {
        self.kept.append(Kept(data: ByteBuffer(), flowControlled: 0, endStream: endStream))
    }

    func stream(_ stream: HTTP2Stream, received data: ByteBuffer, flowControlled: Int, endStream: Bool) {
        if self.onRoute == nil {
            stream.consumed(flowControlled)
        } else {
            self.kept.append(Kept(data: data, flowControlled: flowControlled, endStream: endStream))
        }
    }

    func stream(_ stream: HTTP2Stream, wrote bytes: Int) {}
    func streamWroteEnd(_ stream: HTTP2Stream) {}

    func stream(_ stream: HTTP2Stream, failed failure: StreamFailure) {
        self.release()
        self.kept = []
        self.account.close(.cancelled, at: stream.connection.now())
    }
}
