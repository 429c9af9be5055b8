internal import NIOCore
internal import NIOHPACK

/// Why a stream ended without both sides having finished it.
enum StreamFailure {
    /// The peer reset it.
    case reset(HTTP2Code)
    /// The peer broke a rule of HTTP/2 on this stream, and the codec reset it.
    case violation(HTTP2Code)
    /// Its connection is gone.
    case connectionLost(reason: String)
    /// It never began: the peer will not see it.
    case notStarted(GRPCStatus)
    /// We ended it ourselves, with every other call to this peer.
    case abandoned(GRPCStatus)
}

/// What a call hears of its stream. Every method is called on the event loop.
///
/// Together with ``HTTP2Stream`` this is the seam between calls and codec: streams, headers, data, reset.
protocol StreamConsumer: AnyObject {
    func stream(_ stream: HTTP2Stream, received headers: HPACKHeaders, endStream: Bool)

    /// `flowControlled` is the size that must be given back with ``HTTP2Stream/consumed(_:)``; it includes padding.
    func stream(_ stream: HTTP2Stream, received data: ByteBuffer, flowControlled: Int, endStream: Bool)

    /// Data has passed the peer's flow control and went to the socket.
    func stream(_ stream: HTTP2Stream, wrote bytes: Int)

    /// The frame that ends our side went to the socket.
    func streamWroteEnd(_ stream: HTTP2Stream)

    /// The last thing a consumer hears. Not called for a reset of our own.
    func stream(_ stream: HTTP2Stream, failed failure: StreamFailure)
}

/// What the owner of a connection hears of it.
protocol ConnectionOwner: AnyObject {
    /// The peer spoke HTTP/2: its first SETTINGS arrived.
    func connectionReady(_ connection: HTTP2Connection)
    /// A peer began a stream (only on the server's side).
    func connection(_ connection: HTTP2Connection, opened stream: HTTP2Stream, headers: HPACKHeaders, endStream: Bool)
    /// A place for another stream may have become free (only on the client's side).
    func connectionMayOpen(_ connection: HTTP2Connection)
    /// A stream that waited has ended before it began.
    func connectionLostWaiting(_ connection: HTTP2Connection)
    /// The peer will take no streams above `lastStreamID`.
    func connection(_ connection: HTTP2Connection, goAway code: HTTP2Code, text: String)
    /// The peer knows of ``HTTP2Connection/announceGoAway(text:)``, and everything that it sent before has arrived.
    func connectionAnnounced(_ connection: HTTP2Connection)
    /// No stream is left.
    func connectionIdle(_ connection: HTTP2Connection)
    func connection(_ connection: HTTP2Connection, event kind: TransportEvent.Kind, message: String)
    /// The last thing an owner hears.
    func connectionEnded(_ connection: HTTP2Connection, reason: String)
}
