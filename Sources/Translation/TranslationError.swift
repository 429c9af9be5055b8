/// A message of the host that cannot be translated at all. Nothing was sent to the plugin.
package struct TranslationError: Error, Sendable, Equatable {
    package enum Code: String, Sendable {
        /// The bytes are not the message that the method takes.
        case malformedRequest
    }

    package var code: Code
    /// What happened, without any content of the message.
    package var message: String
    package var cause: WireError?
    /// Which side must change, and to what.
    package var remedy: String

    /// INVALID_ARGUMENT: the sender of the message must change.
    package var grpcCode: Int { GRPCStatusCode.invalidArgument }

    static func malformedRequest(_ type: String, _ cause: WireError, size: Int) -> TranslationError {
        TranslationError(
            code: .malformedRequest,
            message: "the host's request is not a \(type): \(cause) of \(size)",
            cause: cause,
            remedy: "the host must send a valid \(type)")
    }
}

extension TranslationError: CustomStringConvertible {
    package var description: String { "\(message); \(remedy)" }
}

/// The gRPC codes that rules of translation name.
enum GRPCStatusCode {
    static let cancelled = 1
    static let invalidArgument = 3
    static let deadlineExceeded = 4
    static let notFound = 5
    static let permissionDenied = 7
    static let resourceExhausted = 8
    static let unimplemented = 12
    static let unavailable = 14
    static let unauthenticated = 16

    private static let names = [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
        "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
        "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    ]

    static func name(_ code: Int) -> String {
        names.indices.contains(code) ? names[code] : "code \(code)"
    }
}
