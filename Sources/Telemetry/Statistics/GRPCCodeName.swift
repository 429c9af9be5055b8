/// The names of the gRPC status codes, by number.
package enum GRPCCodeName {
    package static let all = [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE",
        "DATA_LOSS",
        "UNAUTHENTICATED",
    ]
    /// What a code outside the table counts as.
    static let unknown = 2
}
