/// The words with which a refused loss ends a call or the answer to a refId. Names paths and causes, never data.
enum LossRefusal {
    /// HTTP status of a refId whose request is refused: the host asked for something that the plugin cannot be told.
    static let requestStatus: Int32 = 400
    /// HTTP status of a refId whose answer is refused.
    static let answerStatus: Int32 = 500

    static func ofRequest(_ losses: [Loss]) -> String {
        "the legacy plugin was not asked, because the request would lose what the operator refuses to lose: " + text(losses)
    }

    static func ofAnswer(_ losses: [Loss]) -> String {
        "the legacy plugin's answer is withheld, because it lost what the operator refuses to lose: " + text(losses)
    }

    private static func text(_ losses: [Loss]) -> String {
        losses.map { "\($0.path) (\($0.cause), \($0.count)): \($0.cause.meaning); \($0.cause.remedy)" }.joined(separator: ". ")
            + ". The operator can set the policy of this path to warn, under losses in the plugin's configuration."
    }
}

extension QueryDataPlan {
    /// Nothing is sent to the plugin; every refId gets an error that names what would be lost.
    mutating func refuse(_ losses: [Loss]) {
        var response = HostResponseWriter()
        let text = LossRefusal.ofRequest(losses)
        for refID in requested { response.add(refID, .failure(status: LossRefusal.requestStatus, error: text, source: .plugin)) }
        calls = []
        immediate = response.bytes
    }
}

extension HostResponse {
    /// The answer to a refId that lost what is refused. The plugin's own error, if it sent one, stays in front.
    static func refused(_ losses: [Loss], after error: String) -> HostResponse {
        let text = LossRefusal.ofAnswer(losses)
        return .failure(status: LossRefusal.answerStatus, error: error.isEmpty ? text : "\(error); \(text)", source: .plugin)
    }
}
