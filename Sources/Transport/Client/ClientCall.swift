internal import NIOCore
internal import NIOHPACK

/// One call to the plugin that is made here (not forwarded): sends messages, decodes the reply, finds the status.
///
/// Lives on the event loop. The end is reported once; nothing follows it.
final class ClientCall: StreamConsumer {
    /// Where the reply goes.
    struct Sink {
        /// When there is one, `message` is given the pieces of one message as they arrive, and this its size before the first.
        var begins: ((Int) -> Void)?
        var message: (ByteBuffer) -> Void
        /// Whether the reader has room; asked before credit is given.
        var hasRoom: () -> Bool
        /// The status, and the metadata before the messages.
        var end: (GRPCStatus, Metadata) -> Void
    }

    private(set) var path = ""
    private var sink: Sink?
    private let limits: TransportLimits
    private var decoder: MessageDecoder?
    private var pieces: PieceDecoder?
    private var messages = 0
    private var initial = Metadata()
    private var stream: HTTP2Stream?
    private var timer: Scheduled<Void>?
    private var heldBack = 0
    private var writers: [CheckedContinuation<Void, any Error>] = []

    init(limits: TransportLimits, sink: Sink) {
        self.limits = limits
        self.sink = sink
    }

    func start(on connection: PluginConnection, path: String, metadata: Metadata, deadline: NIODeadline?) {
        self.path = path
        let now = connection.eventLoop.now
        if let deadline, deadline <= now {
            self.end(GRPCStatus(code: .deadlineExceeded, message: "the deadline had passed before the call began"))
            return
        }
        let stream: HTTP2Stream
        do {
            stream = try connection.makeStream(consumer: self, deadline: deadline)
        } catch {
            self.end(error)
            return
        }
        self.stream = stream
        if let deadline {
            self.timer = connection.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
                self.abandon(GRPCStatus(code: .deadlineExceeded, message: "the plugin did not answer before the deadline"))
            }
        }
        stream.send(headers: Self.requestHead(path, metadata, deadline.map { $0 - now }), endStream: false)
    }

    private static func requestHead(_ path: String, _ metadata: Metadata, _ timeout: TimeAmount?) -> HPACKHeaders {
        var headers: HPACKHeaders = [
            ":method": "POST", ":scheme": "http", ":path": path, ":authority": "localhost",
            "content-type": "application/grpc", "te": "trailers",
        ]
        if metadata.first("user-agent") == nil {
            headers.add(name: "user-agent", value: "plugin-gateway")
        }
        headers.add(name: "grpc-accept-encoding", value: MessageEncoding.accepted)
        if let timeout { headers.add(name: "grpc-timeout", value: CallTimeout.print(timeout)) }
        headers.add(metadata)
        return headers
    }

    /// Writes a message; with `last` no other follows.
    func send(_ message: ByteBuffer, last: Bool) {
        guard let stream = self.stream, !stream.isClosed, !stream.isLocallyEnded else { return }
        let (first, second) = MessageFraming.frame(message, allocator: stream.connection.allocator)
        stream.send(data: first, endStream: last && second == nil)
        if let second { stream.send(data: second, endStream: last) }
    }

    func sendEnd() {
        guard let stream = self.stream, !stream.isClosed, !stream.isLocallyEnded else { return }
        stream.send(data: ByteBuffer(), endStream: true)
    }

    /// Resumes the writer when the plugin has taken enough of what was written.
    func whenWritable(_ writer: CheckedContinuation<Void, any Error>) {
        guard let stream = self.stream, !stream.isClosed else {
            writer.resume(throwing: CancellationError())
            return
        }
        if stream.unwrittenBytes <= MessageInbox.highWater {
            writer.resume()
        } else {
            self.writers.append(writer)
        }
    }

    /// The reader has room again.
    func giveCredit() {
        let bytes = self.heldBack
        self.heldBack = 0
        self.stream?.consumed(bytes)
    }

    /// Ends the call from our side.
    func abandon(_ status: GRPCStatus) {
        self.stream?.reset(.cancel)
        self.end(status)
    }

    private func end(_ status: GRPCStatus) {
        self.timer?.cancel()
        self.timer = nil
        self.stream?.consumedAll()
        self.stream = nil
        for writer in self.writers { writer.resume(throwing: CancellationError()) }
        self.writers = []
        guard let sink = self.sink else { return }
        self.sink = nil
        sink.end(status, self.initial)
    }

    // MARK: StreamConsumer

    func stream(_ stream: HTTP2Stream, received headers: HPACKHeaders, endStream: Bool) {
        if let http = headers.first(name: ":status"), http.hasPrefix("1") { return }
        if endStream {
            self.finish(stream, headers)
        } else if self.decoder == nil, self.pieces == nil {
            if let refusal = ReplyHead.refusal(headers) {
                self.abandon(refusal)
                return
            }
            self.initial = Metadata(headers)
            let encoding = MessageEncoding(headers)
            if self.sink?.begins == nil {
                self.decoder = MessageDecoder(limit: .reply(self.limits), encoding: encoding)
            } else {
                self.pieces = PieceDecoder(limit: .reply(self.limits), encoding: encoding)
            }
        }
    }

    private func finish(_ stream: HTTP2Stream, _ trailers: HPACKHeaders) {
        let isInMessage = self.decoder.map { $0.partialBytes > 0 } ?? self.pieces?.isInMessage ?? false
        if isInMessage, StatusHeaders.code(in: trailers) == .ok {
            self.abandon(GRPCStatus(code: .internal, message: "the plugin ended its reply in the middle of a message"))
            return
        }
        if !stream.isLocallyEnded { stream.reset(.noError) }
        self.end(
            StatusHeaders.status(in: trailers) ?? ReplyHead.refusal(trailers)
                ?? GRPCStatus(code: .unknown, message: "the plugin ended its reply without a grpc-status"))
    }

    func stream(_ stream: HTTP2Stream, received data: ByteBuffer, flowControlled: Int, endStream: Bool) {
        guard self.decoder != nil || self.pieces != nil else {
            self.abandon(GRPCStatus(code: .internal, message: "the plugin sent data before the headers of its reply"))
            return
        }
        do {
            if self.pieces != nil {
                try self.takePieces(data)
            } else {
                self.decoder?.append(data)
                while let message = try self.decoder?.next() { self.sink?.message(message) }
            }
        } catch {
            self.abandon(error)
            return
        }
        self.heldBack += flowControlled
        if self.sink?.hasRoom() ?? true { self.giveCredit() }
        if endStream {
            self.abandon(GRPCStatus(code: .internal, message: "the plugin ended its reply without trailers"))
        }
    }

    private func takePieces(_ data: ByteBuffer) throws(GRPCStatus) {
        self.pieces?.append(data)
        while let step = try self.pieces?.next() {
            switch step {
            case .begins(let size):
                self.messages += 1
                guard self.messages == 1 else {
                    throw GRPCStatus(
                        code: .internal, message: "the plugin sent \(self.messages) messages in reply to a call that has one")
                }
                self.sink?.begins?(size)
            case .piece(let piece): self.sink?.message(piece)
            }
        }
    }

    func stream(_ stream: HTTP2Stream, wrote bytes: Int) {
        guard stream.unwrittenBytes <= MessageInbox.highWater, !self.writers.isEmpty else { return }
        for writer in self.writers { writer.resume() }
        self.writers = []
    }

    func streamWroteEnd(_ stream: HTTP2Stream) {}

    func stream(_ stream: HTTP2Stream, failed failure: StreamFailure) {
        self.end(FailureStatus.ofPlugin(failure))
    }
}

