internal import NIOCore
internal import NIOPosix

/// Prepares the two channels of a relay.
enum RelayConnector {
    /// Makes a channel that was accepted fit for a relay: it reads once each time it is told to, and can end in one direction.
    static func setUp(_ channel: any Channel) throws {
        try channel.syncOptions?.setOption(.autoRead, value: false)
        try channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
        try channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
    }

    /// Connects to a plugin.
    static func connect(
        to address: PluginAddress, on eventLoop: any EventLoop, limits: TransportLimits
    ) -> EventLoopFuture<any Channel> {
        let bootstrap = ClientBootstrap(group: eventLoop)
            .channelOption(.autoRead, value: false)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(.recvAllocator, value: SocketOptions.receiveAllocator)
            .channelOption(.writeBufferWaterMark, value: SocketOptions.waterMark)
            .connectTimeout(limits.prefaceTimeout)
        return switch address {
        case .unix(let path): bootstrap.connect(unixDomainSocketPath: path)
        case .tcp(let host, let port): bootstrap.connect(host: host, port: port)
        }
    }
}
