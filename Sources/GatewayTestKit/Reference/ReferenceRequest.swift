internal import Foundation
package import PluginProtocolV1
package import PluginProtocolV2
internal import SwiftProtobuf
package import Translation

/// What is to be done about a request of the host.
package struct ReferencePlan {
    package struct Call {
        package var request: Models_DatasourceRequest
        /// `name: value`, in no particular order.
        package var metadata: [String]
    }

    package var calls: [Call] = []
    /// The answer without the plugin.
    package var immediate: [WireText: ReferenceResponse]?
    package var losses = LossLedger()
    /// The losses that the policies refuse; ``immediate`` then holds errors that name them.
    package var refused: [Loss] = []
}

/// The request rules once more, as plainly as possible, on generated messages: what the planner must agree with.
package struct ReferenceRequest {
    private let request: Pluginv2_QueryDataRequest
    private let options: TranslationOptions
    /// The message that was sent; `QueryChunkedDataRequest` has the same fields.
    private let name: String
    private let side: ExactSide
    private var ledger = LossLedger()

    private var context: Pluginv2_PluginContext { request.pluginContext }
    private var source: Pluginv2_DataSourceInstanceSettings { context.dataSourceInstanceSettings }
    private var hasSource: Bool { context.hasDataSourceInstanceSettings }

    /// - Parameter side: what the bytes of the request hold beside the message.
    package static func plan(
        _ request: Pluginv2_QueryDataRequest, side: ExactSide = ExactSide(), chunked: Bool = false,
        options: TranslationOptions = .default
    ) -> ReferencePlan {
        var reference = ReferenceRequest(request, side, chunked, options)
        var plan = reference.plan()
        plan.losses = reference.ledger
        plan.refused = reference.ledger.losses.filter { options.losses.policy(of: $0.path) == .refuse }
        if !plan.refused.isEmpty {
            plan.calls = []
            plan.immediate = reference.answer(status: 400, "")
        }
        return plan
    }

    private init(
        _ request: Pluginv2_QueryDataRequest, _ side: ExactSide, _ chunked: Bool, _ options: TranslationOptions
    ) {
        self.request = request
        self.side = side
        self.options = options
        name = chunked ? "pluginv2.QueryChunkedDataRequest" : "pluginv2.QueryDataRequest"
    }

    private mutating func plan() -> ReferencePlan {
        var plan = ReferencePlan()
        ledger.add(side)
        addUnknown()
        guard hasSource || options.allowMissingSettings else {
            plan.immediate = answer(status: 400, "data source settings are missing")
            return plan
        }
        guard !request.queries.isEmpty else {
            plan.immediate = [:]
            return plan
        }
        var metadata = ReferenceMetadata(request, options, path: LossPath("\(name).headers"))
        ledger.merge(metadata.ledger)
        addLost(&metadata)
        let datasource = datasource()
        for (range, queries) in groups() {
            var call = Models_DatasourceRequest()
            call.timeRange = range
            call.datasource = datasource
            call.queries = queries.map { query in
                .with {
                    $0.refID = query.refID
                    $0.maxDataPoints = query.maxDataPoints
                    $0.intervalMs = query.intervalMs
                    $0.modelJson = model(query)
                }
            }
            plan.calls.append(ReferencePlan.Call(request: call, metadata: metadata.pairs))
        }
        return plan
    }

    private func answer(status: Int, _ text: String) -> [WireText: ReferenceResponse] {
        var answer: [WireText: ReferenceResponse] = [:]
        for query in request.queries { answer[WireText(query.refID)] = .failure(status: status, text) }
        return answer
    }

    // MARK: Time ranges (rule A.2)

    private mutating func groups() -> [(Models_TimeRange, [Pluginv2_DataQuery])] {
        var groups: [(range: Pluginv2_TimeRange, queries: [Pluginv2_DataQuery])] = []
        let bare = request.queries.map { query in
            Pluginv2_TimeRange.with {
                $0.fromEpochMs = query.timeRange.fromEpochMs
                $0.toEpochMs = query.timeRange.toEpochMs
            }
        }
        switch options.timeRangePolicy {
        case .split:
            for (query, range) in zip(request.queries, bare) {
                if let place = groups.firstIndex(where: { $0.range == range }) {
                    groups[place].queries.append(query)
                } else {
                    groups.append((range, [query]))
                }
            }
        case .first, .union:
            var range = bare[0]
            if options.timeRangePolicy == .union {
                range.fromEpochMs = bare.map(\.fromEpochMs).min() ?? 0
                range.toEpochMs = bare.map(\.toEpochMs).max() ?? 0
            }
            ledger.add("pluginv2.DataQuery.timeRange", .timeRangeReplaced, count: bare.count { $0 != range })
            groups = [(range, request.queries)]
        }
        return groups.map { range, queries in
            let range = Models_TimeRange.with {
                $0.fromRaw = "\(range.fromEpochMs)"
                $0.toRaw = "\(range.toEpochMs)"
                $0.fromEpochMs = range.fromEpochMs
                $0.toEpochMs = range.toEpochMs
            }
            return (range, queries)
        }
    }

    // MARK: Settings (rule A.3)

    private mutating func datasource() -> Models_DatasourceInfo {
        var info = Models_DatasourceInfo()
        info.id = id
        info.orgID = orgID
        info.name = source.name
        info.type = context.pluginID
        info.url = source.url
        info.jsonData = jsonData()
        info.decryptedSecureJsonData =
            hasSource ? source.decryptedSecureJsonData : context.appInstanceSettings.decryptedSecureJsonData
        return info
    }

    private mutating func jsonData() -> String {
        let path: LossPath =
            hasSource ? "pluginv2.DataSourceInstanceSettings.jsonData" : "pluginv2.AppInstanceSettings.jsonData"
        let data = hasSource ? source.jsonData : context.appInstanceSettings.jsonData
        let text = String(validating: data, as: UTF8.self)
        if text == nil { ledger.add(path, .invalidUTF8) }
        let json = text.map { $0.isEmpty || $0.isExactly("null") ? "{}" : $0 } ?? "{}"
        guard hasSource, !options.exposeInJSONData.isEmpty else { return json }
        guard let object = ReferenceJSON(Array(json.utf8)) else {
            ledger.add(path, .unusableJSON)
            return json
        }
        guard !object.names.contains(where: { $0.isExactly("__gateway") }) else {
            ledger.add(path, .reservedKeyTaken)
            return json
        }
        let members = TranslationOptions.ExposedSetting.allCases.filter { options.exposeInJSONData.contains($0) }.map { setting in
            let value =
                switch setting {
                case .uid: ReferenceJSON.quoted(source.uid)
                case .user: ReferenceJSON.quoted(source.user)
                case .database: ReferenceJSON.quoted(source.database)
                case .basicAuth: "\(source.basicAuthEnabled)"
                case .basicAuthUser: ReferenceJSON.quoted(source.basicAuthUser)
                case .updatedMS: "\(source.lastUpdatedMs)"
                }
            return "\"\(setting.rawValue)\":\(value)"
        }
        return object.adding("__gateway", "{\(members.joined(separator: ","))}")
    }

    private var orgID: Int64 {
        if context.orgID != 0 { return context.orgID }
        let name = context.namespace
        if name.isExactly("default") { return 1 }
        let parts = name.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return 0 }
        switch String(parts[0]) {
        case "org": return Int64(parts[1]).map { max(0, $0) } ?? 0
        case "stacks": return Int64(parts[1]) == nil ? 0 : 1
        default: return 0
        }
    }

    private var id: Int64 {
        if source.id != 0 { return source.id }
        let tenant = context.namespace.isEmpty ? "\(orgID)" : context.namespace
        var hash: UInt64 = 14_695_981_039_346_656_037
        for byte in Array(tenant.utf8) + [0] + Array(source.uid.utf8) { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
        return 4_294_967_296 + Int64(hash % (1 << 52))
    }

    // MARK: Models (rule A.5)

    private mutating func model(_ query: Pluginv2_DataQuery) -> String {
        let text = ReferenceJSON.lenient(query.json)
        if text.repaired { ledger.add("pluginv2.DataQuery.json", .invalidUTF8) }
        let additions = [
            ("refId", ReferenceJSON.quoted(query.refID)), ("datasourceId", "\(id)"), ("intervalMs", "\(query.intervalMs)"),
            ("maxDataPoints", "\(query.maxDataPoints)"),
        ]
        if text.bytes.isEmpty, options.model == .legacy {
            return "{\"refId\":\(additions[0].1),\"queryType\":\(ReferenceJSON.quoted(query.queryType)),"
                + "\"intervalMs\":\(additions[2].1),\"maxDataPoints\":\(additions[3].1),\"datasourceId\":\(additions[1].1)}"
        }
        let object = ReferenceJSON(text.bytes)
        if !query.queryType.isEmpty, object?.names.contains(where: { $0.isExactly("queryType") }) != true {
            ledger.add("pluginv2.DataQuery.queryType", .noHome)
        }
        guard let object, options.model == .legacy else { return String(decoding: text.bytes, as: UTF8.self) }
        return object.rewritten(datasource: ReferenceJSON.quoted(source.name), adding: additions)
    }

    // MARK: Losses

    private mutating func addUnknown() {
        ledger.addUnknown(request.unknownFields, in: name)
        ledger.addUnknownFields(ofContext: context)
        for query in request.queries {
            ledger.addUnknown(query.unknownFields, in: "pluginv2.DataQuery")
            ledger.addUnknown(query.timeRange.unknownFields, in: "pluginv2.TimeRange")
        }
    }

    private mutating func addLost(_ metadata: inout ReferenceMetadata) {
        let app = context.appInstanceSettings
        let exposed = hasSource ? Set(options.exposeInJSONData) : []
        let usesApp = !hasSource && options.allowMissingSettings
        func shown(_ text: String, _ setting: TranslationOptions.ExposedSetting?) -> Int {
            text.isEmpty || setting.map { exposed.contains($0) } == true ? 0 : 1
        }
        let uid = metadata.sources.contains("uid") ? 0 : shown(source.uid, .uid)
        let namespaceIsUsed = context.orgID == 0 && orgID != 0 || metadata.sources.contains("namespace")
        let counts: [(LossPath, Int)] = [
            ("pluginv2.DataSourceInstanceSettings.uid", uid),
            ("pluginv2.DataSourceInstanceSettings.user", shown(source.user, .user)),
            ("pluginv2.DataSourceInstanceSettings.database", shown(source.database, .database)),
            (
                "pluginv2.DataSourceInstanceSettings.basicAuthEnabled",
                source.basicAuthEnabled && !exposed.contains(.basicAuth) ? 1 : 0
            ),
            ("pluginv2.DataSourceInstanceSettings.basicAuthUser", shown(source.basicAuthUser, .basicAuthUser)),
            (
                "pluginv2.DataSourceInstanceSettings.lastUpdatedMS",
                source.lastUpdatedMs != 0 && !exposed.contains(.updatedMS) ? 1 : 0
            ),
            ("pluginv2.DataSourceInstanceSettings.apiVersion", shown(source.apiVersion, nil)),
            ("pluginv2.AppInstanceSettings.jsonData", app.jsonData.isEmpty || usesApp ? 0 : 1),
            ("pluginv2.AppInstanceSettings.decryptedSecureJsonData", app.decryptedSecureJsonData.isEmpty || usesApp ? 0 : 1),
            ("pluginv2.AppInstanceSettings.lastUpdatedMS", app.lastUpdatedMs == 0 ? 0 : 1),
            ("pluginv2.AppInstanceSettings.apiVersion", shown(app.apiVersion, nil)),
            ("pluginv2.User.login", metadata.sources.contains("login") ? 0 : shown(context.user.login, nil)),
            ("pluginv2.User.name", shown(context.user.name, nil)),
            ("pluginv2.User.email", shown(context.user.email, nil)),
            ("pluginv2.User.role", metadata.sources.contains("role") ? 0 : shown(context.user.role, nil)),
            (
                "pluginv2.PluginContext.grafanaConfig",
                context.grafanaConfig.count + (side.repeatedKeys["pluginv2.PluginContext.grafanaConfig"] ?? 0)
            ),
            ("pluginv2.PluginContext.pluginVersion", shown(context.pluginVersion, nil)),
            ("pluginv2.PluginContext.userAgent", shown(context.userAgent, nil)),
            ("pluginv2.PluginContext.apiVersion", shown(context.apiVersion, nil)),
            ("pluginv2.PluginContext.namespace", namespaceIsUsed ? 0 : shown(context.namespace, nil)),
            (LossPath("\(name).headers"), metadata.headersLeft),
        ]
        for (path, count) in counts { ledger.add(path, .noHome, count: count) }
        if case .UNRECOGNIZED = request.format { ledger.add(LossPath("\(name).format"), .unknownValue) }
        if request.format == .json, options.arrowOnJSONRequest { ledger.add(LossPath("\(name).format"), .formatReplaced) }
    }
}

