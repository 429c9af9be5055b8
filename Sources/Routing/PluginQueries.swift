internal import NIOCore
internal import Translation
internal import Transport

/// The v1 calls that one call of the host is split into, at most `limits.concurrent_splits` at a time.
struct PluginQueries: Sendable {
    /// Metadata that always travels on: trace context changes nothing for a plugin that does not look.
    static let propagated = ["traceparent", "tracestate"]

    private let head: CallHead
    private let client: PluginClient
    private let concurrency: Int
    private let deadline: NIODeadline

    /// - Parameter head: the host's call, whose deadline and trace context count for the plugin too.
    init(_ head: CallHead, _ settings: RoutingSettings, _ client: PluginClient) {
        self.head = head
        self.client = client
        concurrency = max(1, settings.concurrentSplits)
        deadline = head.deadline ?? .now() + TimeAmount(settings.callTimeout)
    }

    /// Makes the calls, and gives each outcome to `take` with the place of its call as soon as it is there.
    ///
    /// While `take` works, no further call is begun, so a host that reads slowly holds at most `concurrency` replies.
    ///
    /// - Throws: `GRPCStatus` when the host's deadline passed, `CancellationError` when it cancelled, and what `take` throws. Calls that
    ///   are still open are cancelled then.
    func run(_ calls: [PlannedCall], _ take: (Int, CallOutcome) async throws -> Void) async throws {
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

    /// The outcomes of all calls of a plan, in its order.
    func outcomes(of plan: QueryDataPlan) async throws -> [CallOutcome] {
        var outcomes = [CallOutcome](repeating: .timedOut, count: plan.calls.count)
        try await run(plan.calls) { place, outcome in outcomes[place] = outcome }
        return outcomes
    }

    private func outcome(of planned: PlannedCall) async throws -> CallOutcome {
        var metadata = Self.propagated(head)
        for (name, value) in planned.metadata { metadata.append(name, value) }
        do {
            let reply = try await client.unary(
                V1Method.query, ByteBuffer(bytes: planned.request), metadata: metadata, deadline: deadline)
            return .reply(Array(reply.message.readableBytesView))
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
