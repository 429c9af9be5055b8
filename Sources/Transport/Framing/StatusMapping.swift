/// Statuses for ends that carry none.
enum StatusMapping {
    /// For an HTTP answer without `grpc-status` (gRPC document "HTTP to gRPC Status Code Mapping").
    static func code(httpStatus: String) -> GRPCCode {
        switch httpStatus {
        case "400": .internal
        case "401": .unauthenticated
        case "403": .permissionDenied
        case "404": .unimplemented
        case "429", "502", "503", "504": .unavailable
        default: .unknown
        }
    }

    /// For a stream that was reset (gRPC over HTTP/2, section "Errors").
    static func code(reset: HTTP2Code) -> GRPCCode {
        switch reset {
        case .refusedStream: .unavailable
        case .cancel: .cancelled
        case .enhanceYourCalm: .resourceExhausted
        case .inadequateSecurity: .permissionDenied
        default: .internal
        }
    }
}

/// An error code of HTTP/2 (RFC 9113 § 7).
struct HTTP2Code: Sendable, Equatable, CustomStringConvertible {
    var rawValue: UInt32

    static let noError = HTTP2Code(rawValue: 0)
    static let protocolError = HTTP2Code(rawValue: 1)
    static let internalError = HTTP2Code(rawValue: 2)
    static let refusedStream = HTTP2Code(rawValue: 7)
    static let cancel = HTTP2Code(rawValue: 8)
    static let enhanceYourCalm = HTTP2Code(rawValue: 11)
    static let inadequateSecurity = HTTP2Code(rawValue: 12)

    private static let names = [
        "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED",
        "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM",
        "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
    ]

    var description: String {
        self.rawValue < UInt32(Self.names.count) ? Self.names[Int(self.rawValue)] : "error \(self.rawValue)"
    }
}
