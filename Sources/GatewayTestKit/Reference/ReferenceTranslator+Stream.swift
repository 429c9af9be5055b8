internal import PluginProtocolV1
package import Translation

extension ReferenceTranslator {
    /// What the messages of a `QueryChunkedData` come to when a host has put them together (rule B.10): as in `QueryData`, but
    /// a refId with nothing in it is not there, there is no jsonMeta, and a result that nobody asked for counts once.
    ///
    /// The outcomes are taken in the order of the calls.
    package static func stream(
        calls: [(refIDs: [String], outcome: ReferenceOutcome)], options: TranslationOptions = .default
    ) -> (ReferenceAnswer, LossLedger) {
        if let status = commonFailure(calls.map(\.outcome)) { return (status, LossLedger()) }
        var ledger = LossLedger()
        var stream = Stream(calls: calls, options: options)
        for place in calls.indices { stream.take(place, &ledger) }
        return (.responses(stream.responses), ledger)
    }
}

private struct Stream {
    let calls: [(refIDs: [String], outcome: ReferenceOutcome)]
    let options: TranslationOptions
    /// The last call that asks for a refId answers it.
    private var owners: [WireText: Int] = [:]
    private(set) var responses: [WireText: ReferenceResponse] = [:]
    private var unmatched: Set<WireText> = []

    init(calls: [(refIDs: [String], outcome: ReferenceOutcome)], options: TranslationOptions) {
        self.calls = calls
        self.options = options
        for (place, call) in calls.enumerated() {
            for refID in call.refIDs { owners[WireText(refID)] = place }
        }
    }

    mutating func take(_ place: Int, _ ledger: inout LossLedger) {
        let queries = calls[place].refIDs.map { WireText($0) }
        let own = Set(queries.filter { owners[$0] == place })
        guard case .reply(let reply) = calls[place].outcome else {
            let failure = calls[place].outcome.failure(&ledger)
            for refID in own { responses[refID] = failure }
            return
        }
        var answers: [WireText: ReferenceResult] = [:]
        for (refID, result) in ReferenceOutcome.matched(reply, queries, options, &ledger) {
            if let owner = owners[refID], owner != place {
                ledger.add("models.QueryResult.refId", .duplicateRefID)
            } else if var earlier = answers[refID] {
                if options.duplicates == .merge {
                    earlier.append(result, &ledger)
                    answers[refID] = earlier
                } else {
                    ledger.add("models.QueryResult.refId", .duplicateRefID)
                    answers[refID] = result
                }
            } else if owners[refID] == nil, refID.isEmpty || !unmatched.insert(refID).inserted {
                if !refID.isEmpty { ledger.add("models.QueryResult.refId", .duplicateRefID) }
            } else {
                answers[refID] = result
            }
        }
        ledger.add("models.DatasourceResponse.results", .refIDUnanswered, count: own.count { answers[$0] == nil })
        for (refID, result) in answers {
            var response = result.response(refID: refID.string, options, &ledger)
            if response.frames.isEmpty, !response.jsonMeta.isEmpty { ledger.add("models.QueryResult.metaJson", .noHome) }
            response.jsonMeta = []
            if !response.frames.isEmpty || !response.error.isEmpty { responses[refID] = response }
        }
    }
}
