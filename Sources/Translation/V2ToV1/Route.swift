/// What becomes of a method of the host in front of a v1 plugin.
package enum V2ToV1Route: Sendable, Equatable {
    case queryData
    case checkHealth
    case collectMetrics
    case subscribeStream
    case publishStream
    /// Answer UNIMPLEMENTED with this message.
    case unimplemented(String)

    /// - Parameter path: the gRPC path, `/package.Service/Method`.
    package static func route(method path: String) -> V2ToV1Route {
        switch path {
        case "/pluginv2.Data/QueryData": .queryData
        case "/pluginv2.Diagnostics/CheckHealth": .checkHealth
        case "/pluginv2.Diagnostics/CollectMetrics": .collectMetrics
        case "/pluginv2.Stream/SubscribeStream": .subscribeStream
        case "/pluginv2.Stream/PublishStream": .publishStream
        default: .unimplemented(explanation(path))
        }
    }

    /// Why a v1 plugin cannot serve a method, by method or by service.
    private static let reasons: [String: String] = [
        "/pluginv2.Data/QueryChunkedData": "it answers a query as a whole; the host can use QueryData",
        "/pluginv2.Resource/": "it has no resource endpoints",
        "/pluginv2.Stream/": "it has no streams",
        "/pluginv2.AdmissionControl/": "its settings have no API version that could be validated",
        "/pluginv2.ResourceConversion/": "its settings have no API versions to convert between",
        "/pluginextensionv2.Renderer/": "it is a data source and renders nothing",
        "/pluginextensionv2.Sanitizer/": "it is a data source and sanitizes nothing",
        "/pluginextensionv2.Provider/": "it is a data source and provides no configuration",
        "/secretsmanagerplugin.SecretsManager/": "it is a data source and keeps no secrets",
    ]

    private static func explanation(_ path: String) -> String {
        let service = path.lastIndex(of: "/").map { String(path[...$0]) } ?? path
        let name = String(path.drop { $0 == "/" }.prefix(200))
        let reason =
            reasons[path] ?? reasons[service] ?? "the method is not part of the plugin protocol v2 that the gateway knows"
        return "\(name) is not available: the plugin speaks the legacy protocol version 1; \(reason). "
            + "A version of the plugin that speaks protocol version 2 would be needed."
    }
}
