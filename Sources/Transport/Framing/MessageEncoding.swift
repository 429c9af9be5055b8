internal import NIOCore
internal import NIOHPACK

/// The compression a peer announced with `grpc-encoding`.
enum MessageEncoding: Sendable, Equatable {
    case identity
    case gzip
    case unknown(String)

    /// What we can read, for `grpc-accept-encoding`.
    static let accepted = "identity,gzip"

    init(_ headers: HPACKHeaders) {
        switch headers.first(name: "grpc-encoding") {
        case nil, "identity", "": self = .identity
        case "gzip": self = .gzip
        case .some(let name): self = .unknown(BoundedText.prefix(name, bytes: 32))
        }
    }

    /// UNIMPLEMENTED for an encoding we cannot read, as the gRPC compression document asks; nil otherwise.
    var refusal: GRPCStatus? {
        guard case .unknown(let name) = self else { return nil }
        return GRPCStatus(
            code: .unimplemented,
            message: "messages are compressed with \"\(name)\", which the gateway cannot read; their sender must use gzip or none"
        )
    }

    func decompress(_ message: ByteBuffer, limit: MessageLimit) throws(GRPCStatus) -> ByteBuffer {
        switch self {
        case .gzip:
            return try Gzip.inflate(message, limit: limit)
        case .unknown:
            throw self.refusal ?? .ok
        case .identity:
            throw GRPCStatus(
                code: .internal,
                message: "a \(limit.subject) is marked as compressed, but no grpc-encoding was announced; its sender must change")
        }
    }
}
