internal import Foundation
internal import PluginProtocolV1
internal import PluginProtocolV2
internal import SwiftProtobuf

/// A method that `plugin-gateway call` can call: how its JSON becomes a request, and its replies JSON again.
package struct CallableMethod: Sendable {
    /// The gRPC path, such as `/pluginv2.Data/QueryData`.
    package let path: String
    /// Whether the reply is a stream of messages.
    package let streams: Bool
    let encode: @Sendable (String) throws -> [UInt8]
    let decode: @Sendable ([UInt8]) throws -> ReplyDocument

    /// Every method of both protocol versions, and the health check of go-plugin.
    package static let all: [CallableMethod] = [
        method("/pluginv2.Data/QueryData", Pluginv2_QueryDataRequest.self, Pluginv2_QueryDataResponse.self) {
            ReplyDocument.of($0)
        },
        method(
            "/pluginv2.Data/QueryChunkedData", Pluginv2_QueryChunkedDataRequest.self, Pluginv2_QueryChunkedDataResponse.self,
            streams: true
        ) {
            ReplyDocument.of($0)
        },
        method("/pluginv2.Diagnostics/CheckHealth", Pluginv2_CheckHealthRequest.self, Pluginv2_CheckHealthResponse.self) {
            try ReplyDocument.of($0, inlining: ["jsonDetails"])
        },
        method("/pluginv2.Diagnostics/CollectMetrics", Pluginv2_CollectMetricsRequest.self, Pluginv2_CollectMetricsResponse.self)
        {
            ReplyDocument(json: ["metrics": ["prometheus": String(decoding: $0.metrics.prometheus, as: UTF8.self)]])
        },
        method(
            "/pluginv2.Resource/CallResource", Pluginv2_CallResourceRequest.self, Pluginv2_CallResourceResponse.self,
            streams: true
        ) {
            try ReplyDocument.of($0, inlining: ["body"])
        },
        method("/pluginv2.Stream/SubscribeStream", Pluginv2_SubscribeStreamRequest.self, Pluginv2_SubscribeStreamResponse.self) {
            try ReplyDocument.of($0)
        },
        method("/pluginv2.Stream/PublishStream", Pluginv2_PublishStreamRequest.self, Pluginv2_PublishStreamResponse.self) {
            try ReplyDocument.of($0)
        },
        method("/pluginv2.Stream/RunStream", Pluginv2_RunStreamRequest.self, Pluginv2_StreamPacket.self, streams: true) {
            try ReplyDocument.of($0, inlining: ["data"])
        },
        method("/pluginv2.AdmissionControl/ValidateAdmission", Pluginv2_AdmissionRequest.self, Pluginv2_ValidationResponse.self) {
            try ReplyDocument.of($0)
        },
        method("/pluginv2.AdmissionControl/MutateAdmission", Pluginv2_AdmissionRequest.self, Pluginv2_MutationResponse.self) {
            try ReplyDocument.of($0)
        },
        method("/pluginv2.ResourceConversion/ConvertObjects", Pluginv2_ConversionRequest.self, Pluginv2_ConversionResponse.self) {
            try ReplyDocument.of($0)
        },
        method("/pluginextensionv2.Renderer/Render", Pluginextensionv2_RenderRequest.self, Pluginextensionv2_RenderResponse.self)
        {
            try ReplyDocument.of($0)
        },
        method(
            "/pluginextensionv2.Renderer/RenderCSV", Pluginextensionv2_RenderCSVRequest.self,
            Pluginextensionv2_RenderCSVResponse.self
        ) {
            try ReplyDocument.of($0)
        },
        method(
            "/pluginextensionv2.Sanitizer/Sanitize", Pluginextensionv2_SanitizeRequest.self,
            Pluginextensionv2_SanitizeResponse.self
        ) {
            try ReplyDocument.of($0)
        },
        method("/models.DatasourcePlugin/Query", Models_DatasourceRequest.self, Models_DatasourceResponse.self) {
            try ReplyDocument.of($0)
        },
        method("/models.Renderer/Render", Models_RenderRequest.self, Models_RenderResponse.self) { try ReplyDocument.of($0) },
    ]

    /// Finds a method by its path, with or without the leading slash.
    package static func named(_ name: String) throws(GatewayError) -> CallableMethod {
        let path = name.hasPrefix("/") ? name : "/" + name
        if let found = all.first(where: { $0.path == path }) { return found }
        let near = all.min { EditDistance.between($0.path, path) < EditDistance.between($1.path, path) }
        throw GatewayError(
            .usage, "unknown method \(DisplayText.quoted(name))",
            remedy: "Did you mean \(near.map { String($0.path.dropFirst()) } ?? "pluginv2.Data/QueryData")?")
    }

    /// The request message of a JSON text (the protobuf JSON mapping; a `json` or `jsonData` field may also hold JSON itself).
    package func request(json: String) throws(GatewayError) -> [UInt8] {
        do {
            return try encode(InlineJSON.encodingByteFields(of: json))
        } catch let error as GatewayError {
            throw error
        } catch {
            throw GatewayError(
                .data, "the JSON does not fit the request of \(path.dropFirst())",
                remedy: "Use the field names of proto-v2/ (protobuf JSON mapping)", cause: DisplayText.plain("\(error)"))
        }
    }

    private static func method<Request: SwiftProtobuf.Message, Reply: SwiftProtobuf.Message>(
        _ path: String, _: Request.Type, _: Reply.Type, streams: Bool = false,
        _ render: @escaping @Sendable (Reply) throws -> ReplyDocument
    ) -> CallableMethod {
        CallableMethod(path: path, streams: streams) { json in
            try Request(jsonString: json).serializedBytes()
        } decode: { bytes in
            try render(Reply(serializedBytes: bytes))
        }
    }
}
