internal import NIOCore
internal import NIOHPACK
internal import NIOHTTP2

/// One HTTP/2 connection as a flat set of streams, on top of `NIOHTTP2Handler` and without a channel per stream.
///
/// Sits in the pipeline behind the codec. Output goes out once per tick of the event loop. Everything runs on that loop.
///
/// Reading never waits for writing: grpc-go stops reading while too many of its own frames are unsent, and two sides that wait for
/// each other never end. What piles up meanwhile is bounded: data by credit, other frames by their number in the codec.
final class HTTP2Connection: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    enum Role { case server, client }

    let role: Role
    let limits: TransportLimits
    let eventLoop: any EventLoop

    private(set) var streams: [HTTP2StreamID: HTTP2Stream] = [:]
    /// The most streams the peer allows us; unknown until its SETTINGS came.
    private(set) var peerMaximumStreams = 0
    private(set) var isReady = false
    private(set) var hasEnded = false
    private(set) var isGoingAway = false
    private var announcement = GoAwayAnnouncement()
    private var hasToldLastStream = false
    /// The highest stream of the peer that was taken up.
    private(set) var lastPeerStream = HTTP2StreamID.rootStream

    private var owner: (any ConnectionOwner)?
    private var context: ChannelHandlerContext?
    private var nextStream: Int32 = 1
    private var credit: InboundCredit
    private var prefaceTimer: Scheduled<Void>?
    private var started = false
    private let writer: FrameWriter
    private var windowUpdates: FrameAllowance
    private var codecGaveUp = false
    private var endReason: String?

    init(role: Role, limits: TransportLimits, eventLoop: any EventLoop, owner: any ConnectionOwner) {
        self.role = role
        self.limits = limits
        self.eventLoop = eventLoop
        self.owner = owner
        self.writer = FrameWriter(eventLoop: eventLoop)
        self.windowUpdates = FrameAllowance(limit: limits.windowUpdatesPerSecond)
        self.credit = InboundCredit(
            window: limits.connectionWindow, budget: limits.maximumBufferedBytes, remaining: 65_535)
    }

    /// Adds the codec and this handler to a channel of the same event loop.
    func install(in channel: any Channel) throws {
        try channel.pipeline.syncOperations.addHandlers([
            OutboundCoalescer(),
            HTTP2Configuration.handler(role: self.role, limits: self.limits, delegate: self),
            self,
        ])
    }

    /// Bytes that were received and not yet consumed, over all streams.
    var heldBytes: Int { self.credit.held }
    var allocator: ByteBufferAllocator { self.context?.channel.allocator ?? ByteBufferAllocator() }
    func now() -> NIODeadline { self.eventLoop.now }

    // MARK: Streams

    /// Whether another stream may begin now (only on the client's side).
    var mayOpen: Bool {
        self.isReady && !self.hasEnded && !self.isGoingAway && self.nextStream < Int32.max - 2
            && self.streams.count < self.peerMaximumStreams && self.context?.channel.isWritable == true
    }

    /// Whether stream numbers have run out, so that the connection must be replaced.
    var isExhausted: Bool { self.nextStream >= Int32.max - 2 }

    /// Begins a stream that waited; ``mayOpen`` must hold.
    func open(_ stream: HTTP2Stream) {
        assert(self.mayOpen, "a stream was opened that the peer does not allow")
        let id = HTTP2StreamID(self.nextStream)
        self.nextStream += 2
        self.streams[id] = stream
        stream.open(as: id)
    }

    func forget(_ stream: HTTP2Stream, _ id: HTTP2StreamID) {
        if let known = self.streams[id], known === stream {
            self.streams[id] = nil
            self.streamsChanged()
        }
        stream.close(releasing: true)
    }

    func waitingStreamEnded() {
        self.owner?.connectionLostWaiting(self)
    }

    private func streamsChanged() {
        guard let owner = self.owner else { return }
        if self.role == .client { owner.connectionMayOpen(self) }
        if self.streams.isEmpty { owner.connectionIdle(self) }
    }

    // MARK: Writing

    func write(_ frame: HTTP2Frame) {
        guard self.context != nil, !self.hasEnded else { return }
        self.writer.write(frame)
    }

    func afterThisTick(_ body: @escaping () -> Void) {
        self.eventLoop.assumeIsolated().execute(body)
    }

    /// Closes after everything written has gone out, or after a second.
    func closeGracefully(reason: String) {
        guard let context = self.context, !self.hasEnded else { return }
        self.endReason = self.endReason ?? reason
        self.afterThisTick {
            guard self.context != nil else { return }
            self.writer.writeQueued()
            context.close(mode: .output, promise: nil)
            _ = self.eventLoop.assumeIsolated().scheduleTask(in: .seconds(1)) { self.closeNow(reason: reason) }
        }
    }

    func closeNow(reason: String) {
        guard let context = self.context else { return }
        self.endReason = self.endReason ?? reason
        context.close(promise: nil)
    }

    // MARK: Going away

    /// Tells the peer to begin no more streams. Those that are on their way are still taken: the owner hears `connectionAnnounced` when
    /// nothing is on its way any more.
    func announceGoAway(text: String) {
        guard !self.isGoingAway, !self.hasEnded else { return }
        self.isGoingAway = true
        self.announcement.text = text
        if self.started { self.announce() }
    }

    private func announce() {
        guard let context = self.context, self.announcement.write(in: context.pipeline) else { return }
        self.write(HTTP2Frame(streamID: .rootStream, payload: .ping(GoAwayAnnouncement.ping, ack: false)))
    }

    /// Tells the peer to begin no more streams; those up to ``lastPeerStream`` go on.
    func sendGoAway(_ code: HTTP2Code, text: String) {
        guard !self.hasToldLastStream, !self.hasEnded else { return }
        self.isGoingAway = true
        self.hasToldLastStream = true
        self.write(
            HTTP2Frame(
                streamID: .rootStream,
                payload: .goAway(
                    lastStreamID: self.lastPeerStream, errorCode: HTTP2ErrorCode(networkCode: Int(code.rawValue)),
                    opaqueData: ByteBuffer(string: text))))
    }

    // MARK: Credit

    func held(_ bytes: Int) {
        self.credit.hold(bytes)
    }

    func released(_ bytes: Int) {
        guard bytes > 0 else { return }
        self.credit.release(bytes)
        self.giveCredit()
    }

    private func giveCredit() {
        guard self.started, let increment = self.credit.increment() else { return }
        self.write(HTTP2Frame(streamID: .rootStream, payload: .windowUpdate(windowSizeIncrement: increment)))
    }

    // MARK: Life of the channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        self.writer.context = context
        if context.channel.isActive { self.start(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        self.start(context)
        context.fireChannelActive()
    }

    private func start(_ context: ChannelHandlerContext) {
        guard !self.started else { return }
        self.started = true
        self.giveCredit()
        if self.isGoingAway { self.announce() }
        self.prefaceTimer = self.eventLoop.assumeIsolated().scheduleTask(in: self.limits.prefaceTimeout) {
            guard !self.isReady else { return }
            let seconds = self.limits.prefaceTimeout.nanoseconds / 1_000_000_000
            let text = "the peer connected and did not begin to speak HTTP/2 within \(seconds) s"
            self.owner?.connection(self, event: .silentPeer, message: text)
            self.closeNow(reason: text)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.end(reason: self.endReason ?? "the peer closed the connection")
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.end(reason: self.endReason ?? "the connection was closed")
        self.context = nil
        self.writer.context = nil
    }

    private func end(reason: String) {
        guard !self.hasEnded else { return }
        self.hasEnded = true
        self.prefaceTimer?.cancel()
        let streams = self.streams.values
        self.streams = [:]
        for stream in streams { stream.fail(.connectionLost(reason: reason)) }
        let owner = self.owner
        self.owner = nil
        owner?.connectionEnded(self, reason: reason)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let isLateCredit = self.writer.tookLateCredit()
        // Frames that waited in the codec while the peer ended their stream: they are dropped, as they should be.
        if !self.codecGaveUp, isLateCredit || error is NIOHTTP2Errors.NoSuchStream { return }
        switch ConnectionError.classify(error, codecGaveUp: self.codecGaveUp) {
        case .stream(let text):
            self.owner?.connection(self, event: .streamError, message: text)
            self.endBrokenStream(error)
        case .violation(let text):
            self.owner?.connection(self, event: .protocolViolation, message: text)
            self.closeNow(reason: text)
        case .system(let text):
            self.owner?.connection(self, event: .connectionLost, message: text)
            self.closeNow(reason: text)
        }
    }

    /// The codec refused to write a frame. What follows it must not be taken for the whole, so the stream ends here.
    private func endBrokenStream(_ error: any Error) {
        guard let id = (error as? NIOHTTP2Errors.StreamError)?.streamID, let stream = self.streams[id] else { return }
        let consumer = stream.consumer
        stream.reset(.internalError)
        consumer?.stream(stream, failed: .violation(.internalError))
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.writer.reading = true
        let frame = self.unwrapInboundIn(data)
        switch frame.payload {
        case .headers(let payload):
            self.receive(payload.headers, endStream: payload.endStream, id: frame.streamID)
        case .data(let payload):
            guard let stream = self.streams[frame.streamID], case .byteBuffer(let data) = payload.data else { return }
            // RFC 9113 § 6.1: padding and the byte that holds its length count too.
            let size = data.readableBytes + (payload.paddingBytes.map { $0 + 1 } ?? 0)
            stream.receive(data: data, flowControlled: size, endStream: payload.endStream)
        case .rstStream(let code):
            guard let stream = self.streams.removeValue(forKey: frame.streamID) else { return }
            stream.fail(.reset(HTTP2Code(rawValue: UInt32(truncatingIfNeeded: code.networkCode))))
            self.streamsChanged()
        case .settings(.settings(let settings)):
            self.receive(settings)
        case .windowUpdate:
            if !self.windowUpdates.admit(at: self.now()) { self.endFlood("WINDOW_UPDATE") }
        case .ping(GoAwayAnnouncement.ping, ack: true) where self.announcement.isWritten:
            self.owner?.connectionAnnounced(self)
        case .goAway(let last, let code, let text):
            self.receiveGoAway(last, HTTP2Code(rawValue: UInt32(truncatingIfNeeded: code.networkCode)), text)
        default:
            break
        }
    }

    private func receive(_ headers: HPACKHeaders, endStream: Bool, id: HTTP2StreamID) {
        if let stream = self.streams[id] {
            stream.receive(headers: headers, endStream: endStream)
        } else if self.role == .server, id > self.lastPeerStream {
            guard !self.hasToldLastStream else {
                // Begun before our GOAWAY arrived: the host may begin it again elsewhere, and does so by itself.
                self.write(HTTP2Frame(streamID: id, payload: .rstStream(.refusedStream)))
                return
            }
            let stream = HTTP2Stream(connection: self, id: id)
            self.streams[id] = stream
            self.lastPeerStream = id
            if endStream { stream.receive(headers: headers, endStream: true) }
            self.owner?.connection(self, opened: stream, headers: headers, endStream: endStream)
        }
    }

    private func receive(_ settings: [HTTP2Setting]) {
        var maximum = self.isReady ? self.peerMaximumStreams : Int(Int32.max)
        for setting in settings where setting.parameter == .maxConcurrentStreams { maximum = setting.value }
        self.peerMaximumStreams = maximum
        if !self.isReady {
            self.isReady = true
            self.prefaceTimer?.cancel()
            self.owner?.connectionReady(self)
        }
        if self.role == .client { self.owner?.connectionMayOpen(self) }
    }

    /// Frames that cost the peer nothing, and the others on this event loop their turn. The codec counts PING, SETTINGS and resets.
    private func endFlood(_ kind: String) {
        guard !self.hasEnded, self.endReason == nil else { return }
        let text = "the peer sent more than \(self.windowUpdates.limit) \(kind) frames in a second"
        self.owner?.connection(self, event: .protocolViolation, message: text)
        self.sendGoAway(.enhanceYourCalm, text: text)
        self.writer.writeQueued()
        self.closeNow(reason: text)
    }

    private func receiveGoAway(_ last: HTTP2StreamID, _ code: HTTP2Code, _ text: ByteBuffer?) {
        guard self.role == .client else { return }
        self.isGoingAway = true
        let words = BoundedText.prefix(text.map { String(buffer: $0) } ?? "", bytes: 128)
        self.owner?.connection(self, goAway: code, text: words)
        // What is above was not looked at by the peer, so it is safe to send again.
        for (id, stream) in self.streams where id > last {
            self.streams[id] = nil
            stream.fail(
                .notStarted(
                    GRPCStatus(
                        code: .unavailable, message: "the plugin is closing its connection (\(code)) and did not take this call"))
            )
        }
        self.streamsChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case let event as StreamClosedEvent:
            guard let stream = self.streams.removeValue(forKey: event.streamID) else { break }
            if let code = event.reason, stream.consumer != nil {
                stream.fail(.violation(HTTP2Code(rawValue: UInt32(truncatingIfNeeded: code.networkCode))))
            } else {
                stream.close(releasing: event.reason != nil)
            }
            self.streamsChanged()
        case let event as NIOHTTP2WindowUpdatedEvent where event.streamID == .rootStream:
            if let size = event.inboundWindowSize {
                self.credit.windowIs(size)
                self.giveCredit()
            }
        default:
            break
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.writer.reading = false
        self.writer.writeQueued()
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable, self.role == .client { self.owner?.connectionMayOpen(self) }
        context.fireChannelWritabilityChanged()
    }
}

extension HTTP2Connection: NIOHTTP2FrameDelegate {
    /// Called by the codec when a frame has passed flow control. Cheaper than a promise for every frame.
    func wroteFrame(_ frame: HTTP2Frame) {
        switch frame.payload {
        case .data(let payload):
            self.streams[frame.streamID]?.wrote(payload.data.readableBytes, endStream: payload.endStream)
        case .headers(let payload) where payload.endStream:
            self.streams[frame.streamID]?.wrote(0, endStream: true)
        case .goAway:
            // The codec writes a GOAWAY exactly when the peer broke the connection; ours pass it by.
            self.codecGaveUp = true
        default:
            break
        }
    }
}
