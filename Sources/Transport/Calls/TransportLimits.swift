package import NIOCore

/// Bounds on what peers may make the transport hold. Texts of errors name the configuration keys below.
package struct TransportLimits: Sendable {
    /// Bytes of one request message that a handler receives, after decompression.
    package var maximumRequestMessage = 16 * 1024 * 1024
    /// Bytes of one reply message from the plugin, after decompression.
    package var maximumReplyMessage = Int(Int32.max)
    /// Bytes of one header block (names, values, 32 for each field: RFC 9113 § 6.5.2).
    package var maximumHeaderBytes = 64 * 1024
    /// Calls in progress on one connection of a host.
    package var maximumStreams = 1000
    /// Connections to one host socket.
    package var maximumConnections = 64
    /// Calls that wait for the plugin to allow another stream.
    package var maximumQueuedCalls = 1000
    /// Bytes received on one connection that have not been consumed or written on; above it the peer gets no more credit.
    package var maximumBufferedBytes = 32 * 1024 * 1024
    /// Flow control windows that are granted to peers, in bytes.
    package var connectionWindow = 8 * 1024 * 1024
    package var streamWindow = 1024 * 1024
    /// How long a peer may take to begin speaking HTTP/2.
    package var prefaceTimeout: TimeAmount = .seconds(20)
    /// How long a connection waits for ``CallRouter/modeWhenKnown()`` before it is terminated, so that its calls are answered in words.
    /// grpc-go gives a connection up 20 s after it connected.
    package var connectionPatience: TimeAmount = .seconds(12)
    /// PING and SETTINGS frames a peer may send in a second. grpc-go sends a PING with nearly every read while it measures
    /// bandwidth, which is thousands a second on a local socket.
    package var controlFramesPerSecond = 50_000
    /// WINDOW_UPDATE frames a peer may send in a second: some send one with every read and for each stream.
    package var windowUpdatesPerSecond = 200_000
    /// Streams a peer may reset in a second (CVE-2023-44487). A host may well cancel every call it has.
    package var resetsPerSecond = 10_000
    /// Frames other than data that may wait for a peer which does not read; beyond it the connection is closed.
    package var maximumUnreadFrames = 10_000

    package init() {}

    package static let `default` = TransportLimits()

    package static let requestMessageKey = "limits.maximum_request_message"
    package static let replyMessageKey = "limits.maximum_reply_message"
    package static let connectionsKey = "limits.maximum_connections"
    package static let callTimeoutKey = "limits.call_timeout"
    package static let queuedCallsKey = "limits.maximum_queued_calls"
}
