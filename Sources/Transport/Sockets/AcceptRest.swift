package import NIOCore

/// Lets a listening socket rest after accepting has failed, for example for lack of file descriptors: the connection that waits
/// would keep the event loop busy until it can be taken.
///
/// NIO's `AcceptBackoffHandler` does not: it holds back the next read, and after a failure the last one has not ended.
package final class AcceptRest: ChannelInboundHandler {
    package typealias InboundIn = any Channel

    private static let duration = TimeAmount.milliseconds(250)

    private let report: (any Error) -> Void
    private let mayAccept: () -> Bool
    private var isResting = false

    /// Both are called on the event loop.
    ///
    /// - Parameters:
    ///   - report: hears of each failure, at most four times a second.
    ///   - mayAccept: whether connections are wanted when the rest is over; a server may have been told to pause meanwhile.
    package init(_ report: @escaping (any Error) -> Void, mayAccept: @escaping () -> Bool = { true }) {
        self.report = report
        self.mayAccept = mayAccept
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.report(error)
        guard error is IOError, !self.isResting else { return }
        self.isResting = true
        let channel = context.channel
        Self.setReading(channel, false)
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.duration) {
            self.isResting = false
            if channel.isActive, self.mayAccept() { Self.setReading(channel, true) }
        }
    }

    private static func setReading(_ channel: any Channel, _ reading: Bool) {
        // A channel that is closed meanwhile reads nothing either.
        try? channel.syncOptions?.setOption(.autoRead, value: reading)
    }
}