/// gRPC metadata that the operator wants with the v1 call.
private struct ReferenceMetadata {
    var pairs: [String] = []
    var sources: Set<String> = []
    var headersLeft: Int
    var ledger = LossLedger()

    init(_ request: Pluginv2_QueryDataRequest, _ options: TranslationOptions, path: LossPath) {
        let context = request.pluginContext
        let facts: [(name: String, source: String, value: String, path: LossPath)] = [
            ("x-grafana-user-login", "login", context.user.login, "pluginv2.User.login"),
            ("x-grafana-user-role", "role", context.user.role, "pluginv2.User.role"),
            ("x-grafana-namespace", "namespace", context.namespace, "pluginv2.PluginContext.namespace"),
            ("x-grafana-ds-uid", "uid", context.dataSourceInstanceSettings.uid, "pluginv2.DataSourceInstanceSettings.uid"),
        ]
        headersLeft = request.headers.count
        for name in options.forwardMetadata.map({ $0.lowercased() }) {
            if let fact = facts.first(where: { $0.name == name }) {
                add(name, fact.value, fact.source, fact.path)
                continue
            }
            for (key, value) in request.headers where ExactKey.text(key).lowercased() == name {
                if add(name, value, "header \(key)", path) { headersLeft -= 1 }
            }
        }
    }

    /// Whether it is sent now.
    @discardableResult
    private mutating func add(_ name: String, _ value: String, _ source: String, _ path: LossPath) -> Bool {
        if value.isEmpty || sources.contains(source) { return false }
        let isName =
            !name.isEmpty
            && name.unicodeScalars.allSatisfy { "0123456789abcdefghijklmnopqrstuvwxyz_.-".unicodeScalars.contains($0) }
            && !name.hasPrefix("grpc-")
            && !name.hasSuffix("-bin")
            && !["te", "content-type", "user-agent", "host", "connection", "transfer-encoding", "content-length"].contains(name)
        guard isName, value.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
            ledger.add(path, .notMetadata)
            return false
        }
        pairs.append("\(name): \(value)")
        sources.insert(source)
        return true
    }
}
