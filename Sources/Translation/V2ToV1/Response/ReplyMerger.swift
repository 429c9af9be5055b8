internal import DataFrames

/// Puts the outcomes of all v1 calls of a plan together into one answer (rules B.1 to B.9).
struct ReplyMerger {
    /// What a gRPC message can hold; a host accepts no more.
    static let maximumAnswer = Int(Int32.max)
    /// How many times as large as the plugin's replies an answer may be, beyond a size that is always free. Every series and table becomes a whole
    /// frame, and each frame repeats the refId and the metaJson.
    static let maximumGrowth = 64
    static let freeAnswer = 128 << 20

    private enum Answer {
        case result(PluginResult)
        case failure(CallFailure)
    }

    private let plan: QueryDataPlan
    private let requested: Set<WireText>
    private let format: FrameFormat
    private var answers: [WireText: Answer] = [:]
    /// Keys of `answers` that no query asked for, in the order they came.
    private var unmatched: [WireText] = []
    /// What the operator refuses to lose, and was lost, by refId.
    private var refused: [WireText: [Loss]] = [:]
    private var statistics = TranslationStatistics()
    /// Bytes of the answer so far, about.
    private var size = 0
    private let freeAnswer: Int

    init(plan: QueryDataPlan, freeAnswer: Int = Self.freeAnswer) {
        self.freeAnswer = freeAnswer
        self.plan = plan
        requested = Set(plan.requested)
        format = plan.answerFormat
    }

    mutating func answer(_ outcomes: [CallOutcome], _ ledger: inout LossLedger) -> QueryDataAnswer {
        if let status = statusForAll(outcomes) { return status }
        for (place, call) in plan.calls.enumerated() {
            take(outcomes.indices.contains(place) ? outcomes[place] : .failure(code: -1, message: ""), of: call, &ledger)
        }
        return encode(&ledger)
    }

    /// A gRPC status when every call failed in the same way and hosts have a word for it.
    private func statusForAll(_ outcomes: [CallOutcome]) -> QueryDataAnswer? {
        guard outcomes.count == plan.calls.count, case .failure(let code, let message)? = outcomes.first,
            CallFailure.isForWholeCall(code)
        else { return nil }
        for outcome in outcomes {
            guard case .failure(code, _) = outcome else { return nil }
        }
        return .status(
            code: code, message: CallFailure(code: code, message: message).text, errorSource: ErrorSource.plugin.rawValue)
    }

    // MARK: One call

    private mutating func take(_ outcome: CallOutcome, of call: PlannedCall, _ ledger: inout LossLedger) {
        switch outcome {
        case .failure(let code, let message): fail(call, CallFailure(code: code, message: message))
        case .timedOut: fail(call, .timedOut)
        case .reply(let bytes): take(.decoding(bytes, plan.options), of: call, &ledger)
        case .decoded(let reply):
            statistics.bytesIn += reply.size
            ledger.merge(reply.losses)
            take(reply.results, of: call, &ledger)
        case .malformed(let error, let size):
            statistics.bytesIn += size
            ledger.add(LossPath(PluginReply.message), .malformedReply)
            // An error in any case, with better words.
            _ = ledger.takeRefusals()
            fail(call, .malformedReply(error, size: size))
        }
    }

    private mutating func fail(_ call: PlannedCall, _ failure: CallFailure) {
        for refID in call.queries { answers[refID] = .failure(failure) }
    }

    private mutating func take(_ results: [PluginResult], of call: PlannedCall, _ ledger: inout LossLedger) {
        let own = Set(call.queries)
        var seen: Set<WireText> = []
        // What the reply lost outside of its results counts for each of them.
        let common = ledger.takeRefusals()
        for refID in own where !common.isEmpty { refused[refID, default: []] += common }
        for (refID, result) in RefIDMatching(results, queries: call.queries, requested: own, &ledger).matched {
            defer { noteRefusals(of: refID, &ledger) }
            if !own.contains(refID) && requested.contains(refID) {
                // Another call asked for this one, and its own answer counts.
                ledger.add("models.QueryResult.refId", .duplicateRefID)
                continue
            }
            let isRepeated = results.count > 1 && !seen.insert(refID).inserted
            if isRepeated, plan.options.duplicates == .merge, case .result(var earlier)? = answers[refID] {
                earlier.append(result, &ledger)
                answers[refID] = .result(earlier)
                continue
            }
            if answers[refID] != nil { ledger.add("models.QueryResult.refId", .duplicateRefID) }
            if answers.updateValue(.result(result), forKey: refID) == nil, !requested.contains(refID) { unmatched.append(refID) }
        }
    }

