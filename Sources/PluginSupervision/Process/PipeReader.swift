internal import NIOCore
internal import NIOPosix

/// Reads one pipe of a plugin for as long as it is open.
final class PipeReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let onBytes: (ByteBufferView) -> Void
    private let onClose: () -> Void

    init(onBytes: @escaping (ByteBufferView) -> Void, onClose: @escaping () -> Void) {
        self.onBytes = onBytes
        self.onClose = onClose
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        onBytes(unwrapInboundIn(data).readableBytesView)
    }

    func channelInactive(context: ChannelHandlerContext) {
        onClose()
    }

    /// A pipe that cannot be read is as good as closed.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    /// Puts the read end of a pipe on an event loop; reading begins with `autoRead`. Closes `descriptor` in the end, also on
    /// failure.
    static func channel(
        _ descriptor: CInt, on loop: any EventLoop, makeReader: @escaping @Sendable () -> PipeReader
    ) async throws -> any Channel {
        do {
            return try await NIOPipeBootstrap(group: loop)
                .channelOption(.autoRead, value: false)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(makeReader()) }
                }
                .takingOwnershipOfDescriptor(input: descriptor).get()
        } catch {
            _ = OwnedDescriptor(descriptor)
            throw error
        }
    }
}
