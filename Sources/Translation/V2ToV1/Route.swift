/// What a v1 plugin is: the protocol had two services, and a plugin served one of them.
package enum V1PluginKind: Sendable, Equatable {
    case dataSource
    case renderer
}

/// What becomes of a method of the host in front of a v1 plugin.
package enum V2ToV1Route: Sendable, Equatable {
    case queryData
    case queryChunkedData
    case checkHealth
    case collectMetrics
    /// Only paths of the gateway's own have an answer; ``V2ToV1Resource`` knows them.
    case callResource
    case subscribeStream
    case publishStream
    case render
    /// Answer UNIMPLEMENTED with this message.
    case unimplemented(String)

    /// - Parameter path: the gRPC path, `/package.Service/Method`.
    package static func route(method path: String, kind: V1PluginKind = .dataSource) -> V2ToV1Route {
        switch (path, kind) {
        case ("/pluginv2.Data/QueryData", .dataSource): .queryData
        case ("/pluginv2.Data/QueryChunkedData", .dataSource): .queryChunkedData
        case ("/pluginv2.Diagnostics/CheckHealth", _): .checkHealth
        case ("/pluginv2.Diagnostics/CollectMetrics", _): .collectMetrics
        case ("/pluginv2.Resource/CallResource", _): .callResource
        case ("/pluginv2.Stream/SubscribeStream", _): .subscribeStream
        case ("/pluginv2.Stream/PublishStream", _): .publishStream
        case ("/pluginextensionv2.Renderer/Render", .renderer): .render
        default: .unimplemented(explanation(path, kind))
        }
    }

    /// Why a v1 plugin cannot serve a method, by method or by service.
    private static let reasons: [String: String] = [
        "/pluginv2.Resource/": "it has no resource endpoints",
        "/pluginv2.Stream/": "it has no streams",
        "/pluginv2.AdmissionControl/": "its settings have no API version that could be validated",
        "/pluginv2.ResourceConversion/": "its settings have no API versions to convert between",
    ]

    private static let dataSourceReasons: [String: String] = [
        "/pluginextensionv2.Renderer/": "it is a data source and renders nothing",
        "/pluginextensionv2.Sanitizer/": "it is a data source and sanitizes nothing",
        "/pluginextensionv2.Provider/": "it is a data source and provides no configuration",
        "/secretsmanagerplugin.SecretsManager/": "it is a data source and keeps no secrets",
    ]

    private static let rendererReasons: [String: String] = [
        "/pluginv2.Data/": "it is a renderer and answers no queries",
        "/pluginextensionv2.Renderer/RenderCSV": "it makes pictures only",
        "/pluginextensionv2.Sanitizer/": "it has no sanitizer",
        "/pluginextensionv2.Provider/": "it is a renderer and provides no configuration",
        "/secretsmanagerplugin.SecretsManager/": "it is a renderer and keeps no secrets",
    ]

    /// The message of an UNIMPLEMENTED.
    static func explanation(_ path: String, _ kind: V1PluginKind) -> String {
        let service = path.lastIndex(of: "/").map { String(path[...$0]) } ?? path
        let name = String(path.drop { $0 == "/" }.prefix(200))
        let own = kind == .dataSource ? dataSourceReasons : rendererReasons
        let reason =
            own[path] ?? reasons[path] ?? own[service] ?? reasons[service]
            ?? "the method is not part of the plugin protocol v2 that the gateway knows"
        return "\(name) is not available: the plugin speaks the legacy protocol version 1; \(reason). "
            + "A version of the plugin that speaks protocol version 2 would be needed."
    }
}
