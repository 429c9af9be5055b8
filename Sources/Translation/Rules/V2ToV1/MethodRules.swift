extension V2ToV1Rules {
    /// Every method of both versions.
    static let methods: [MethodRule] = [
        v2(
            "Data/QueryData", "QueryDataRequest", "QueryDataResponse", .translated,
            "models.DatasourcePlugin/Query, once for each time range"),
        v2(
            "Data/QueryChunkedData", "QueryChunkedDataRequest", "QueryChunkedDataResponse", .translated,
            "asked as QueryData, answered frame by frame"),
        v2(
            "Diagnostics/CheckHealth", "CheckHealthRequest", "CheckHealthResponse", .answered,
            "from the plugin's process and its gRPC health"),
        v2(
            "Diagnostics/CollectMetrics", "CollectMetricsRequest", "CollectMetricsResponse", .answered,
            "the gateway's metrics for this plugin"),
        v2(
            "Resource/CallResource", "CallResourceRequest", "CallResourceResponse", .answered,
            "paths below __gateway/; every other is UNIMPLEMENTED, which hosts show as 404"),
        v2(
            "Stream/SubscribeStream", "SubscribeStreamRequest", "SubscribeStreamResponse", .answered, "NOT_FOUND, a normal answer"
        ),
        v2("Stream/PublishStream", "PublishStreamRequest", "PublishStreamResponse", .answered, "NOT_FOUND, a normal answer"),
        v2("Stream/RunStream", "RunStreamRequest", "StreamPacket", .unimplemented, "never called: no subscription is accepted"),
        v2(
            "AdmissionControl/ValidateAdmission", "AdmissionRequest", "ValidationResponse", .unimplemented,
            "v1 settings have no API version"),
        v2(
            "AdmissionControl/MutateAdmission", "AdmissionRequest", "MutationResponse", .unimplemented,
            "v1 settings have no API version"),
        v2(
            "ResourceConversion/ConvertObjects", "ConversionRequest", "ConversionResponse", .unimplemented,
            "v1 settings have no API versions"),
        extension_(
            "Renderer/Render", "RenderRequest", "RenderResponse", .translated, "models.Renderer/Render, for image renderers"),
        extension_(
            "Renderer/RenderCSV", "RenderCSVRequest", "RenderCSVResponse", .unimplemented, "v1 renderers make pictures only"),
        extension_("Sanitizer/Sanitize", "SanitizeRequest", "SanitizeResponse", .unimplemented, "v1 renderers do not sanitize"),
        extension_(
            "Provider/ConfigureProvider", "ConfigureProviderRequest", "ConfigureProviderResponse", .unimplemented,
            "v1 has no such plugins"),
        secret("GetSecret"), secret("SetSecret"), secret("DeleteSecret"), secret("ListSecrets"), secret("RenameSecret"),
        secret("GetAllSecrets"),
        MethodRule(
            "models.DatasourcePlugin/Query", "models.DatasourceRequest", "models.DatasourceResponse", .used,
            "asked for QueryData and QueryChunkedData"),
        MethodRule(
            "models.Renderer/Render", "models.RenderRequest", "models.RenderResponse", .used, "asked for Renderer/Render of v2"),
    ]

    private static func v2(_ name: String, _ request: String, _ reply: String, _ kind: MethodRule.Kind, _ text: String)
        -> MethodRule
    {
        MethodRule("pluginv2.\(name)", "pluginv2.\(request)", "pluginv2.\(reply)", kind, text)
    }

    private static func extension_(_ name: String, _ request: String, _ reply: String, _ kind: MethodRule.Kind, _ text: String)
        -> MethodRule
    {
        MethodRule("pluginextensionv2.\(name)", "pluginextensionv2.\(request)", "pluginextensionv2.\(reply)", kind, text)
    }

    private static func secret(_ name: String) -> MethodRule {
        let package = "secretsmanagerplugin"
        return MethodRule(
            "\(package).SecretsManager/\(name)", "\(package).\(name)Request", "\(package).\(name)Response", .unimplemented,
            "v1 has no secrets managers")
    }

    /// Every enumeration of both versions.
    static let enums: [EnumRules] = [
        EnumRules(
            "pluginv2.DataFrameFormat",
            [(0, "ARROW", "Arrow files; also for numbers that are not known here"), (1, "JSON", "JSON frames")]),
        EnumRules(
            "models.RowValue.Kind",
            [
                (0, "TYPE_NULL", "null"), (1, "TYPE_DOUBLE", "float64"), (2, "TYPE_INT64", "int64"), (3, "TYPE_BOOL", "bool"),
                (4, "TYPE_STRING", "string"), (5, "TYPE_BYTES", "string: text or base64"),
            ]),
        EnumRules(
            "pluginv2.CheckHealthResponse.HealthStatus",
            [(0, "UNKNOWN", "never answered"), (1, "OK", "the process serves"), (2, "ERROR", "it does not")]),
        EnumRules("pluginv2.SubscribeStreamResponse.Status", streamStatus),
        EnumRules("pluginv2.PublishStreamResponse.Status", streamStatus),
        EnumRules(
            "pluginv2.AdmissionRequest.Operation",
            [(0, "CREATE", "not applicable"), (1, "UPDATE", "not applicable"), (2, "DELETE", "not applicable")]),
    ]

    private static let streamStatus: [(Int32, String, String)] = [
        (0, "OK", "never answered"), (1, "NOT_FOUND", "always answered"), (2, "PERMISSION_DENIED", "never answered"),
    ]
}
