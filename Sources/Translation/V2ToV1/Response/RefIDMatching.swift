/// Finds out which query each result of one v1 reply answers (rule B.7).
struct RefIDMatching {
    /// In the order of the reply.
    private(set) var matched: [(refID: WireText, result: PluginResult)] = []

    /// - Parameter requested: the refIds of `queries`.
    init(_ results: [PluginResult], queries: [WireText], requested: Set<WireText>, _ ledger: inout LossLedger) {
        matched.reserveCapacity(results.count)
        let byPosition =
            results.count == queries.count && results.count > 1 && results.allSatisfy { $0.refID.isEmpty }
            && !requested.contains("")
        for (place, result) in results.enumerated() {
            var refID = result.refID
            if !requested.contains(refID) {
                if byPosition {
                    refID = queries[place]
                } else if let only = queries.first, queries.count == 1, refID.isEmpty || results.count == 1 {
                    refID = only
                }
                let path: LossPath = "models.QueryResult.refId"
                ledger.add(path, requested.contains(refID) ? .refIDReassigned : .refIDUnmatched)
            }
            var result = result
            result.refused += ledger.takeRefusals()
            matched.append((refID, result))
        }
    }
}
