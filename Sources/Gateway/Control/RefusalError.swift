internal import ControlProtocol
internal import PluginSupervision
internal import Transport

/// A refusal as an error: what any failure to attach comes to for the locator.
struct RefusalError: Error {
    let refusal: Refusal

    static func of(_ error: any Error) -> RefusalError {
        switch error {
        case let error as AttachRefusal:
            let code: Refusal.Code =
                switch error.code {
                case .outsideRoots, .noRoots, .directoryMissing, .executableMissing, .directoryMalformed, .nameMalformed,
                    .notADirectory:
                    .pluginUnknown
                default: .executableRejected
                }
            return make(code, error.message, error.remedy)
        case let error as SupervisionError:
            var message = error.message
            if let cause = error.cause { message += ": \(cause)" }
            if let last = error.lastWords.last { message += "; its last words: \(DisplayText.plain(last, limit: 500))" }
            return make(.pluginFailed, message, error.remedy)
        case let error as SocketError:
            return make(.hostSocketUnavailable, error.message, error.remedy)
        case let error as GatewayError:
            let code: Refusal.Code =
                switch error.code {
                case .noPermission: .notAuthorized
                case .unavailable: .unavailable
                case .noInput: .pluginUnknown
                case .internal: .internal
                default: .invalidRequest
                }
            return make(code, error.cause.map { "\(error.message) (\($0))" } ?? error.message, error.remedy)
        default:
            return make(
                .internal, "attaching failed: \(DisplayText.plain("\(error)"))", "Report this with the journal of plugin-gateway")
        }
    }

    private static func make(_ code: Refusal.Code, _ message: String, _ remedy: String) -> RefusalError {
        RefusalError(refusal: Refusal(code: code, message: message, remedy: remedy))
    }
}
