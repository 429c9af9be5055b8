internal import NIOCore
internal import Translation
internal import Transport

/// The v1 calls that one call of the host is split into, at most `limits.concurrent_splits` at a time.
struct PluginQueries: Sendable {
    /// Metadata that always travels on: trace context changes nothing for a plugin that does not look.
    static let propagated = ["traceparent", "tracestate"]

    private let plan: QueryDataPlan
    private let head: CallHead
    private let client: PluginClient
    private let concurrency: Int
    private let deadline: NIODeadline
    private let decodes: Bool
    private let time: TranslationTime?

    /// - Parameters:
    ///   - head: the host's call, whose deadline and trace context count for the plugin too.
    ///   - time: what decoding takes is added to it.
    ///   - decodes: whether replies become columns while they arrive; else they are handed over as they are.
    init(
        _ plan: QueryDataPlan, _ head: CallHead, _ settings: RoutingSettings, _ client: PluginClient,
        time: TranslationTime? = nil,
        decodes: Bool = true
    ) {
        self.time = time
        self.decodes = decodes
        self.plan = plan
        self.head = head
        self.client = client
        concurrency = max(1, settings.concurrentSplits)
        deadline = head.deadline ?? .now() + TimeAmount(settings.callTimeout)
    }

    /// Makes the calls of the plan, and gives each outcome to `take` with the place of its call as soon as it is there.
    ///
    /// While `take` works, no further call is begun, so a host that reads slowly holds at most `concurrency` replies.
    ///
    /// - Throws: `GRPCStatus` when the host's deadline passed, `CancellationError` when it cancelled, and what `take` throws. Calls that
    ///   are still open are cancelled then.
    func run(_ take: (Int, CallOutcome) async throws -> Void) async throws {
        let calls = plan.calls
        try await withThrowingTaskGroup(of: (Int, CallOutcome).self) { group in
            var next = 0
            while next < min(concurrency, calls.count) {
                let place = next
                group.addTask { (place, try await self.outcome(of: calls[place])) }
                next += 1
            }
            while let (place, outcome) = try await group.next() {
                try await take(place, outcome)
                if next < calls.count {
                    let place = next
                    group.addTask { (place, try await self.outcome(of: calls[place])) }
                    next += 1
                }
            }
        }
    }

    /// The outcomes of all calls of the plan, in its order.
    func outcomes() async throws -> [CallOutcome] {
        var outcomes = [CallOutcome](repeating: .timedOut, count: plan.calls.count)
        try await run { place, outcome in outcomes[place] = outcome }
        return outcomes
    }

    /// Decodes the reply while it arrives. One that turns out to be no reply ends the call at once.
    private func outcome(of planned: PlannedCall) async throws -> CallOutcome {
        var metadata = Self.propagated(head)
        for (name, value) in planned.metadata { metadata.append(name, value) }
        var decoder: V1ResponseDecoder?
        var size = 0
        do {
            guard decodes else {
                let reply = try await client.unary(
                    V1Method.query, ByteBuffer(bytes: planned.request), metadata: metadata, deadline: deadline)
                return .reply(Array(reply.message.readableBytesView))
            }
            _ = try await client.unaryPieces(
                V1Method.query, ByteBuffer(bytes: planned.request), metadata: metadata, deadline: deadline
            ) { announced in
                size = announced
                decoder = plan.decoder(forReplyOf: announced)
            } take: { piece in
                let began = NIODeadline.now()
                defer { time?.add(since: began) }
                try piece.withUnsafeReadableBytes { try decoder?.feed($0) }
            }
            guard let decoder else { return .failure(code: GRPCCode.internal.rawValue, message: "the plugin sent no reply") }
            return .decoded(try decoder.finish())
        } catch let error as WireError {
            return .malformed(error, size: size)
        } catch let status as GRPCStatus {
            try Task.checkCancellation()
            if status.code == .deadlineExceeded, NIODeadline.now() >= deadline {
                if head.deadline != nil { throw status }
                return .timedOut
            }
            return .failure(code: status.code.rawValue, message: status.message)
        }
    }

    /// The part of a host's metadata that v1 calls get.
    static func propagated(_ head: CallHead) -> Metadata {
        var metadata = Metadata()
        for name in propagated {
            for value in head.metadata.all(name) { metadata.append(name, value) }
        }
        return metadata
    }
}
