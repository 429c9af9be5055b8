internal import NIOCore

/// One of the two channels of a relayed connection. Reads only when the other can write, so that nothing piles up in between.
final class RelayEnd: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let side: RelaySide
    private let relay: RelayConnection
    private var context: ChannelHandlerContext?
    private var wantsToRead = false

    init(_ side: RelaySide, of relay: RelayConnection) {
        self.side = side
        self.relay = relay
    }

    // MARK: For the relay

    var isOpen: Bool { self.context != nil }
    var isWritable: Bool { self.context?.channel.isWritable ?? false }

    func write(_ buffer: ByteBuffer) {
        guard let context = self.context else { return }
        context.write(self.wrapOutboundOut(buffer), promise: nil)
    }

    func flush() {
        self.context?.flush()
    }

    /// Reads once, at once or as soon as the other side can take it.
    func read() {
        // A channel that was accepted a moment ago does not remember that it was asked to read.
        guard let context = self.context, context.channel.isActive else { return }
        if self.relay.mayRead(self.side) {
            self.wantsToRead = false
            context.read()
        } else {
            self.wantsToRead = true
        }
    }

    /// The other side may have become writable.
    func resume() {
        if self.wantsToRead { self.read() }
    }

    /// Sends what has been written, and an end behind it.
    func closeOutput() {
        guard let context = self.context else { return }
        context.flush()
        context.close(mode: .output, promise: nil)
    }

    func close() {
        self.context?.close(promise: nil)
    }

    // MARK: ChannelInboundHandler

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        self.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.relay.received(self.unwrapInboundIn(data), from: self.side)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.relay.flush(for: self.side)
        self.read()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { self.relay.becameWritable(self.side) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent { self.relay.inputEnded(self.side) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.relay.failed(self.side, error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        self.relay.closed(self.side)
    }
}
