internal import Foundation
package import PluginProtocolV1
package import PluginProtocolV2
internal import SwiftProtobuf
package import Translation

/// The request rules once more, as plainly as possible, on generated messages (default options): what the planner must agree with.
///
/// Random input must be decodable by generated messages: text is UTF-8, and no map has two keys that only Swift takes for one.
package enum ReferenceRequest {
    /// - Returns: the v1 requests in order, or nil when the plugin is not to be asked; and what the request loses.
    package static func plan(_ request: Pluginv2_QueryDataRequest) -> ([Models_DatasourceRequest]?, [Loss]) {
        var ledger = LossLedger()
        addUnknown(request, &ledger)
        guard request.pluginContext.hasDataSourceInstanceSettings, !request.queries.isEmpty else { return (nil, ledger.losses) }
        addLost(request, &ledger)
        var requests: [Models_DatasourceRequest] = []
        for query in request.queries {
            let range = range(query.timeRange)
            var message = Models_Query()
            message.refID = query.refID
            message.maxDataPoints = query.maxDataPoints
            message.intervalMs = query.intervalMs
            message.modelJson = model(query, request.pluginContext, &ledger)
            if let place = requests.firstIndex(where: { $0.timeRange == range }) {
                requests[place].queries.append(message)
            } else {
                var call = Models_DatasourceRequest()
                call.timeRange = range
                call.datasource = datasource(request.pluginContext, &ledger, isFirst: requests.isEmpty)
                call.queries = [message]
                requests.append(call)
            }
        }
        return (requests, ledger.losses)
    }

    private static func range(_ range: Pluginv2_TimeRange) -> Models_TimeRange {
        var result = Models_TimeRange()
        result.fromRaw = "\(range.fromEpochMs)"
        result.toRaw = "\(range.toEpochMs)"
        result.fromEpochMs = range.fromEpochMs
        result.toEpochMs = range.toEpochMs
        return result
    }

    // MARK: Settings (rule A.3)

    private static func datasource(
        _ context: Pluginv2_PluginContext, _ ledger: inout LossLedger, isFirst: Bool
    ) -> Models_DatasourceInfo {
        let settings = context.dataSourceInstanceSettings
        var info = Models_DatasourceInfo()
        info.id = id(context)
        info.orgID = orgID(context)
        info.name = settings.name
        info.type = context.pluginID
        info.url = settings.url
        let text = String(validating: settings.jsonData, as: UTF8.self)
        if text == nil, isFirst { ledger.add("pluginv2.DataSourceInstanceSettings.jsonData", .invalidUTF8) }
        info.jsonData = text.map { ["", "null"].contains($0) ? "{}" : $0 } ?? "{}"
        info.decryptedSecureJsonData = settings.decryptedSecureJsonData
        return info
    }

    private static func orgID(_ context: Pluginv2_PluginContext) -> Int64 {
        if context.orgID != 0 { return context.orgID }
        let parts = context.namespace.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return context.namespace == "default" ? 1 : 0 }
        switch parts[0] {
        case "org": return Int64(parts[1]).map { max(0, $0) } ?? 0
        case "stacks": return Int64(parts[1]) == nil ? 0 : 1
        default: return 0
        }
    }

    private static func id(_ context: Pluginv2_PluginContext) -> Int64 {
        let settings = context.dataSourceInstanceSettings
        if settings.id != 0 { return settings.id }
        let tenant = context.namespace.isEmpty ? "\(orgID(context))" : context.namespace
        var hash: UInt64 = 14_695_981_039_346_656_037
        for byte in Array(tenant.utf8) + [0] + Array(settings.uid.utf8) { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
        return 4_294_967_296 + Int64(hash % (1 << 52))
    }

    // MARK: Models (rule A.5)

    private static func model(
        _ query: Pluginv2_DataQuery, _ context: Pluginv2_PluginContext, _ ledger: inout LossLedger
    ) -> String {
        let text = ReferenceJSON.lenient(query.json)
        if text.repaired { ledger.add("pluginv2.DataQuery.json", .invalidUTF8) }
        let additions = [
            ("refId", ReferenceJSON.quoted(query.refID)), ("datasourceId", "\(id(context))"),
            ("intervalMs", "\(query.intervalMs)"),
            ("maxDataPoints", "\(query.maxDataPoints)"),
        ]
        if text.bytes.isEmpty {
            return "{\"refId\":\(additions[0].1),\"queryType\":\(ReferenceJSON.quoted(query.queryType)),"
                + "\"intervalMs\":\(additions[2].1),\"maxDataPoints\":\(additions[3].1),\"datasourceId\":\(additions[1].1)}"
        }
        let object = ReferenceJSON(text.bytes)
        if !query.queryType.isEmpty, object?.names.contains(where: { $0.isExactly("queryType") }) != true {
            ledger.add("pluginv2.DataQuery.queryType", .noHome)
        }
        guard let object else { return String(decoding: text.bytes, as: UTF8.self) }
        let name = ReferenceJSON.quoted(context.dataSourceInstanceSettings.name)
        return object.rewritten(datasource: name, adding: additions)
    }

    // MARK: Losses

    private static func addUnknown(_ request: Pluginv2_QueryDataRequest, _ ledger: inout LossLedger) {
        let context = request.pluginContext
        ledger.addUnknown(request.unknownFields, in: "pluginv2.QueryDataRequest")
        ledger.addUnknown(context.unknownFields, in: "pluginv2.PluginContext")
        ledger.addUnknown(context.user.unknownFields, in: "pluginv2.User")
        ledger.addUnknown(context.appInstanceSettings.unknownFields, in: "pluginv2.AppInstanceSettings")
        ledger.addUnknown(context.dataSourceInstanceSettings.unknownFields, in: "pluginv2.DataSourceInstanceSettings")
        for query in request.queries {
            ledger.addUnknown(query.unknownFields, in: "pluginv2.DataQuery")
            ledger.addUnknown(query.timeRange.unknownFields, in: "pluginv2.TimeRange")
        }
    }

    private static func addLost(_ request: Pluginv2_QueryDataRequest, _ ledger: inout LossLedger) {
        let context = request.pluginContext
        let source = context.dataSourceInstanceSettings
        let app = context.appInstanceSettings
        func lost(_ path: LossPath, _ count: Int) { ledger.add(path, .noHome, count: count) }
        func lost(_ path: LossPath, _ text: String) { lost(path, text.isEmpty ? 0 : 1) }
        lost("pluginv2.DataSourceInstanceSettings.uid", source.uid)
        lost("pluginv2.DataSourceInstanceSettings.user", source.user)
        lost("pluginv2.DataSourceInstanceSettings.database", source.database)
        lost("pluginv2.DataSourceInstanceSettings.basicAuthEnabled", source.basicAuthEnabled ? 1 : 0)
        lost("pluginv2.DataSourceInstanceSettings.basicAuthUser", source.basicAuthUser)
        lost("pluginv2.DataSourceInstanceSettings.lastUpdatedMS", source.lastUpdatedMs == 0 ? 0 : 1)
        lost("pluginv2.DataSourceInstanceSettings.apiVersion", source.apiVersion)
        lost("pluginv2.AppInstanceSettings.jsonData", app.jsonData.isEmpty ? 0 : 1)
        lost("pluginv2.AppInstanceSettings.decryptedSecureJsonData", app.decryptedSecureJsonData.isEmpty ? 0 : 1)
        lost("pluginv2.AppInstanceSettings.lastUpdatedMS", app.lastUpdatedMs == 0 ? 0 : 1)
        lost("pluginv2.AppInstanceSettings.apiVersion", app.apiVersion)
        lost("pluginv2.User.login", context.user.login)
        lost("pluginv2.User.name", context.user.name)
        lost("pluginv2.User.email", context.user.email)
        lost("pluginv2.User.role", context.user.role)
        lost("pluginv2.PluginContext.grafanaConfig", context.grafanaConfig.count)
        lost("pluginv2.PluginContext.pluginVersion", context.pluginVersion)
        lost("pluginv2.PluginContext.userAgent", context.userAgent)
        lost("pluginv2.PluginContext.apiVersion", context.apiVersion)
        lost("pluginv2.PluginContext.namespace", context.orgID == 0 && orgID(context) != 0 ? "" : context.namespace)
        lost("pluginv2.QueryDataRequest.headers", request.headers.count)
        if case .UNRECOGNIZED = request.format { ledger.add("pluginv2.QueryDataRequest.format", .unknownValue) }
    }
}