    private mutating func noteRefusals(of refID: WireText, _ ledger: inout LossLedger) {
        let losses = ledger.takeRefusals()
        if !losses.isEmpty { refused[refID, default: []] += losses }
    }

    // MARK: The answer

    private mutating func encode(_ ledger: inout LossLedger) -> QueryDataAnswer {
        var responses: [(WireText, HostResponse)] = []
        let refIDs = unmatched.isEmpty ? plan.requested : plan.requested + unmatched
        responses.reserveCapacity(refIDs.count)
        for refID in refIDs {
            var response = response(refID, &ledger)
            noteRefusals(of: refID, &ledger)
            if let losses = refused[refID] { response = .refused(losses, after: response.error) }
            response.format = format
            size += Self.size(of: response)
            guard size <= Self.maximumAnswer else {
                return .status(
                    code: GRPCStatusCode.resourceExhausted,
                    message: "the translated answer is larger than the 2 GiB that a gRPC message can hold; "
                        + "the query must ask for less data",
                    errorSource: ErrorSource.plugin.rawValue)
            }
            responses.append((refID, response))
        }
        var writer = HostResponseWriter(reservingCapacity: size)
        for (refID, response) in responses { writer.add(refID, response) }
        statistics.bytesOut = writer.bytes.count
        return .reply(writer.bytes, statistics)
    }

    private mutating func response(_ refID: WireText, _ ledger: inout LossLedger) -> HostResponse {
        // Taken out, so that a large result is freed once it is encoded.
        switch answers.removeValue(forKey: refID) {
        case .failure(let failure)?: return .failure(status: failure.status, error: failure.text, source: .plugin)
        case .result(let result)?: return response(result, refID, &ledger)
        case nil:
            ledger.add("models.DatasourceResponse.results", .refIDUnanswered)
            return HostResponse(format: format)
        }
    }

    private mutating func response(_ result: PluginResult, _ refID: WireText, _ ledger: inout LossLedger) -> HostResponse {
        if let reason = result.unusable {
            let text = result.error.isEmpty ? reason : result.error + "; " + reason
            return .failure(status: 500, error: text, source: .plugin)
        }
        if !result.refused.isEmpty { return .refused(result.refused, after: result.error) }
        var response = HostResponse(error: result.error, format: format)
        if !result.error.isEmpty {
            response.status = 500
            response.errorSource = .downstream
        }
        let frames = ResultFrames(result, refID: refID, plan.options, &ledger)
        response.jsonMeta = frames.meta.original
        response.frames.reserveCapacity(frames.count)
        var room = freeAnswer + Self.maximumGrowth * statistics.bytesIn - size
        var times = SharedTimes()
        do throws(FrameError) {
            for place in 0..<frames.count {
                let frame = frames.frame(at: place, &ledger)
                let bodyLimit = plan.options.arrowBodyLimit
                let encoded =
                    format == .json
                    ? try JSONFrame.write(frame, sharing: &times) : try ArrowFile.write(frame, bodyLimit: bodyLimit)
                room -= encoded.count
                guard room >= 0 else { return Self.outgrown(result.series.count + result.tables.count, statistics.bytesIn) }
                response.frames.append(encoded)
            }
        } catch {
            return .failure(status: 500, error: "the legacy plugin's data does not fit a frame: \(error)", source: .plugin)
        }
        statistics.frames += frames.count
        statistics.points += frames.points
        statistics.cells += frames.cells
        return response
    }

    private static func size(of response: HostResponse) -> Int {
        response.frames.reduce(0) { $0 + $1.count } + response.jsonMeta.count + response.error.utf8.count + 64
    }

    private static func outgrown(_ frames: Int, _ received: Int) -> HostResponse {
        .failure(
            status: 500,
            error:
                "the answer would be more than \(maximumGrowth) times as large as the \(received) bytes that the legacy plugin sent, "
                + "because its \(frames) series and tables hold hardly anything, or repeat a large refId or metaJson; "
                + "the query must ask for fewer of them, or the plugin leave out what is empty",
            source: .plugin)
    }
}
