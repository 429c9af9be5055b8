/// Splits a request of the host into v1 calls (rules A.1 to A.6).
struct RequestPlanner {
    static let missingSettings = "data source settings are missing"

    let host: HostRequest
    let options: TranslationOptions

    mutating func plan(_ ledger: inout LossLedger) -> QueryDataPlan {
        var plan = QueryDataPlan(calls: [], options: options, format: host.format, requested: distinctRefIDs())
        if host.context.dataSource == nil && !options.allowMissingSettings {
            plan.immediate = answerWithoutSettings(plan)
            return plan
        }
        guard !host.queries.isEmpty else {
            plan.immediate = []
            return plan
        }

        let metadata = ForwardedMetadata(host, names: options.forwardMetadata, &ledger)
        let info = DatasourceInfo(context: host.context, options: options)
        let datasource = info.encoded(&ledger)
        info.enterLosses(forwarded: metadata.sources, &ledger)
        for header in host.headers where !metadata.sources.contains(.header(header.key)) {
            ledger.add(host.headersPath, .noHome)
        }
        if host.format != FrameFormat.arrow.rawValue && host.format != FrameFormat.json.rawValue {
            ledger.add(host.formatPath, .unknownValue)
        } else if host.format == FrameFormat.json.rawValue && options.arrowOnJSONRequest {
            ledger.add(host.formatPath, .formatReplaced)
        }

        for group in groups(&ledger) {
            var request = WireWriter(reservingCapacity: datasource.count + 256)
            request.delimited(1, encode(group.range))
            request.delimited(2, datasource)
            for query in group.queries { request.delimited(3, encode(query, info, &ledger)) }
            plan.calls.append(
                PlannedCall(request: request.bytes, metadata: metadata.pairs, queries: group.queries.map(\.refID)))
        }
        return plan
    }

    private func distinctRefIDs() -> [WireText] {
        var seen: Set<WireText> = []
        return host.queries.map(\.refID).filter { seen.insert($0).inserted }
    }

    private func answerWithoutSettings(_ plan: QueryDataPlan) -> [UInt8] {
        var response = HostResponseWriter()
        for refID in plan.requested {
            response.add(refID, .failure(status: 400, error: Self.missingSettings, source: .plugin))
        }
        return response.bytes
    }

    // MARK: Time ranges

    private struct Group {
        var range: HostQuery.TimeRange
        var queries: [HostQuery]
    }

    private func groups(_ ledger: inout LossLedger) -> [Group] {
        guard let first = host.queries.first?.timeRange else { return [] }
        var range = first
        switch options.timeRangePolicy {
        case .split:
            var places: [HostQuery.TimeRange: Int] = [:]
            var groups: [Group] = []
            for query in host.queries {
                if let place = places[query.timeRange] {
                    groups[place].queries.append(query)
                } else {
                    places[query.timeRange] = groups.count
                    groups.append(Group(range: query.timeRange, queries: [query]))
                }
            }
            return groups
        case .first:
            break
        case .union:
            for query in host.queries {
                range.from = min(range.from, query.timeRange.from)
                range.to = max(range.to, query.timeRange.to)
            }
        }
        let replaced = host.queries.count { $0.timeRange != range }
        ledger.add("pluginv2.DataQuery.timeRange", .timeRangeReplaced, count: replaced)
        return [Group(range: range, queries: host.queries)]
    }

    /// The raw texts are what dashboards posted to old hosts: the milliseconds in decimal.
    private func encode(_ range: HostQuery.TimeRange) -> [UInt8] {
        var writer = WireWriter()
        writer.string(1, String(range.from))
        writer.string(2, String(range.to))
        writer.int64(3, range.from)
        writer.int64(4, range.to)
        return writer.bytes
    }

    // MARK: Queries

    private func encode(_ query: HostQuery, _ info: DatasourceInfo, _ ledger: inout LossLedger) -> [UInt8] {
        var writer = WireWriter(reservingCapacity: query.json.count + 128)
        writer.string(1, query.refID)
        writer.int64(2, query.maxDataPoints)
        writer.int64(3, query.interval)
        writer.data(4, model(query, info, &ledger))
        return writer.bytes
    }

    private func model(_ query: HostQuery, _ info: DatasourceInfo, _ ledger: inout LossLedger) -> [UInt8] {
        var model = query.json
        if !model.withUnsafeBytes({ $0.isValidUTF8 }) {
            ledger.add("pluginv2.DataQuery.json", .invalidUTF8)
            model = model.withUnsafeBytes { $0.repairedUTF8() }
        }
        let additions = ModelSplicer.Additions(
            refID: query.refID, dataSourceID: info.id, dataSourceName: info.name, interval: query.interval,
            maxDataPoints: query.maxDataPoints)
        if model.isEmpty, options.model == .legacy { return ModelSplicer.model(additions, queryType: query.queryType) }
        if !query.queryType.isEmpty, ModelSplicer.outline(of: model)?.value(of: "queryType", in: model) == nil {
            ledger.add("pluginv2.DataQuery.queryType", .noHome)
        }
        return options.model == .legacy ? ModelSplicer.splice(model, additions) : model
    }
}
