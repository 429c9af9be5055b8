extension V2ToV1Rules {
    private static let onlyV2 = "only a version of the plugin that speaks v2 receives it"

    /// Who asks, and for which instance. In requests that the gateway answers itself nothing of it is needed.
    static let context: [MessageRules] = [
        MessageRules(
            "pluginv2.PluginContext", .request, "Becomes models.DatasourceInfo.",
            [
                .carried(1, "orgId", "int64", "models.DatasourceInfo.orgId", "0 is replaced by the number in namespace"),
                .carried(2, "pluginId", "string", "models.DatasourceInfo.type", losses: [.invalidUTF8]),
                .lost(3, "user", "pluginv2.User", why: "v1 has no user; its fields are entered one by one", losses: []),
                .lost(
                    4, "appInstanceSettings", "pluginv2.AppInstanceSettings",
                    why: "v1 plugins are data sources; its fields are entered one by one",
                    remedy: "allow_missing_settings sends them where there are no data source settings", losses: []),
                .converted(
                    5, "dataSourceInstanceSettings", "pluginv2.DataSourceInstanceSettings", "models.DatasourceRequest.datasource",
                    how: "see its fields"),
                .lost(
                    6, "grafanaConfig", "map<string, string>", why: "v1 has no configuration of the host; counted by entry",
                    remedy: onlyV2),
                .lost(7, "pluginVersion", "string", why: "no field in v1", remedy: onlyV2, losses: [.noHome, .invalidUTF8]),
                .lost(8, "userAgent", "string", why: "no field in v1", remedy: onlyV2, losses: [.noHome, .invalidUTF8]),
                .lost(
                    9, "apiVersion", "string", why: "v1 settings have no version", remedy: onlyV2,
                    losses: [.noHome, .invalidUTF8]),
                .lost(
                    10, "namespace", "string",
                    why: "no field in v1; it gives the organisation where orgId is 0, and then is not lost",
                    remedy: "forward_metadata: [x-grafana-namespace]", losses: [.noHome, .notMetadata, .invalidUTF8]),
            ]),
        MessageRules(
            "pluginv2.User", .request, "v1 does not know who asks.",
            [
                .lost(
                    1, "login", "string", why: "no field in v1", remedy: "forward_metadata: [x-grafana-user-login]",
                    losses: [.noHome, .notMetadata, .invalidUTF8]),
                .lost(2, "name", "string", why: "no field in v1", remedy: onlyV2, losses: [.noHome, .invalidUTF8]),
                .lost(3, "email", "string", why: "no field in v1", remedy: onlyV2, losses: [.noHome, .invalidUTF8]),
                .lost(
                    4, "role", "string", why: "no field in v1", remedy: "forward_metadata: [x-grafana-user-role]",
                    losses: [.noHome, .notMetadata, .invalidUTF8]),
            ]),
        MessageRules(
            "pluginv2.AppInstanceSettings", .request, "An app's; v1 plugins are data sources.",
            [
                .lost(
                    3, "jsonData", "bytes", why: "no place beside the data source's", remedy: inPlace,
                    losses: [.noHome, .invalidUTF8]),
                .lost(
                    4, "decryptedSecureJsonData", "map<string, string>", why: "no place beside the data source's",
                    remedy: inPlace,
                    losses: [.noHome, .invalidUTF8]),
                .lost(5, "lastUpdatedMS", "int64", why: "no field in v1", remedy: onlyV2),
                .lost(6, "apiVersion", "string", why: "no field in v1", remedy: onlyV2, losses: [.noHome, .invalidUTF8]),
            ]),
        MessageRules("pluginv2.DataSourceInstanceSettings", .request, "Becomes models.DatasourceInfo.", dataSourceFields),
    ]

    private static let inPlace = "allow_missing_settings sends it where there are no data source settings"

    private static let dataSourceFields: [FieldRule] = [
        .carried(1, "id", "int64", "models.DatasourceInfo.id", "0 is replaced by a stable number"),
        .carried(
            2, "name", "string", "models.DatasourceInfo.name", "also as datasource in each query's model", losses: [.invalidUTF8]),
        .carried(3, "url", "string", "models.DatasourceInfo.url", losses: [.invalidUTF8]),
        .lost(
            4, "user", "string", why: "no field in v1", remedy: "expose_in_json_data: [user]", losses: [.noHome, .invalidUTF8]),
        .lost(
            5, "database", "string", why: "no field in v1", remedy: "expose_in_json_data: [database]",
            losses: [.noHome, .invalidUTF8]),
        .lost(6, "basicAuthEnabled", "bool", why: "no field in v1", remedy: "expose_in_json_data: [basicAuth]"),
        .lost(
            7, "basicAuthUser", "string", why: "no field in v1", remedy: "expose_in_json_data: [basicAuthUser]",
            losses: [.noHome, .invalidUTF8]),
        .converted(
            8, "jsonData", "bytes", "models.DatasourceInfo.jsonData",
            how: "the same bytes; {} where they are empty, null or not UTF-8. expose_in_json_data adds one member, __gateway",
            losses: [.invalidUTF8, .unusableJSON, .reservedKeyTaken]),
        .carried(
            9, "decryptedSecureJsonData", "map<string, string>", "models.DatasourceInfo.decryptedSecureJsonData",
            "byte for byte; keys are compared by their bytes", losses: [.invalidUTF8]),
        .lost(10, "lastUpdatedMS", "int64", why: "no field in v1", remedy: "expose_in_json_data: [updatedMS]"),
        .lost(
            11, "uid", "string", why: "no field in v1; it only makes the number where id is 0",
            remedy: "expose_in_json_data: [uid], or forward_metadata: [x-grafana-ds-uid]",
            losses: [.noHome, .notMetadata, .invalidUTF8]),
        .lost(12, "apiVersion", "string", why: "v1 settings have no version", remedy: onlyV2, losses: [.noHome, .invalidUTF8]),
    ]
}
