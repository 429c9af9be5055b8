internal import NIOCore

/// Refuses a connection in words its HTTP/2 side understands: empty SETTINGS, then GOAWAY with ENHANCE_YOUR_CALM and the reason.
final class ConnectionRefuser: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let reason: String

    init(_ reason: String) {
        self.reason = reason
    }

    func channelActive(context: ChannelHandlerContext) {
        var frames = context.channel.allocator.buffer(capacity: 64 + self.reason.utf8.count)
        frames.writeBytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
        GoAwayBytes.write(lastStream: 0, .enhanceYourCalm, text: self.reason, to: &frames)
        context.writeAndFlush(self.wrapOutboundOut(frames)).assumeIsolated().whenComplete { _ in
            context.close(promise: nil)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}
}
