import DataFrames
import GatewayTestKit
import PluginProtocolV1
import PluginProtocolV2
import SwiftProtobuf
import Testing

@testable import Translation

/// Requests and replies as tests need them, built with the generated messages.
enum Build {
    static func query(
        _ refID: String, from: Int64 = 1000, to: Int64 = 2000, json: String = "{}", interval: Int64 = 15_000, points: Int64 = 100
    ) -> Pluginv2_DataQuery {
        var query = Pluginv2_DataQuery()
        query.refID = refID
        query.intervalMs = interval
        query.maxDataPoints = points
        query.timeRange.fromEpochMs = from
        query.timeRange.toEpochMs = to
        query.json.append(contentsOf: Array(json.utf8))
        return query
    }

    static func request(_ queries: [Pluginv2_DataQuery], format: Int = 0) -> Pluginv2_QueryDataRequest {
        var request = Pluginv2_QueryDataRequest()
        request.pluginContext.orgID = 1
        request.pluginContext.pluginID = "legacy-datasource"
        request.pluginContext.dataSourceInstanceSettings.id = 7
        request.pluginContext.dataSourceInstanceSettings.name = "D"
        request.pluginContext.dataSourceInstanceSettings.url = "http://127.0.0.1:1"
        request.queries = queries
        request.format = Pluginv2_DataFrameFormat(rawValue: format) ?? .arrow
        return request
    }

    static func reply(_ results: [Models_QueryResult]) -> CallOutcome {
        var response = Models_DatasourceResponse()
        response.results = results
        return .reply(bytes(response))
    }

    /// One series `name` with one point.
    static func result(_ refID: String, _ name: String = "m") -> Models_QueryResult {
        CaseInput(refID: refID, series: [.init(name, [(1, 1)])]).message
    }

    static func bytes(_ message: some Message) -> [UInt8] {
        let bytes: [UInt8]? = try? message.serializedBytes()
        return bytes ?? []
    }
}

/// A plan with the v1 requests decoded by the generated messages.
struct Planned {
    var plan: QueryDataPlan
    var ledger: LossLedger
    var requests: [Models_DatasourceRequest]

    init(_ request: Pluginv2_QueryDataRequest, _ options: TranslationOptions = .default) throws {
        (plan, ledger) = try V2ToV1QueryData.plan(Build.bytes(request), options: options)
        requests = try plan.calls.map { try Models_DatasourceRequest(serializedBytes: $0.request) }
    }

    /// The answer to these outcomes, decoded; nil when it is a gRPC status.
    mutating func merge(_ outcomes: [CallOutcome]) throws -> Pluginv2_QueryDataResponse? {
        guard case .reply(let bytes, _) = V2ToV1QueryData.merge(plan, outcomes, ledger: &ledger) else { return nil }
        return try Pluginv2_QueryDataResponse(serializedBytes: bytes)
    }
}

extension Pluginv2_DataResponse {
    /// Names of the frames, in order.
    func frameNames() throws -> [String] {
        try CaseExpectation(self).frames.map(\.name)
    }
}

func options(_ change: (inout TranslationOptions) -> Void) -> TranslationOptions {
    var options = TranslationOptions.default
    change(&options)
    return options
}
