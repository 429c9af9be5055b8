internal import NIOCore
internal import NIOHPACK
internal import NIOHTTP2

/// One stream of one connection. Lives on the event loop of its connection.
///
/// Invalid use falls into three kinds. Writing after our own end is a mistake of ours and asserted. What the peer does wrong
/// never reaches this type; the codec resets the stream. Writing to a stream that has ended meanwhile is legitimate, since the
/// end may be on its way to whoever writes, and is dropped.
final class HTTP2Stream {
    private enum Phase {
        /// Waits for the peer to allow another stream; what is written meanwhile is kept.
        case waiting([HTTP2Frame.FramePayload])
        case open(HTTP2StreamID)
        case closed
    }

    let connection: HTTP2Connection
    /// Forgotten when the stream has ended, which breaks the cycle between stream and call.
    var consumer: (any StreamConsumer)?
    /// When the call must end; a waiting stream writes what is left of it into `grpc-timeout` when it opens.
    var deadline: NIODeadline?

    private var phase: Phase
    private(set) var isLocallyEnded = false
    private(set) var isRemotelyEnded = false
    /// Bytes that were received and neither consumed nor credited.
    private(set) var heldBytes = 0
    /// Bytes that were written and have not passed the peer's flow control.
    private(set) var unwrittenBytes = 0
    private var uncreditedBytes = 0
    private var endIsWritten = false

    init(connection: HTTP2Connection, id: HTTP2StreamID?) {
        self.connection = connection
        self.phase = id.map { .open($0) } ?? .waiting([])
    }

    var isClosed: Bool {
        if case .closed = self.phase { true } else { false }
    }

    var isWaiting: Bool {
        if case .waiting = self.phase { true } else { false }
    }

    // MARK: Writing

    func send(headers: HPACKHeaders, endStream: Bool) {
        self.write(.headers(.init(headers: headers, endStream: endStream)), endStream: endStream)
    }

    func send(data: ByteBuffer, endStream: Bool) {
        guard !self.isClosed else { return }
        self.unwrittenBytes += data.readableBytes
        self.write(.data(.init(data: .byteBuffer(data), endStream: endStream)), endStream: endStream)
    }

    private func write(_ payload: HTTP2Frame.FramePayload, endStream: Bool) {
        self.connection.eventLoop.assertInEventLoop()
        assert(self.isClosed || !self.isLocallyEnded, "a stream was written to after its end")
        switch self.phase {
        case .waiting(var kept):
            self.phase = .closed  // Avoids a copy of the array.
            kept.append(payload)
            self.phase = .waiting(kept)
        case .open(let id):
            self.connection.write(HTTP2Frame(streamID: id, payload: payload))
        case .closed:
            return
        }
        self.isLocallyEnded = self.isLocallyEnded || endStream
    }

    /// Ends the stream at once in both directions. The consumer hears nothing more.
    func reset(_ code: HTTP2Code) {
        self.connection.eventLoop.assertInEventLoop()
        self.consumer = nil
        switch self.phase {
        case .waiting:
            self.close(releasing: true)
        case .open(let id):
            self.connection.write(
                HTTP2Frame(streamID: id, payload: .rstStream(HTTP2ErrorCode(networkCode: Int(code.rawValue)))))
            self.connection.forget(self, id)
        case .closed:
            return
        }
    }

    // MARK: Credit

    /// Gives bytes back that were received here, so that the peer may send more. Needed after the end of the stream too: what a
    /// consumer still holds counts for the connection.
    func consumed(_ bytes: Int) {
        let bytes = Swift.min(bytes, self.heldBytes)
        guard bytes > 0 else { return }
        self.heldBytes -= bytes
        self.connection.released(bytes)
        guard case .open(let id) = self.phase, !self.isRemotelyEnded else { return }
        self.uncreditedBytes += bytes
        if self.uncreditedBytes >= self.connection.limits.streamWindow / 2 {
            let credit = self.uncreditedBytes
            self.uncreditedBytes = 0
            self.connection.write(HTTP2Frame(streamID: id, payload: .windowUpdate(windowSizeIncrement: credit)))
        }
    }

    /// Gives everything back that was received here.
    func consumedAll() {
        self.consumed(self.heldBytes)
    }

    // MARK: Called by the connection

    func open(as id: HTTP2StreamID) {
        guard case .waiting(let kept) = self.phase else { return }
        self.phase = .open(id)
        for payload in kept {
            self.connection.write(HTTP2Frame(streamID: id, payload: self.withCurrentTimeout(payload)))
        }
    }

    private func withCurrentTimeout(_ payload: HTTP2Frame.FramePayload) -> HTTP2Frame.FramePayload {
        guard case .headers(var head) = payload, let deadline = self.deadline, head.headers.contains(name: "grpc-timeout") else {
            return payload
        }
        head.headers.replaceOrAdd(name: "grpc-timeout", value: CallTimeout.print(deadline - self.connection.now()))
        return .headers(head)
    }

    func receive(headers: HPACKHeaders, endStream: Bool) {
        self.isRemotelyEnded = self.isRemotelyEnded || endStream
        self.consumer?.stream(self, received: headers, endStream: endStream)
    }

    func receive(data: ByteBuffer, flowControlled: Int, endStream: Bool) {
        self.isRemotelyEnded = self.isRemotelyEnded || endStream
        self.heldBytes += flowControlled
        self.connection.held(flowControlled)
        guard let consumer = self.consumer else {
            self.consumed(flowControlled)
            return
        }
        consumer.stream(self, received: data, flowControlled: flowControlled, endStream: endStream)
    }

    func wrote(_ bytes: Int, endStream: Bool) {
        self.unwrittenBytes -= bytes
        if bytes > 0 { self.consumer?.stream(self, wrote: bytes) }
        guard endStream else { return }
        self.endIsWritten = true
        self.consumer?.streamWroteEnd(self)
        if !self.isRemotelyEnded, self.connection.role == .server {
            // The call is over while the peer could still send: it is told to stop (RFC 9113 § 8.1). Not from here, where the
            // codec is in the middle of a write.
            self.connection.afterThisTick { if !self.isClosed { self.reset(.noError) } }
        }
    }

    func fail(_ failure: StreamFailure) {
        let consumer = self.consumer
        self.close(releasing: true)
        consumer?.stream(self, failed: failure)
    }

    /// - Parameter releasing: false when both sides have finished in order, and a consumer may still hold what it received.
    func close(releasing: Bool) {
        let waited = self.isWaiting
        self.phase = .closed
        if waited { self.connection.waitingStreamEnded() }
        self.unwrittenBytes = 0
        let consumer = self.consumer
        self.consumer = nil
        if releasing || consumer == nil || self.connection.role == .server { self.consumedAll() }
    }
}
