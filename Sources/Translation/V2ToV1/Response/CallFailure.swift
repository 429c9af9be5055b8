/// What a v1 call that brought no usable reply means to the host (rule B.6).
struct CallFailure {
    /// HTTP status for the responses of the group.
    var status: Int32
    /// The plugin's words; ours only where it has none.
    var text: String

    init(code: Int, message: String) {
        status =
            switch code {
            case GRPCStatusCode.invalidArgument: 400
            case GRPCStatusCode.unauthenticated: 401
            case GRPCStatusCode.permissionDenied: 403
            case GRPCStatusCode.notFound: 404
            case GRPCStatusCode.resourceExhausted: 413
            case GRPCStatusCode.unimplemented: 501
            case GRPCStatusCode.unavailable: 503
            case GRPCStatusCode.deadlineExceeded: 504
            default: 500
            }
        text = message.isEmpty ? "the legacy plugin failed with \(GRPCStatusCode.name(code)) and gave no reason" : message
    }

    static let timedOut = CallFailure(
        code: GRPCStatusCode.deadlineExceeded,
        message: "the legacy plugin did not answer within the gateway's time limit; "
            + "the query must become cheaper, or the limit for this plugin longer")

    static func malformedReply(_ error: WireError, size: Int) -> CallFailure {
        let remedy = error.code == .tooManyParts ? "leave out what holds nothing" : "send valid protobuf"
        return CallFailure(
            code: -1,
            message: "the legacy plugin's reply is not a \(PluginReply.message): \(error) of \(size); "
                + "the plugin must be corrected to \(remedy)")
    }

    /// Codes that the host understands better as a gRPC status than as an error of each query.
    static func isForWholeCall(_ code: Int) -> Bool {
        [GRPCStatusCode.unavailable, GRPCStatusCode.resourceExhausted, GRPCStatusCode.unimplemented].contains(code)
    }
}
