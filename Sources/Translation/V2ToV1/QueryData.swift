package import DataFrames

/// `pluginv2.Data/QueryData` in front of a v1 plugin: what to ask the plugin, and what its replies mean to the host.
///
/// Both halves are pure. The caller makes the calls of the plan (at most ``TranslationOptions/maximumConcurrentCalls`` at once), and
/// hands the outcomes to ``merge(_:_:ledger:)`` in the plan's order.
package enum V2ToV1QueryData {
    /// - Parameter request: an encoded `pluginv2.QueryDataRequest`.
    /// - Returns: the v1 calls, and what the request lost on its way into them.
    /// - Throws: ``TranslationError`` when the bytes are not that message.
    package static func plan(
        _ request: [UInt8], options: TranslationOptions
    ) throws(TranslationError) -> (QueryDataPlan, LossLedger) {
        try plan(request, chunked: false, options: options)
    }

    /// - Parameter chunked: whether the request is a `pluginv2.QueryChunkedDataRequest`.
    static func plan(
        _ request: [UInt8], chunked: Bool, options: TranslationOptions
    ) throws(TranslationError) -> (QueryDataPlan, LossLedger) {
        var ledger = LossLedger(policies: options.losses)
        let host = try HostRequest(decoding: request, chunked: chunked, ledger: &ledger)
        var planner = RequestPlanner(host: host, options: options)
        var plan = planner.plan(&ledger)
        let refused = ledger.takeRefusals()
        if !refused.isEmpty { plan.refuse(refused) }
        return (plan, ledger)
    }

    /// - Parameters:
    ///   - outcomes: one per call of the plan, in its order. A missing one counts as a failure of the plugin.
    ///   - ledger: takes what the replies lost; usually the ledger that ``plan(_:options:)`` returned.
    package static func merge(_ plan: QueryDataPlan, _ outcomes: [CallOutcome], ledger: inout LossLedger) -> QueryDataAnswer {
        if let immediate = plan.immediate {
            var statistics = TranslationStatistics()
            statistics.bytesOut = immediate.count
            return .reply(immediate, statistics)
        }
        ledger.apply(plan.options.losses)
        var merger = ReplyMerger(plan: plan)
        return merger.answer(outcomes, &ledger)
    }
}

/// What to send to a v1 plugin for one request of the host.
package struct QueryDataPlan: Sendable {
    /// Empty when ``immediate`` is set.
    package var calls: [PlannedCall]
    /// An encoded `pluginv2.QueryDataResponse` to send without asking the plugin.
    package var immediate: [UInt8]?

    let options: TranslationOptions
    /// The frame format the host asked for, as it came.
    let format: Int32
    /// The refIds of all queries, each once, in the order of the request.
    let requested: [WireText]

    /// The refIds of the request, each once, in its order.
    package var refIDs: [String] { requested.map(\.string) }

    /// A decoder for the reply to one of the calls.
    ///
    /// - Parameters:
    ///   - size: bytes of the reply.
    ///   - source: where large columns take their memory from.
    package func decoder(forReplyOf size: Int, from source: (any ColumnMemorySource)? = ColumnPool.shared) -> V1ResponseDecoder {
        V1ResponseDecoder(size: size, options, from: source)
    }
}

/// One call of `/models.DatasourcePlugin/Query`.
package struct PlannedCall: Sendable {
    /// An encoded `models.DatasourceRequest`.
    package var request: [UInt8]
    /// The refIds of its queries, in order; one that the host sent twice is here twice.
    package var refIDs: [String] { queries.map(\.string) }
    /// gRPC metadata that the operator wants with the call; names are lower-case.
    package var metadata: [(name: String, value: String)]

    let queries: [WireText]
}

extension PlannedCall: CustomStringConvertible, CustomReflectable {
    /// A request holds decrypted settings and is not shown.
    package var description: String { "v1 query of \(queries.count) refIds, \(request.count) bytes" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// How one v1 call ended.
package enum CallOutcome: Sendable {
    /// An encoded `models.DatasourceResponse`.
    case reply([UInt8])
    /// The same, decoded while it arrived by ``QueryDataPlan/decoder(forReplyOf:from:)``.
    case decoded(PluginReply)
    /// What arrived is no `models.DatasourceResponse`.
    case malformed(WireError, size: Int)
    /// A gRPC status of the plugin, or of the connection to it.
    case failure(code: Int, message: String)
    /// The gateway's own limit passed. (When the host's deadline passes, there is nobody left to answer.)
    case timedOut
}

extension CallOutcome {
    /// Bytes of the reply.
    package var size: Int {
        switch self {
        case .reply(let bytes): bytes.count
        case .decoded(let reply): reply.size
        case .malformed(_, let size): size
        case .failure, .timedOut: 0
        }
    }

    static func decoding(_ reply: [UInt8], _ options: TranslationOptions) -> CallOutcome {
        do throws(WireError) {
            return .decoded(try PluginReply(decoding: reply, options))
        } catch {
            return .malformed(error, size: reply.count)
        }
    }
}

/// What the host gets.
package enum QueryDataAnswer: Sendable {
    /// An encoded `pluginv2.QueryDataResponse`.
    case reply([UInt8], TranslationStatistics)
    /// A gRPC status. `errorSource` (`plugin` or `downstream`) belongs into the details, see ``ErrorInfoDetail``.
    case status(code: Int, message: String, errorSource: String?)
}
