extension V2ToV1Rules {
    private static let noCSV = "UNIMPLEMENTED: a v1 renderer makes pictures only"
    private static let noSanitizer =
        "UNIMPLEMENTED: a v1 renderer does not sanitize; Grafana then refuses the upload or keeps it as it is"
    private static let noProvider = "UNIMPLEMENTED: v1 has no such plugins"

    /// Image renderers.
    static let renderer: [MessageRules] = [
        MessageRules(
            "pluginextensionv2.RenderRequest", .request, "A models.RenderRequest, with other numbers.",
            [
                .carried(1, "url", "string", "models.RenderRequest.url", losses: [.invalidUTF8]),
                .carried(2, "width", "int32", "models.RenderRequest.width"),
                .carried(
                    3, "height", "int32", "models.RenderRequest.height", "full height (0 and less) is answered with an error"),
                .lost(
                    4, "deviceScaleFactor", "float", why: "v1 renders at scale 1; 0 and 1 lose nothing",
                    remedy: "only a renderer that speaks v2 scales"),
                .carried(
                    5, "filePath", "string", "models.RenderRequest.filePath", "the plugin writes this file itself",
                    losses: [.invalidUTF8]),
                .carried(6, "renderKey", "string", "models.RenderRequest.renderKey", losses: [.invalidUTF8]),
                .carried(7, "domain", "string", "models.RenderRequest.domain", losses: [.invalidUTF8]),
                .carried(8, "timeout", "int32", "models.RenderRequest.timeout", "whole seconds on both sides"),
                .carried(9, "timezone", "string", "models.RenderRequest.timezone", losses: [.invalidUTF8]),
                .lost(
                    10, "headers", "map<string, pluginextensionv2.StringList>", why: "v1 has no headers (Accept-Language)",
                    remedy: "only a renderer that speaks v2 receives them"),
                .lost(
                    11, "authToken", "string", why: "v1 renderers do not authenticate their caller",
                    remedy: "only a renderer that speaks v2 receives it"),
                .carried(
                    12, "encoding", "string", "models.RenderRequest.encoding", "pdf and csv are answered with an error",
                    losses: [.invalidUTF8]),
            ]),
        MessageRules(
            "models.RenderRequest", .request, "",
            [
                .carried(1, "url", "string", "pluginextensionv2.RenderRequest.url"),
                .carried(2, "width", "int32", "pluginextensionv2.RenderRequest.width"),
                .carried(3, "height", "int32", "pluginextensionv2.RenderRequest.height"),
                .carried(4, "timeout", "int32", "pluginextensionv2.RenderRequest.timeout"),
                .carried(5, "timezone", "string", "pluginextensionv2.RenderRequest.timezone"),
                .carried(6, "encoding", "string", "pluginextensionv2.RenderRequest.encoding"),
                .carried(7, "filePath", "string", "pluginextensionv2.RenderRequest.filePath"),
                .carried(8, "renderKey", "string", "pluginextensionv2.RenderRequest.renderKey"),
                .carried(9, "domain", "string", "pluginextensionv2.RenderRequest.domain"),
                .synthesised(10, "debug", "bool", from: "nothing: always false"),
            ]),
        MessageRules(
            "models.RenderResponse", .answer, "",
            [.carried(1, "error", "string", "pluginextensionv2.RenderResponse.error", losses: [.invalidUTF8])]),
        MessageRules(
            "pluginextensionv2.RenderResponse", .answer, "",
            [
                .converted(
                    1, "error", "string", "models.RenderResponse.error",
                    how: "the plugin's text, or the gateway's for what v1 cannot render")
            ]),
        MessageRules(
            "pluginextensionv2.StringList", .request, "The values of a header.",
            [.lost(1, "values", "repeated string", why: "v1 has no headers; entered under RenderRequest.headers", losses: [])]),
        .notApplicable(
            "pluginextensionv2.RenderCSVRequest", .request, answer: noCSV,
            [
                (1, "url", "string"), (2, "filePath", "string"), (3, "renderKey", "string"), (4, "domain", "string"),
                (5, "timeout", "int32"), (6, "timezone", "string"), (7, "headers", "map<string, pluginextensionv2.StringList>"),
                (8, "authToken", "string"),
            ]),
        .notApplicable(
            "pluginextensionv2.RenderCSVResponse", .answer, answer: noCSV, [(1, "error", "string"), (2, "fileName", "string")]),
        .notApplicable(
            "pluginextensionv2.SanitizeRequest", .request, answer: noSanitizer,
            [(1, "filename", "string"), (2, "content", "bytes"), (3, "configType", "string"), (4, "config", "bytes")]),
        .notApplicable(
            "pluginextensionv2.SanitizeResponse", .answer, answer: noSanitizer,
            [(1, "error", "string"), (2, "sanitized", "bytes")]),
        .notApplicable("pluginextensionv2.ConfigureProviderRequest", .request, answer: noProvider, []),
        .notApplicable(
            "pluginextensionv2.ConfigureProviderResponse", .answer, answer: noProvider, [(1, "provider", "repeated string")]),
    ]
}
