internal import Translation
internal import Transport

extension CallEnd {
    /// What a handler that cannot go on tells the host.
    static func failure(_ error: any Error) -> CallEnd {
        switch error {
        case let status as GRPCStatus: CallEnd(status: status)
        case let error as TranslationError: .failure(.invalidArgument, "\(error)")
        default: .failure(.cancelled, "the call was cancelled")
        }
    }

    /// A status that the translation decided on.
    static func failure(code: Int, _ message: String, errorSource: String?) -> CallEnd {
        let details = errorSource.map { ErrorInfoDetail.statusDetails(code: code, message: message, errorSource: $0) }
        return .failure(GRPCCode(rawValue: code) ?? .unknown, message, details: details)
    }
}
