/// The stream of messages that answers a `QueryChunkedData`, made from the outcomes of the plan's calls.
///
/// ``next(_:)`` makes one message at a time, so that a slow host holds no more than one of them. Reassembled, the stream is what
/// `QueryData` would have answered, with three differences: a refId without frames and error has no message, jsonMeta has no place, and a
/// refId that nobody asked for counts once.
package struct ChunkedAnswer: Sendable {
    private let plan: QueryDataPlan
    private let format: FrameFormat
    /// The call whose answer to a refId counts: the last one that asks for it, as in `QueryData`.
    private var owners: [WireText: Int] = [:]
    /// Results whose messages come next; what is finished falls off at the front.
    private var waiting: ArraySlice<ResultChunks> = []
    private var unmatched: Set<WireText> = []
    /// What may turn out to concern the plugin as a whole; its chunks come last.
    private var heldBack: [(call: Int, failure: CallFailure, code: Int)] = []
    /// Messages of the plan's own answer, the next one last.
    private var ready: [[UInt8]] = []
    package private(set) var statistics = TranslationStatistics()

    package init(_ plan: QueryDataPlan) {
        self.plan = plan
        format = plan.answerFormat
        for (place, call) in plan.calls.enumerated() {
            for refID in call.queries { owners[refID] = place }
        }
        if let immediate = plan.immediate {
            var chunks = ResponseChunks(immediate, request: format, plan.options)
            var ledger = LossLedger()
            while let chunk = chunks.next(&ledger) { ready.append(chunk) }
            ready.reverse()
        }
    }

    /// Takes the outcome of one call; its messages then come from ``next(_:)``.
    package mutating func take(_ outcome: CallOutcome, ofCall place: Int, _ ledger: inout LossLedger) {
        guard plan.calls.indices.contains(place) else { return }
        switch outcome {
        case .failure(let code, let message):
            let failure = CallFailure(code: code, message: message)
            if CallFailure.isForWholeCall(code) {
                heldBack.append((place, failure, code))
            } else {
                fail(place, failure)
            }
        case .timedOut: fail(place, .timedOut)
        case .reply(let bytes): take(.decoding(bytes, plan.options), ofCall: place, &ledger)
        case .decoded(let reply):
            statistics.bytesIn += reply.size
            ledger.merge(reply.losses)
            take(reply.results, ofCall: place, &ledger)
        case .malformed(let error, let size):
            statistics.bytesIn += size
            ledger.add(LossPath(PluginReply.message), .malformedReply)
            _ = ledger.takeRefusals()
            fail(place, .malformedReply(error, size: size))
        }
    }

    /// The next encoded `pluginv2.QueryChunkedDataResponse`; nil when everything that was taken is out.
    package mutating func next(_ ledger: inout LossLedger) -> [UInt8]? {
        if let made = ready.popLast() { return counted(made) }
        while !waiting.isEmpty {
            if let message = waiting[waiting.startIndex].next(&ledger) { return counted(message) }
            let finished = waiting.removeFirst()
            statistics.points += finished.statistics.points
            statistics.cells += finished.statistics.cells
            statistics.frames += finished.statistics.frames
        }
        return nil
    }

    /// To be called when the outcomes of all calls were taken: a status for the whole call when every call failed in the same way and hosts
    /// have a word for it. Otherwise the errors that were held back come from ``next(_:)`` now.
    package mutating func end() -> QueryDataAnswer? {
        if let first = heldBack.first, heldBack.count == plan.calls.count, heldBack.allSatisfy({ $0.code == first.code }) {
            return .status(code: first.code, message: first.failure.text, errorSource: ErrorSource.plugin.rawValue)
        }
        for held in heldBack.sorted(by: { $0.call < $1.call }) { fail(held.call, held.failure) }
        heldBack = []
        return nil
    }

    private mutating func counted(_ message: [UInt8]) -> [UInt8] {
        statistics.bytesOut += message.count
        return message
    }

    // MARK: One call

    /// The refIds of a call that no later call asks for again, each once, in order.
    private func owned(by place: Int) -> [WireText] {
        var seen: Set<WireText> = []
        return plan.calls[place].queries.filter { owners[$0] == place && seen.insert($0).inserted }
    }

    private mutating func fail(_ place: Int, _ failure: CallFailure) {
        for refID in owned(by: place) { waiting.append(ResultChunks(failure, refID, format, plan.options)) }
    }

    private mutating func take(_ results: [PluginResult], ofCall place: Int, _ ledger: inout LossLedger) {
        let path: LossPath = "models.QueryResult.refId"
        let queries = plan.calls[place].queries
        let refIDs = owned(by: place)
        var answers: [WireText: PluginResult] = [:]
        var others: [WireText] = []
        // What the reply lost outside of its results counts for each of them.
        let common = ledger.takeRefusals()
        var refused: [WireText: [Loss]] = [:]
        for (refID, result) in RefIDMatching(results, queries: queries, requested: Set(queries), &ledger).matched {
            defer { refused[refID, default: common] += result.refused + ledger.takeRefusals() }
            if let owner = owners[refID] {
                guard owner == place else {
                    // Another call asked for this one, and its own answer counts.
                    ledger.add(path, .duplicateRefID)
                    continue
                }
            } else if answers[refID] == nil {
                // A host cannot tell chunks without refId apart, and the rows of an earlier call are out.
                guard !refID.isEmpty, unmatched.insert(refID).inserted else {
                    ledger.add(path, .duplicateRefID, count: refID.isEmpty ? 0 : 1)
                    continue
                }
                others.append(refID)
            }
            if var earlier = answers[refID] {
                ledger.add(path, .duplicateRefID, count: plan.options.duplicates == .merge ? 0 : 1)
                if plan.options.duplicates == .merge { earlier.append(result, &ledger) }
                answers[refID] = plan.options.duplicates == .merge ? earlier : result
            } else {
                answers[refID] = result
            }
        }
        for refID in refIDs + others {
            guard let result = answers.removeValue(forKey: refID) else {
                ledger.add("models.DatasourceResponse.results", .refIDUnanswered)
                // What the reply lost outside of its results concerns this one as well.
                let losses = common + ledger.takeRefusals()
                if !losses.isEmpty { waiting.append(ResultChunks(refusing: losses, refID, format, plan.options)) }
                continue
            }
            add(result, refID, refused: refused[refID] ?? [], &ledger)
        }
    }

    private mutating func add(_ result: PluginResult, _ refID: WireText, refused: [Loss], _ ledger: inout LossLedger) {
        var chunks = ResultChunks(result, refID, format, plan.options, &ledger)
        if plan.options.losses.canRefuse {
            let untouched = chunks
            chunks.makeAll(&ledger)
            let losses = refused + ledger.takeRefusals()
            if !losses.isEmpty {
                chunks = untouched
                chunks.refuse(losses)
            }
        }
        waiting.append(chunks)
    }
}

extension QueryDataPlan {
    /// The format of the frames in the answer.
    var answerFormat: FrameFormat {
        format == FrameFormat.json.rawValue && !options.arrowOnJSONRequest ? .json : .arrow
    }
}
