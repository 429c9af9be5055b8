extension LegacyQuery {
    /// The answer in the form of the old `/api/tsdb/query`: 200, or 400 as soon as one result is an error.
    ///
    /// Results are named as the plugin names them, as old hosts did. What could not be asked is an error of its refIds.
    ///
    /// - Parameters:
    ///   - outcomes: one per call of the plan, in its order.
    ///   - ledger: takes what the replies lost.
    package static func reply(to plan: QueryDataPlan, _ outcomes: [CallOutcome], ledger: inout LossLedger) -> ResourceReply {
        if let whole = failureOfAll(plan, outcomes) { return .message(Int(whole.status), whole.text) }
        var results = LegacyResults()
        if let immediate = plan.immediate { results.add(answered: immediate) }
        for (place, call) in plan.calls.enumerated() {
            switch outcomes.indices.contains(place) ? outcomes[place] : .failure(code: -1, message: "") {
            case .failure(let code, let message): results.fail(call, CallFailure(code: code, message: message))
            case .timedOut: results.fail(call, .timedOut)
            case .reply(let bytes):
                do throws(WireError) {
                    try results.add(reply: bytes, &ledger)
                } catch {
                    ledger.add(LossPath(PluginReply.message), .malformedReply)
                    _ = ledger.takeRefusals()
                    results.fail(call, .malformedReply(error, size: bytes.count))
                }
            case .malformed(let error, let size):
                ledger.add(LossPath(PluginReply.message), .malformedReply)
                _ = ledger.takeRefusals()
                results.fail(call, .malformedReply(error, size: size))
            case .decoded:
                // Columns cannot tell what the old form shows, such as the type of each cell.
                results.fail(call, CallFailure(code: -1, message: "the gateway read the reply in the form of a newer answer"))
            }
        }
        return results.reply
    }

    private static func failureOfAll(_ plan: QueryDataPlan, _ outcomes: [CallOutcome]) -> CallFailure? {
        guard plan.immediate == nil, case .failure(let code, let message)? = outcomes.first, CallFailure.isForWholeCall(code)
        else {
            return nil
        }
        for outcome in outcomes {
            guard case .failure(code, _) = outcome else { return nil }
        }
        return CallFailure(code: code, message: message)
    }
}

/// The results of an old answer, by refId.
private struct LegacyResults {
    private var places: [WireText: Int] = [:]
    private var results: [(refID: WireText, json: [UInt8])] = []
    private var firstError: String?

    /// Of two results with one refId the last counts, as in the old host's map.
    private mutating func set(_ refID: WireText, _ json: [UInt8], error: String) {
        if firstError == nil, !error.isEmpty { firstError = error }
        if let place = places[refID] {
            results[place].json = json
        } else {
            places[refID] = results.count
            results.append((refID, json))
        }
    }

    mutating func fail(_ call: PlannedCall, _ failure: CallFailure) {
        for refID in call.queries { fail(refID, failure.text) }
    }

    private mutating func fail(_ refID: WireText, _ error: String) {
        var result = LegacyResult()
        result.refID = refID
        result.error = error
        set(refID, result.json, error: error)
    }

    /// Takes over the errors of a `pluginv2.QueryDataResponse` that the gateway made itself.
    mutating func add(answered response: [UInt8]) {
        var ledger = LossLedger()
        guard let responses = try? V2Response.all(in: response, &ledger) else { return }
        for response in responses { fail(response.refID, response.error.string) }
    }

    mutating func add(reply: [UInt8], _ ledger: inout LossLedger) throws(WireError) {
        var found = ledger
        let parsed = try reply.readWire { reader throws(WireError) in
            var parsed: [(result: LegacyResult, refused: [Loss])] = []
            while !reader.isAtEnd {
                let tag = try reader.tag()
                guard tag.isField(1, .bytes) else {
                    try reader.skipUnknown(tag, in: PluginReply.message, &found)
                    continue
                }
                var nested = try reader.message()
                let result = try LegacyResult(&nested, &found)
                parsed.append((result, found.takeRefusals()))
            }
            return parsed
        }
        let common = found.takeRefusals()
        ledger = found
        for (result, refused) in parsed {
            let losses = common + refused
            if losses.isEmpty {
                if places[result.refID] != nil { ledger.add("models.QueryResult.refId", .duplicateRefID) }
                set(result.refID, result.json, error: result.error)
            } else {
                fail(result.refID, HostResponse.refused(losses, after: result.error).error)
            }
        }
    }

    var reply: ResourceReply {
        var map: [UInt8] = [UInt8(ascii: "{")]
        for (place, result) in results.enumerated() {
            if place > 0 { map.append(UInt8(ascii: ",")) }
            JSONString.encode(result.refID.string, to: &map)
            map.append(UInt8(ascii: ":"))
            map.append(contentsOf: result.json)
        }
        map.append(UInt8(ascii: "}"))
        var body = JSONObjectBuilder()
        body.add("results", raw: map)
        if let firstError { body.add("message", string: firstError) }
        return ResourceReply(code: firstError == nil ? 200 : 400, body: body.object)
    }
}
