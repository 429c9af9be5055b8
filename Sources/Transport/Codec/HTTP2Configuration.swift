internal import NIOCore
internal import NIOHTTP2

/// Our settings of the codec.
///
/// Its defaults protect a server on the internet and are far below what real gRPC peers do: grpc-go sends a PING with nearly
/// every read while it estimates bandwidth (200 in 30 s would close the connection), and a host may cancel or half-close
/// hundreds of calls at once.
enum HTTP2Configuration {
    static func handler(
        role: HTTP2Connection.Role, limits: TransportLimits, delegate: any NIOHTTP2FrameDelegate
    ) -> NIOHTTP2Handler {
        NIOHTTP2Handler(
            mode: role == .server ? .server : .client,
            frameDelegate: delegate,
            connectionConfiguration: self.connection(role, limits),
            streamConfiguration: self.stream(limits))
    }

    private static func connection(
        _ role: HTTP2Connection.Role, _ limits: TransportLimits
    ) -> NIOHTTP2Handler.ConnectionConfiguration {
        var configuration = NIOHTTP2Handler.ConnectionConfiguration()
        configuration.initialSettings = [
            HTTP2Setting(parameter: .initialWindowSize, value: limits.streamWindow),
            HTTP2Setting(parameter: .maxHeaderListSize, value: limits.maximumHeaderBytes),
        ]
        switch role {
        case .server:
            configuration.initialSettings.append(
                HTTP2Setting(parameter: .maxConcurrentStreams, value: limits.maximumStreams))
        case .client:
            configuration.initialSettings.append(HTTP2Setting(parameter: .enablePush, value: 0))
        }
        configuration.controlFrameRateLimit.maximumCount = limits.controlFramesPerSecond
        configuration.controlFrameRateLimit.windowLength = .seconds(1)
        // An empty DATA frame is how clients half-close: as many in a row as there may be streams, with room.
        configuration.maximumSequentialEmptyDataFrames = 16 * limits.maximumStreams + 1000
        configuration.maximumBufferedControlFrames = limits.maximumUnreadFrames
        configuration.maximumSequentialContinuationFrames = limits.maximumHeaderBytes / 16_384 + 4
        // Frames for streams that were just reset are on their way for a while; beyond this number they would count as
        // errors of the connection.
        configuration.maximumRecentlyResetStreams = 4 * limits.maximumStreams
        // A number for the life of a connection, which may be months; the rate of stream errors is bounded below.
        configuration.maximumConnectionGlitches = 10_000_000
        return configuration
    }

    private static func stream(_ limits: TransportLimits) -> NIOHTTP2Handler.StreamConfiguration {
        var configuration = NIOHTTP2Handler.StreamConfiguration()
        configuration.streamResetFrameRateLimit.maximumCount = limits.resetsPerSecond
        configuration.streamResetFrameRateLimit.windowLength = .seconds(1)
        configuration.streamErrorRateLimit.maximumCount = 500
        configuration.streamErrorRateLimit.windowLength = .seconds(1)
        return configuration
    }
}
