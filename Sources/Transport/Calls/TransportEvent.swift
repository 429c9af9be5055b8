/// Something about a peer that an operator may want to know. Texts are bounded and hold neither metadata values nor payload.
package struct TransportEvent: Sendable, CustomStringConvertible {
    package enum Kind: String, Sendable {
        /// A peer broke HTTP/2; its connection was closed.
        case protocolViolation
        /// One stream was broken by the peer and reset; the connection goes on.
        case streamError
        /// A connection ended with an error of the operating system.
        case connectionLost
        /// More connections than allowed.
        case tooManyConnections
        /// Accepting a connection failed, for example for lack of file descriptors.
        case acceptFailed
        /// A peer connected and did not speak HTTP/2 in time.
        case silentPeer
        /// Calls were cut off at the end of a drain.
        case drainCut
        /// The calls of a relayed connection can no longer be observed; its bytes go on.
        case observationLost
        /// A plugin could not be connected to for a relay; the connection is terminated instead.
        case relayFailed
    }

    package enum Side: String, Sendable {
        case host, plugin
    }

    package var kind: Kind
    /// The side whose behaviour the event is about.
    package var side: Side
    package var message: String
    /// Events that were left out since the last one because there were too many.
    package var suppressed: Int

    static let maximumMessageBytes = 512

    init(kind: Kind, side: Side, message: String, suppressed: Int = 0) {
        self.kind = kind
        self.side = side
        self.message = BoundedText.prefix(message, bytes: Self.maximumMessageBytes)
        self.suppressed = suppressed
    }

    package var description: String {
        "\(self.kind.rawValue) (\(self.side.rawValue)): \(self.message)"
    }
}
