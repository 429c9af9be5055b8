internal import NIOCore
internal import NIOHTTP2

/// Queues the frames of a connection and hands them to the codec at the end of the tick, or of reading, with one flush behind them.
///
/// Never from within a call of the codec, and never without the flush: while the socket is full the codec keeps headers and data
/// apart, and once there is room it would send data that was not flushed before headers that were not flushed.
final class FrameWriter {
    /// The context of the handler behind the codec.
    var context: ChannelHandlerContext?
    /// Whether a batch of reads is being worked on, at whose end ``writeQueued()`` will be called.
    var reading = false

    private let eventLoop: any EventLoop
    private var queue: [HTTP2Frame] = []
    private var creditCameLate = false

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    func write(_ frame: HTTP2Frame) {
        self.eventLoop.assertInEventLoop()
        if self.queue.isEmpty, !self.reading { self.writeAfterThisTick() }
        self.queue.append(frame)
    }

    private func writeAfterThisTick() {
        self.eventLoop.assumeIsolated().execute { self.writeQueued() }
    }

    func writeQueued() {
        guard let context = self.context, !self.queue.isEmpty else { return }
        var frames: [HTTP2Frame] = []
        swap(&frames, &self.queue)
        for frame in frames { self.hand(frame, context) }
        context.flush()
        frames.removeAll(keepingCapacity: true)
        // Flushing may have had consequences, which were queued and have their own time.
        if self.queue.isEmpty { swap(&frames, &self.queue) }
    }

    private func hand(_ frame: HTTP2Frame, _ context: ChannelHandlerContext) {
        var promise: EventLoopPromise<Void>?
        switch frame.payload {
        case .windowUpdate where frame.streamID != .rootStream:
            let credit = self.eventLoop.makePromise(of: Void.self)
            credit.futureResult.assumeIsolated().whenFailure { _ in self.creditCameLate = true }
            promise = credit
        case .goAway(let last, let code, let text):
            return self.handPastCodec(last, code, text, context)
        default:
            break
        }
        context.write(NIOAny(frame), promise: promise)
    }

    /// A codec that knows of our GOAWAY takes the DATA of a call that the host began meanwhile for a breach of the rules, and ends
    /// the connection with all that is open on it. Behind a flush, what it has written so far ends with a whole frame.
    private func handPastCodec(
        _ last: HTTP2StreamID, _ code: HTTP2ErrorCode, _ text: ByteBuffer?, _ context: ChannelHandlerContext
    ) {
        guard let codec = try? context.pipeline.syncOperations.context(handlerType: NIOHTTP2Handler.self) else { return }
        context.flush()
        var bytes = context.channel.allocator.buffer(capacity: 128)
        GoAwayBytes.write(
            lastStream: UInt32(truncatingIfNeeded: Int(last)), HTTP2Code(rawValue: UInt32(truncatingIfNeeded: code.networkCode)),
            text: text.map { String(buffer: $0) } ?? "", to: &bytes)
        codec.writeAndFlush(NIOAny(IOData.byteBuffer(bytes)), promise: nil)
    }

    /// Whether the error the codec has just reported comes from credit on a stream that its peer has finished meanwhile.
    ///
    /// Such credit waits in the codec while the socket is full, and the codec then takes it for an error of the stream. Its promise
    /// fails right before the error is reported.
    func tookLateCredit() -> Bool {
        defer { self.creditCameLate = false }
        return self.creditCameLate
    }
}
