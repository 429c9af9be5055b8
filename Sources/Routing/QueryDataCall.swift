internal import NIOCore
internal import Telemetry
internal import Translation
internal import Transport

/// One `QueryData` from accept to reply in front of a v1 plugin: plan, v1 calls, merge.
struct QueryDataCall: Sendable {
    /// Metadata that always travels on: trace context changes nothing for a plugin that does not look.
    static let propagated = ["traceparent", "tracestate"]

    static let method = "pluginv2.Data/QueryData"
    static let versionPath = "2-1"

    let settings: RoutingSettings
    let client: PluginClient
    let statistics: PluginStatistics
    /// Called with losses that this attachment never had before.
    let onNewLoss: @Sendable ([LossKey]) -> Void

    func answer(_ call: ServerCall) async -> CallEnd {
        do {
            let request = try await call.message()
            var (plan, ledger) = try V2ToV1QueryData.plan(Array(request.readableBytesView), options: settings.translation)
            let outcomes = try await outcomes(of: plan, call: call)
            let answer = V2ToV1QueryData.merge(plan, outcomes, ledger: &ledger)
            return end(answer, ledger)
        } catch let status as GRPCStatus {
            return CallEnd(status: status)
        } catch let error as TranslationError {
            return CallEnd(status: GRPCStatus(code: .invalidArgument, message: "\(error)"))
        } catch {
            return CallEnd(status: GRPCStatus(code: .cancelled, message: "the call was cancelled"))
        }
    }

    // MARK: The v1 calls

    private func outcomes(of plan: QueryDataPlan, call: ServerCall) async throws -> [CallOutcome] {
        let deadline = call.head.deadline ?? .now() + TimeAmount(settings.callTimeout)
        let hostDeadline = call.head.deadline != nil
        var outcomes = [CallOutcome](repeating: .timedOut, count: plan.calls.count)
        var next = 0
        try await withThrowingTaskGroup(of: (Int, CallOutcome).self) { group in
            while next < min(settings.concurrentSplits, plan.calls.count) {
                let index = next
                group.addTask {
                    (index, try await self.outcome(of: plan.calls[index], call, deadline, hostDeadline: hostDeadline))
                }
                next += 1
            }
            while let (index, outcome) = try await group.next() {
                outcomes[index] = outcome
                if next < plan.calls.count {
                    let index = next
                    group.addTask {
                        (index, try await self.outcome(of: plan.calls[index], call, deadline, hostDeadline: hostDeadline))
                    }
                    next += 1
                }
            }
        }
        return outcomes
    }

    private func outcome(of planned: PlannedCall, _ call: ServerCall, _ deadline: NIODeadline, hostDeadline: Bool) async throws
        -> CallOutcome
    {
        var metadata = Metadata()
        for name in Self.propagated {
            for value in call.head.metadata.all(name) { metadata.append(name, value) }
        }
        for (name, value) in planned.metadata { metadata.append(name, value) }
        do {
            let reply = try await client.unary(
                V1Method.query, ByteBuffer(bytes: planned.request), metadata: metadata, deadline: deadline)
            return .reply(Array(reply.message.readableBytesView))
        } catch let status as GRPCStatus {
            try Task.checkCancellation()
            if status.code == .deadlineExceeded, NIODeadline.now() >= deadline {
                if hostDeadline { throw status }
                return .timedOut
            }
            return .failure(code: status.code.rawValue, message: status.message)
        }
    }

    // MARK: The answer

    private func end(_ answer: QueryDataAnswer, _ ledger: LossLedger) -> CallEnd {
        switch answer {
        case .reply(let bytes, let translated):
            account(translated, ledger)
            return CallEnd.reply(ByteBuffer(bytes: bytes))
        case .status(let code, let message, let errorSource):
            account(TranslationStatistics(), ledger)
            let details = errorSource.map { ErrorInfoDetail.statusDetails(code: code, message: message, errorSource: $0) }
            return .failure(GRPCCode(rawValue: code) ?? .unknown, message, details: details)
        }
    }

    private func account(_ translated: TranslationStatistics, _ ledger: LossLedger) {
        let new = statistics.recordTranslation(
            method: Self.method, versionPath: Self.versionPath, points: translated.points, frames: translated.frames,
            losses: ledger.losses.map { (path: $0.path.name, cause: $0.cause.rawValue, count: $0.count) })
        if !new.isEmpty { onNewLoss(new) }
    }
}