/// The statuses for streams to the plugin that failed.
enum FailureStatus {
    static func ofPlugin(_ failure: StreamFailure) -> GRPCStatus {
        switch failure {
        case .reset(let code):
            GRPCStatus(code: StatusMapping.code(reset: code), message: "the plugin reset the call (\(code))")
        case .violation(let code):
            GRPCStatus(
                code: .internal, message: "the plugin broke the rules of HTTP/2 in this call (\(code)); the plugin must change")
        case .connectionLost(let reason):
            GRPCStatus(code: .unavailable, message: "the connection to the plugin was lost: \(reason)")
        case .notStarted(let status), .abandoned(let status):
            status
        }
    }
}

/// The first header block of a reply.
enum ReplyHead {
    /// Why it is not the beginning of a gRPC reply; nil when it is.
    static func refusal(_ headers: HPACKHeaders) -> GRPCStatus? {
        let status = headers.first(name: ":status") ?? "none"
        let type = headers.first(name: "content-type") ?? "none"
        guard status == "200" else {
            return GRPCStatus(
                code: StatusMapping.code(httpStatus: status),
                message: "the plugin answered HTTP status \(BoundedText.prefix(status, bytes: 8)) instead of a gRPC reply")
        }
        guard type.hasPrefix("application/grpc") else {
            return GRPCStatus(
                code: .unknown,
                message:
                    "the plugin answered with content type \(BoundedText.prefix(type, bytes: 64)) instead of application/grpc")
        }
        return nil
    }
}
