internal import NIOCore
internal import NIOHPACK

/// One call that a handler answers, on the event loop. The handler runs in a task of its own and sees a ``ServerCall``.
final class AnsweredCall: HostCall {
    private let host: HTTP2Stream
    let head: CallHead
    private let inbox: MessageInbox
    private var account: CallAccount
    private var decoder: MessageDecoder
    private var code = GRPCCode.unknown
    private var task: Task<Void, Never>?
    private var timer: Scheduled<Void>?
    private var heldBack = 0
    private var replyHasBegun = false
    private var writers: [CheckedContinuation<Void, any Error>] = []
    private let limits: TransportLimits

    init(host: HTTP2Stream, head: CallHead, account: CallAccount, limits: TransportLimits) {
        self.host = host
        self.head = head
        self.limits = limits
        self.account = account
        self.account.way = .answered
        self.decoder = MessageDecoder(limit: .request(limits), encoding: MessageEncoding(head.headers))
        let loop = host.connection.eventLoop
        let reference = NIOLoopBoundBox<AnsweredCall?>.makeEmptyBox(valueType: AnsweredCall.self, eventLoop: loop)
        self.inbox = MessageInbox(onRoom: { loop.execute { reference.value?.giveCredit() } })
        self.reference = reference
        reference.value = self
    }

    /// Lets other threads reach this call; emptied at its end, which breaks the cycle.
    private let reference: NIOLoopBoundBox<AnsweredCall?>

    func start(_ handler: @escaping @Sendable (ServerCall) async -> CallEnd, hostHasEnded: Bool) {
        if let refusal = MessageEncoding(self.head.headers).refusal {
            self.abort(refusal)
            return
        }
        let loop = self.host.connection.eventLoop
        if let deadline = self.head.deadline {
            self.timer = loop.assumeIsolated().scheduleTask(deadline: deadline) {
                self.abort(GRPCStatus(code: .deadlineExceeded, message: "the call was not answered before its deadline"))
            }
        }
        let call = ServerCall(head: self.head, inbox: self.inbox, eventLoop: loop, call: self.reference)
        let reference = self.reference
        self.task = Task {
            let end = await handler(call)
            loop.execute { reference.value?.finish(end) }
        }
        if hostHasEnded { self.inbox.finish(.success(())) }
    }

    // MARK: What the handler does

    func send(initial metadata: Metadata) {
        guard !self.replyHasBegun, self.canWrite else { return }
        self.replyHasBegun = true
        var headers: HPACKHeaders = [":status": "200", "content-type": "application/grpc"]
        headers.add(name: "grpc-accept-encoding", value: MessageEncoding.accepted)
        headers.add(metadata)
        self.host.send(headers: headers, endStream: false)
    }

    func send(_ message: ByteBuffer, writer: CheckedContinuation<Void, any Error>) {
        guard self.canWrite else {
            writer.resume(throwing: CancellationError())
            return
        }
        self.write(message)
        if self.host.unwrittenBytes <= MessageInbox.highWater {
            writer.resume()
        } else {
            self.writers.append(writer)
        }
    }

    private var canWrite: Bool { !self.host.isClosed && !self.host.isLocallyEnded }

    private func write(_ message: ByteBuffer) {
        self.send(initial: Metadata())
        self.account.outgoing.add(messageBytes: message.readableBytes)
        let (first, second) = MessageFraming.frame(message, allocator: self.host.connection.allocator)
        self.host.send(data: first, endStream: false)
        if let second { self.host.send(data: second, endStream: false) }
    }

    private func finish(_ end: CallEnd) {
        self.task = nil
        guard self.canWrite else { return }
        if let message = end.message { self.write(message) }
        self.finish(end.status, end.trailers)
    }

    private func finish(_ status: GRPCStatus, _ trailers: Metadata = Metadata()) {
        self.code = status.code
        self.host.send(
            headers: self.replyHasBegun
                ? StatusHeaders.trailers(status, metadata: trailers)
                : StatusHeaders.trailersOnly(status, metadata: trailers),
            endStream: true)
        self.release()
    }

    func abort(_ status: GRPCStatus) {
        guard self.canWrite else { return }
        self.finish(status)
    }

    /// The handler is no longer heard.
    private func release() {
        self.timer?.cancel()
        self.timer = nil
        self.inbox.finish(.failure(CancellationError()))
        self.task?.cancel()
        self.task = nil
        for writer in self.writers { writer.resume(throwing: CancellationError()) }
        self.writers = []
        self.reference.value = nil
        self.host.consumedAll()
    }

    private func giveCredit() {
        let bytes = self.heldBack
        self.heldBack = 0
        self.host.consumed(bytes)
    }

    // MARK: StreamConsumer

    func stream(_ stream: HTTP2Stream, received headers: HPACKHeaders, endStream: Bool) {
        if endStream { self.hostHasEnded() }
    }

    func stream(_ stream: HTTP2Stream, received data: ByteBuffer, flowControlled: Int, endStream: Bool) {
        guard self.canWrite else {
            stream.consumed(flowControlled)
            return
        }
        do {
            self.decoder.append(data)
            while let message = try self.decoder.next() {
                self.account.incoming.add(messageBytes: message.readableBytes)
                self.inbox.push(message)
            }
        } catch {
            self.abort(error)
            return
        }
        self.heldBack += flowControlled
        if endStream {
            self.hostHasEnded()
        } else if !self.inbox.isFull() {
            self.giveCredit()
        }
    }

    private func hostHasEnded() {
        if self.decoder.partialBytes > 0 {
            self.abort(
                GRPCStatus(
                    code: .internal, message: "the host ended its request in the middle of a message; the host must change"))
        } else {
            self.inbox.finish(.success(()))
        }
    }

    func stream(_ stream: HTTP2Stream, wrote bytes: Int) {
        guard stream.unwrittenBytes <= MessageInbox.highWater, !self.writers.isEmpty else { return }
        for writer in self.writers { writer.resume() }
        self.writers = []
    }

    func streamWroteEnd(_ stream: HTTP2Stream) {
        self.account.close(self.code, at: stream.connection.now())
    }

    func stream(_ stream: HTTP2Stream, failed failure: StreamFailure) {
        self.release()
        self.account.close(.cancelled, at: stream.connection.now())
    }
}
