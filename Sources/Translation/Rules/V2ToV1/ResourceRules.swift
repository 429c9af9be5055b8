extension V2ToV1Rules {
    private static let legacyQuery = "__gateway/legacy/tsdb/query"

    /// HTTP, carried over gRPC. v1 has nothing like it; the gateway has a few paths of its own.
    static let resource: [MessageRules] = [
        MessageRules(
            "pluginv2.CallResourceRequest", .request,
            "UNIMPLEMENTED, which hosts show as 404, but for paths below __gateway/, which the gateway answers.",
            [
                .converted(
                    1, "pluginContext", "pluginv2.PluginContext", "models.DatasourceRequest.datasource",
                    how: "as in QueryData for \(legacyQuery); not needed elsewhere"),
                .converted(
                    2, "path", "string", "pluginv2.CallResourceResponse.body",
                    how: "chooses the answer: __gateway/status or \(legacyQuery)", losses: [.invalidUTF8]),
                .converted(
                    3, "method", "string", "pluginv2.CallResourceResponse.code", how: "405 where the path does not take it",
                    losses: [.invalidUTF8]),
                .notApplicable(4, "url", "string", answer: "no query string is used"),
                .lost(
                    5, "headers", "map<string, pluginv2.StringList>",
                    why: "v1 requests have no headers; entered for \(legacyQuery) alone",
                    remedy: "only a version of the plugin that speaks v2 receives them"),
                .converted(
                    6, "body", "bytes", "models.DatasourceRequest.queries",
                    how: "the JSON of today's /api/ds/query, for \(legacyQuery); not needed elsewhere"),
            ]),
        MessageRules(
            "pluginv2.CallResourceResponse", .answer, "Of paths below __gateway/.",
            [
                .synthesised(1, "code", "int32", from: "200, or what the gateway thinks of the request, in the first message"),
                .synthesised(2, "headers", "map<string, pluginv2.StringList>", from: "the kind of content, in the first message"),
                .synthesised(
                    3, "body", "bytes",
                    from:
                        "the gateway's status of the plugin as JSON; or models.DatasourceResponse as the JSON of the old /api/tsdb/query"
                ),
            ]),
        MessageRules(
            "pluginv2.StringList", .request, "The values of a header.",
            [
                .lost(
                    1, "values", "repeated string", why: "v1 has no headers; entered under CallResourceRequest.headers",
                    losses: [])
            ]),
    ]
}
