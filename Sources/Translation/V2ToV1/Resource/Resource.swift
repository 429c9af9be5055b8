/// `pluginv2.Resource/CallResource` in front of a v1 plugin, which has no resources: a few paths of the gateway's own, below `__gateway/`.
package enum V2ToV1Resource {
    static let method = "/pluginv2.Resource/CallResource"
    static let statusPath = "__gateway/status"
    static let legacyQueryPath = "__gateway/legacy/tsdb/query"

    /// What to do about a request.
    package enum Plan: Sendable {
        /// Answer with a ``GatewayStatus``.
        case status
        /// Make the calls of the plan, and answer with ``LegacyQuery/reply(to:_:ledger:)``.
        case query(QueryDataPlan)
        case reply(ResourceReply)
        /// Answer UNIMPLEMENTED with this message, as for every path that a v1 plugin does not have; hosts make a 404 of it.
        case unimplemented(String)
    }

    /// - Parameters:
    ///   - request: an encoded `pluginv2.CallResourceRequest`.
    ///   - allowsQueries: whether the operator switched on `gateway_resources`.
    ///   - now: milliseconds since the Unix epoch, for times relative to it.
    /// - Throws: ``TranslationError`` when the bytes are not that message.
    package static func plan(
        _ request: [UInt8], kind: V1PluginKind, allowsQueries: Bool, now: Int64, options: TranslationOptions
    ) throws(TranslationError) -> (Plan, LossLedger) {
        var ledger = LossLedger(policies: options.losses)
        let request = try ResourceRequest(decoding: request, &ledger)
        switch request.path {
        case statusPath:
            // What it is asked with does not matter, so nothing of it counts as lost.
            return (isAllowed("GET", request) ?? .status, LossLedger())
        case legacyQueryPath where kind == .dataSource:
            guard allowsQueries else {
                let message =
                    "\(legacyQueryPath) is switched off; the operator of the gateway can set gateway_resources: true for this plugin"
                return (.unimplemented(message), LossLedger())
            }
            if let refusal = isAllowed("POST", request) { return (refusal, LossLedger()) }
            return try LegacyQuery.plan(request, now: now, options: options, &ledger)
        default:
            return (.unimplemented(V2ToV1Route.explanation(method, kind)), LossLedger())
        }
    }

    /// Nil when the request has the HTTP method that its path takes.
    private static func isAllowed(_ method: String, _ request: ResourceRequest) -> Plan? {
        guard request.method.uppercased() != method else { return nil }
        return .reply(.message(405, "this path takes \(method) only", headers: [("Allow", method)]))
    }
}
