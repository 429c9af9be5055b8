internal import NIOCore
internal import Translation
internal import Transport

/// One `QueryData` from accept to reply in front of a v1 plugin: plan, v1 calls, merge.
struct QueryDataCall: Sendable {
    static let method = "pluginv2.Data/QueryData"

    let settings: RoutingSettings
    let client: PluginClient
    let account: LossAccount
    let gate: CallGate

    func answer(_ call: ServerCall) async -> CallEnd {
        let time = TranslationTime()
        do {
            let request = try await call.message()
            var (plan, ledger) = try time.measure {
                try V2ToV1QueryData.plan(Array(request.readableBytesView), options: settings.translation)
            }
            let outcomes = try await PluginQueries(plan, call.head, settings, client, time: time).outcomes()
            let bytes = outcomes.reduce(0) { $0 + $1.size }
            let answer = try await gate.translate(bytes: bytes) {
                time.measure { V2ToV1QueryData.merge(plan, outcomes, ledger: &ledger) }
            }
            return end(answer, ledger, time)
        } catch {
            return .failure(error)
        }
    }

    // MARK: The answer

    private func end(_ answer: QueryDataAnswer, _ ledger: LossLedger, _ time: TranslationTime) -> CallEnd {
        var end: CallEnd
        switch answer {
        case .reply(let bytes, let translated):
            account.enter(ledger, method: Self.method, translated, time: time)
            end = CallEnd.reply(ByteBuffer(bytes: bytes))
        case .status(let code, let message, let errorSource):
            account.enter(ledger, method: Self.method, time: time)
            end = .failure(code: code, message, errorSource: errorSource)
        }
        end.trailers.append(losses: ledger)
        return end
    }
}
