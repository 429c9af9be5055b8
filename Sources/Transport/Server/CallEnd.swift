package import NIOCore

/// What a handler returns: the status, trailing metadata, and for calls with one reply the reply itself.
package struct CallEnd: Sendable {
    package var status: GRPCStatus
    package var trailers: Metadata
    /// Sent before the status. Cheaper than ``ServerCall/send(message:)`` for the only or last message.
    package var message: ByteBuffer?

    package init(status: GRPCStatus, trailers: Metadata = Metadata(), message: ByteBuffer? = nil) {
        self.status = status
        self.trailers = trailers
        self.message = message
    }

    /// The end of a successful unary call.
    package static func reply(_ message: ByteBuffer, trailers: Metadata = Metadata()) -> CallEnd {
        CallEnd(status: .ok, trailers: trailers, message: message)
    }

    package static func failure(_ code: GRPCCode, _ message: String, details: [UInt8]? = nil) -> CallEnd {
        CallEnd(status: GRPCStatus(code: code, message: message, details: details))
    }
}
