extension V2ToV1Rules {
    /// What the host asks with `QueryData` and `QueryChunkedData`.
    static let queryRequest: [MessageRules] = [
        MessageRules("pluginv2.QueryDataRequest", .request, "One or more v1 requests, one for each time range.", requestFields),
        MessageRules(
            "pluginv2.QueryChunkedDataRequest", .request,
            "Asked of the plugin as a QueryData is.", requestFields),
        MessageRules(
            "pluginv2.DataQuery", .request, "One query of a request.",
            [
                .carried(1, "refId", "string", "models.Query.refId", losses: [.invalidUTF8]),
                .carried(2, "maxDataPoints", "int64", "models.Query.maxDataPoints"),
                .carried(3, "intervalMS", "int64", "models.Query.intervalMs"),
                .converted(
                    4, "timeRange", "pluginv2.TimeRange", "models.DatasourceRequest.timeRange",
                    how: "v1 has one range for a request: queries are grouped by range, one v1 call each (time_range_policy)",
                    losses: [.timeRangeReplaced]),
                .converted(
                    5, "json", "bytes", "models.Query.modelJson",
                    how:
                        "every byte kept, except: a datasource object becomes the data source's name, and the missing ones of refId, "
                        + "datasourceId, intervalMs, maxDataPoints are appended, as old hosts wrote them (model). Without json, an object "
                        + "of these and queryType",
                    losses: [.invalidUTF8]),
                .lost(
                    6, "queryType", "string", why: "no field in v1. A model that has a member queryType loses nothing",
                    remedy: "the model of the query can hold the member queryType", losses: [.noHome, .invalidUTF8]),
            ]),
        MessageRules(
            "pluginv2.TimeRange", .request, "A query without a range is sent as 0 to 0.",
            [
                .carried(1, "fromEpochMS", "int64", "models.TimeRange.fromEpochMs", "also, as decimal text, in fromRaw"),
                .carried(2, "toEpochMS", "int64", "models.TimeRange.toEpochMs", "also, as decimal text, in toRaw"),
            ]),
    ]

    private static let requestFields: [FieldRule] = [
        .converted(
            1, "pluginContext", "pluginv2.PluginContext", "models.DatasourceRequest.datasource",
            how: "see its fields. Without data source settings every refId is an error, status 400 (allow_missing_settings)"),
        .lost(
            2, "headers", "map<string, string>", why: "v1 requests have no headers",
            remedy: "forward_metadata sends chosen ones as gRPC metadata; traceparent and tracestate always travel, as metadata",
            losses: [.noHome, .notMetadata, .invalidUTF8]),
        .converted(
            3, "queries", "repeated pluginv2.DataQuery", "models.DatasourceRequest.queries",
            how: "in order, grouped by time range"),
        .converted(
            4, "format", "pluginv2.DataFrameFormat", "pluginv2.DataResponse.format",
            how: "not sent: the gateway writes the frames of the answer in it (arrow_on_json_request)",
            losses: [.unknownValue, .formatReplaced]),
    ]

    /// What the plugin is asked with `models.DatasourcePlugin/Query`.
    static let pluginRequest: [MessageRules] = [
        MessageRules(
            "models.DatasourceRequest", .request, "One for each time range; timeRange and datasource are always present.",
            [
                .converted(
                    1, "timeRange", "models.TimeRange", "pluginv2.DataQuery.timeRange", how: "the range that its queries share"),
                .converted(
                    2, "datasource", "models.DatasourceInfo", "pluginv2.PluginContext.dataSourceInstanceSettings",
                    how: "settings of the data source; with allow_missing_settings, where there are none, those of the app"),
                .converted(
                    3, "queries", "repeated models.Query", "pluginv2.QueryDataRequest.queries",
                    how: "those of one range, in order"),
            ]),
        MessageRules(
            "models.Query", .request, "",
            [
                .carried(1, "refId", "string", "pluginv2.DataQuery.refId"),
                .carried(2, "maxDataPoints", "int64", "pluginv2.DataQuery.maxDataPoints"),
                .carried(3, "intervalMs", "int64", "pluginv2.DataQuery.intervalMS"),
                .converted(
                    4, "modelJson", "string", "pluginv2.DataQuery.json", how: "made to look like a model of an old host (model)"),
            ]),
        MessageRules(
            "models.TimeRange", .request, "",
            [
                .synthesised(1, "fromRaw", "string", from: "fromEpochMS as decimal text, which is what dashboards sent"),
                .synthesised(2, "toRaw", "string", from: "toEpochMS as decimal text"),
                .carried(3, "fromEpochMs", "int64", "pluginv2.TimeRange.fromEpochMS"),
                .carried(4, "toEpochMs", "int64", "pluginv2.TimeRange.toEpochMS"),
            ]),
        MessageRules(
            "models.DatasourceInfo", .request, "",
            [
                .converted(
                    1, "id", "int64", "pluginv2.DataSourceInstanceSettings.id",
                    how: "copied; where the host sends 0, a stable number from 2^32 up, made of tenant and uid"),
                .converted(
                    2, "orgId", "int64", "pluginv2.PluginContext.orgId",
                    how: "copied; where the host sends 0, from the namespace: default and stacks-N are 1, org-N is N"),
                .carried(3, "name", "string", "pluginv2.DataSourceInstanceSettings.name"),
                .carried(4, "type", "string", "pluginv2.PluginContext.pluginId"),
                .carried(5, "url", "string", "pluginv2.DataSourceInstanceSettings.url"),
                .converted(
                    6, "jsonData", "string", "pluginv2.DataSourceInstanceSettings.jsonData",
                    how: "the same bytes; {} where they are empty, null or not UTF-8; with expose_in_json_data one member more"),
                .carried(
                    7, "decryptedSecureJsonData", "map<string, string>",
                    "pluginv2.DataSourceInstanceSettings.decryptedSecureJsonData"),
            ]),
    ]
}
