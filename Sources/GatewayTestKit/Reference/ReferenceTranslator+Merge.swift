internal import DataFrames
package import PluginProtocolV1
package import Translation

/// How one v1 call of a plan ended, decoded.
package enum ReferenceOutcome {
    case reply(ExactMessage<Models_DatasourceResponse>)
    /// A reply that is no message; the text is what the host is told.
    case malformed(String)
    case failure(code: Int, message: String)
    case timedOut
}

/// What the host gets.
package enum ReferenceAnswer {
    /// In no particular order; refIds differ by their bytes.
    case responses([WireText: ReferenceResponse])
    case status(code: Int, message: String)
}

extension ReferenceTranslator {
    /// One answer out of all outcomes (rules B.6 and B.7).
    ///
    /// - Parameters:
    ///   - requested: the refIds of the host's request, each once, in order.
    ///   - calls: for every planned call the refIds of its queries, and its outcome.
    package static func merge(
        requested: [String], calls: [(refIDs: [String], outcome: ReferenceOutcome)], options: TranslationOptions = .default
    ) -> (ReferenceAnswer, LossLedger) {
        if let status = commonFailure(calls.map(\.outcome)) { return (status, LossLedger()) }
        var ledger = LossLedger()
        var merge = Merge(requested: requested.map { WireText($0) }, options: options)
        for call in calls { merge.take(call.outcome, of: call.refIDs.map { WireText($0) }, &ledger) }
        let responses = merge.responses(&ledger)
        return (.responses(responses), ledger)
    }

    /// The error that every refId of a call without a reply gets.
    package static func failure(_ outcome: ReferenceOutcome, _ ledger: inout LossLedger) -> String {
        outcome.failure(&ledger).error
    }

    /// UNAVAILABLE, RESOURCE_EXHAUSTED and UNIMPLEMENTED of all calls are a status of the whole.
    static func commonFailure(_ outcomes: [ReferenceOutcome]) -> ReferenceAnswer? {
        guard case .failure(let code, let message)? = outcomes.first, [14, 8, 12].contains(code) else { return nil }
        for outcome in outcomes {
            guard case .failure(code, _) = outcome else { return nil }
        }
        return .status(code: code, message: message)
    }
}

private struct Merge {
    let requested: [WireText]
    let options: TranslationOptions
    private var failed: [WireText: ReferenceResponse] = [:]
    private var results: [WireText: ReferenceResult] = [:]

    init(requested: [WireText], options: TranslationOptions) {
        self.requested = requested
        self.options = options
    }

    mutating func take(_ outcome: ReferenceOutcome, of queries: [WireText], _ ledger: inout LossLedger) {
        switch outcome {
        case .reply(let reply): take(reply, of: queries, &ledger)
        default: fail(queries, outcome.failure(&ledger))
        }
    }

    private mutating func fail(_ queries: [WireText], _ response: ReferenceResponse) {
        for refID in queries {
            failed[refID] = response
            results[refID] = nil
        }
    }

    private mutating func take(
        _ reply: ExactMessage<Models_DatasourceResponse>, of queries: [WireText], _ ledger: inout LossLedger
    ) {
        var seen: Set<WireText> = []
        for (refID, result) in ReferenceOutcome.matched(reply, queries, options, &ledger) {
            if !queries.contains(refID), requested.contains(refID) {
                ledger.add("models.QueryResult.refId", .duplicateRefID)
                continue
            }
            let isRepeated = !seen.insert(refID).inserted
            if isRepeated, options.duplicates == .merge, var earlier = results[refID] {
                earlier.append(result, &ledger)
                results[refID] = earlier
                continue
            }
            if results[refID] != nil || failed[refID] != nil { ledger.add("models.QueryResult.refId", .duplicateRefID) }
            failed[refID] = nil
            results[refID] = result
        }
    }

    func responses(_ ledger: inout LossLedger) -> [WireText: ReferenceResponse] {
        var responses = failed
        for (refID, result) in results { responses[refID] = result.response(refID: refID.string, options, &ledger) }
        for refID in requested where responses[refID] == nil {
            ledger.add("models.DatasourceResponse.results", .refIDUnanswered)
            responses[refID] = ReferenceResponse()
        }
        return responses
    }
}

extension ReferenceOutcome {
    /// What every refId of a call gets that brought no reply.
    func failure(_ ledger: inout LossLedger) -> ReferenceResponse {
        switch self {
        case .reply: return ReferenceResponse()
        case .malformed(let text):
            ledger.add("models.DatasourceResponse", .malformedReply)
            return .failure(text)
        case .timedOut:
            let text =
                "the legacy plugin did not answer within the gateway's time limit; "
                + "the query must become cheaper, or the limit for this plugin longer"
            return .failure(status: 504, text)
        case .failure(let code, let message):
            let statuses = [3: 400, 16: 401, 7: 403, 5: 404, 8: 413, 12: 501, 14: 503, 4: 504]
            return .failure(status: statuses[code] ?? 500, message)
        }
    }

    /// The results of a reply, each with the query that it answers (rule B.7).
    static func matched(
        _ reply: ExactMessage<Models_DatasourceResponse>, _ queries: [WireText], _ options: TranslationOptions,
        _ ledger: inout LossLedger
    ) -> [(WireText, ReferenceResult)] {
        ledger.add(reply.side)
        let reply = reply.content
        ledger.addUnknown(reply.unknownFields, in: "models.DatasourceResponse")
        let byPosition =
            queries.count == reply.results.count && queries.count > 1 && !queries.contains("")
            && reply.results.allSatisfy { $0.refID.isEmpty }
        var matched: [(WireText, ReferenceResult)] = []
        for (place, result) in reply.results.enumerated() {
            let original = WireText(result.refID)
            var refID = original
            if !queries.contains(original) {
                if byPosition {
                    refID = queries[place]
                } else if queries.count == 1, original.isEmpty || reply.results.count == 1 {
                    refID = queries[0]
                }
                ledger.add("models.QueryResult.refId", queries.contains(refID) ? .refIDReassigned : .refIDUnmatched)
            }
            matched.append((refID, ReferenceResult(result, options, &ledger)))
        }
        return matched
    }
}
