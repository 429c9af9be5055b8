/// How a call ended. Thrown by the client for every end but OK, and answered by handlers to refuse a call.
///
/// `message` says what happened, which side must change, and to what; it travels to the other side and must hold no secret.
package struct GRPCStatus: Error, Sendable {
    package var code: GRPCCode
    package var message: String
    /// The bytes of `grpc-status-details-bin` (a serialised `google.rpc.Status`), if there are any.
    package var details: [UInt8]?
    /// Trailing metadata: what the peer sent, or what shall be sent.
    package var metadata: Metadata

    package init(code: GRPCCode, message: String, details: [UInt8]? = nil, metadata: Metadata = Metadata()) {
        self.code = code
        self.message = message
        self.details = details
        self.metadata = metadata
    }

    package static let ok = GRPCStatus(code: .ok, message: "")
}

extension GRPCStatus: CustomStringConvertible {
    package var description: String {
        self.message.isEmpty ? "\(self.code)" : "\(self.code): \(self.message)"
    }
}
