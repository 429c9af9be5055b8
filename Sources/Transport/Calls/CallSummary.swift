/// The account of one call, given to the router when the call has ended.
package struct CallSummary: Sendable {
    /// Which way the call took.
    package enum Way: String, Sendable {
        case relayed, forwarded, answered, refused
    }

    package var path: String
    package var code: GRPCCode
    /// From the arrival of the call's headers to its end.
    package var duration: Duration
    /// Bytes of gRPC frames (prefix and message) from the host, and to the host.
    package var bytesIn: Int
    package var bytesOut: Int
    /// Messages from the host, and to the host.
    package var messagesIn: Int
    package var messagesOut: Int
    package var way: Way
    /// The beginning of the first reply message of a relayed call, where ``CallRouter/excerpt(path:)`` asked for it.
    package var firstReply: [UInt8] = []

    package init(
        path: String, code: GRPCCode, duration: Duration, bytesIn: Int, bytesOut: Int, messagesIn: Int, messagesOut: Int,
        way: Way,
        firstReply: [UInt8] = []
    ) {
        self.path = path
        self.code = code
        self.duration = duration
        self.bytesIn = bytesIn
        self.bytesOut = bytesOut
        self.messagesIn = messagesIn
        self.messagesOut = messagesOut
        self.way = way
        self.firstReply = firstReply
    }
}
