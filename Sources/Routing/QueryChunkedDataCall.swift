internal import NIOCore
internal import Translation
internal import Transport

/// One `QueryChunkedData` from accept to end in front of a v1 plugin: plan, v1 calls, and the frames of each as soon as it has answered.
struct QueryChunkedDataCall: Sendable {
    static let method = "pluginv2.Data/QueryChunkedData"

    let settings: RoutingSettings
    let client: PluginClient
    let account: LossAccount

    func answer(_ call: ServerCall) async -> CallEnd {
        let time = TranslationTime()
        let plan: QueryDataPlan
        var ledger: LossLedger
        do {
            let request = try await call.message()
            (plan, ledger) = try time.measure {
                try V2ToV1QueryChunkedData.plan(Array(request.readableBytesView), options: settings.translation)
            }
        } catch {
            return .failure(error)
        }
        var answer = ChunkedAnswer(plan)
        var end: CallEnd
        do {
            end = try await stream(&answer, plan, &ledger, call, time)
        } catch {
            end = .failure(error)
        }
        account.enter(ledger, method: Self.method, answer.statistics, time: time)
        end.trailers.append(losses: ledger)
        return end
    }

    private func stream(
        _ answer: inout ChunkedAnswer, _ plan: QueryDataPlan, _ ledger: inout LossLedger, _ call: ServerCall,
        _ time: TranslationTime
    ) async throws -> CallEnd {
        // Of a plan that the gateway answers by itself.
        try await Self.send(&answer, &ledger, call, time)
        try await PluginQueries(plan, call.head, settings, client, time: time).run { place, outcome in
            time.measure { answer.take(outcome, ofCall: place, &ledger) }
            try await Self.send(&answer, &ledger, call, time)
        }
        if case .status(let code, let message, let errorSource)? = answer.end() {
            return .failure(code: code, message, errorSource: errorSource)
        }
        try await Self.send(&answer, &ledger, call, time)
        return CallEnd(status: .ok)
    }

    /// Sends what there is, as fast as the host reads.
    private static func send(
        _ answer: inout ChunkedAnswer, _ ledger: inout LossLedger, _ call: ServerCall, _ time: TranslationTime
    ) async throws {
        while let message = time.measure({ answer.next(&ledger) }) {
            try Task.checkCancellation()
            try await call.send(message: ByteBuffer(bytes: message))
        }
    }
}
