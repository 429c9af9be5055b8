/// Writes `models.DatasourceInfo` from the host's context (rule A.3) and enters what has no place in it.
struct DatasourceInfo {
    static let reservedKey = "__gateway"

    let context: HostContext
    let options: TranslationOptions

    /// The settings that the v1 plugin gets: those of the data source, else (if allowed) those of the app.
    var settings: HostSettings? { context.dataSource ?? (options.allowMissingSettings ? context.app : nil) }

    var id: Int64 { context.dataSourceID(of: context.dataSource) }
    var name: WireText { context.dataSource?.name ?? "" }

    func encoded(_ ledger: inout LossLedger) -> [UInt8] {
        var writer = WireWriter()
        writer.int64(1, id)
        writer.int64(2, context.effectiveOrgID)
        writer.string(3, name)
        writer.string(4, context.pluginID)
        writer.string(5, context.dataSource?.url ?? "")
        writer.data(6, jsonData(&ledger))
        for entry in settings?.secureEntries ?? [] { writer.delimited(7, entry) }
        return writer.bytes
    }

    /// jsonData as text; a v1 plugin never saw an empty one.
    private func jsonData(_ ledger: inout LossLedger) -> [UInt8] {
        guard let settings else { return Array("{}".utf8) }
        let path: LossPath =
            context.dataSource == nil ? "pluginv2.AppInstanceSettings.jsonData" : "pluginv2.DataSourceInstanceSettings.jsonData"
        var json = settings.jsonData
        if !json.withUnsafeBytes({ $0.isValidUTF8 }) {
            ledger.add(path, .invalidUTF8)
            json = []
        }
        if json.isEmpty || json == Array("null".utf8) { json = Array("{}".utf8) }
        return exposing(settings, in: json, path, &ledger)
    }

    /// Adds the reserved member with the settings that the operator chose.
    private func exposing(_ settings: HostSettings, in json: [UInt8], _ path: LossPath, _ ledger: inout LossLedger) -> [UInt8] {
        guard !options.exposeInJSONData.isEmpty, context.dataSource != nil else { return json }
        guard let outline = ModelSplicer.outline(of: json), outline.root == .object else {
            ledger.add(path, .unusableJSON)
            return json
        }
        guard outline.value(of: Self.reservedKey, in: json) == nil else {
            ledger.add(path, .reservedKeyTaken)
            return json
        }
        var exposed = JSONObjectBuilder()
        for setting in TranslationOptions.ExposedSetting.allCases where options.exposeInJSONData.contains(setting) {
            switch setting {
            case .uid: exposed.add("uid", string: settings.uid.string)
            case .user: exposed.add("user", string: settings.user.string)
            case .database: exposed.add("database", string: settings.database.string)
            case .basicAuth: exposed.add("basicAuth", bool: settings.basicAuthEnabled)
            case .basicAuthUser: exposed.add("basicAuthUser", string: settings.basicAuthUser.string)
            case .updatedMS: exposed.add("updatedMS", integer: settings.lastUpdated)
            }
        }
        var member = JSONObjectBuilder()
        member.add(Self.reservedKey, raw: exposed.object)
        let insertion = outline.members.last?.value.upperBound ?? outline.range.lowerBound + 1
        let comma = outline.members.isEmpty ? [] : [UInt8(ascii: ",")]
        return Array(json[..<insertion]) + comma + member.members + json[insertion...]
    }
}

extension DatasourceInfo {
    /// Enters every setting and context field that was present and has no place in a v1 request.
    ///
    /// - Parameter forwarded: fields that travel as gRPC metadata instead.
    func enterLosses(forwarded: Set<ForwardedMetadata.Source>, _ ledger: inout LossLedger) {
        func lost(_ path: LossPath, _ present: Bool) { if present { ledger.add(path, .noHome) } }
        let exposed = context.dataSource == nil ? [] : Set(options.exposeInJSONData)

        if let source = context.dataSource {
            let uidIsUsed = exposed.contains(.uid) || forwarded.contains(.dataSourceUID)
            lost("pluginv2.DataSourceInstanceSettings.uid", !source.uid.isEmpty && !uidIsUsed)
            lost("pluginv2.DataSourceInstanceSettings.user", !source.user.isEmpty && !exposed.contains(.user))
            lost("pluginv2.DataSourceInstanceSettings.database", !source.database.isEmpty && !exposed.contains(.database))
            lost("pluginv2.DataSourceInstanceSettings.basicAuthEnabled", source.basicAuthEnabled && !exposed.contains(.basicAuth))
            lost(
                "pluginv2.DataSourceInstanceSettings.basicAuthUser",
                !source.basicAuthUser.isEmpty && !exposed.contains(.basicAuthUser))
            lost("pluginv2.DataSourceInstanceSettings.lastUpdatedMS", source.lastUpdated != 0 && !exposed.contains(.updatedMS))
            lost("pluginv2.DataSourceInstanceSettings.apiVersion", !source.apiVersion.isEmpty)
        }
        if let app = context.app {
            let used = context.dataSource == nil && options.allowMissingSettings
            lost("pluginv2.AppInstanceSettings.jsonData", !app.jsonData.isEmpty && !used)
            lost("pluginv2.AppInstanceSettings.decryptedSecureJsonData", !app.secureEntries.isEmpty && !used)
            lost("pluginv2.AppInstanceSettings.lastUpdatedMS", app.lastUpdated != 0)
            lost("pluginv2.AppInstanceSettings.apiVersion", !app.apiVersion.isEmpty)
        }
        if let user = context.user {
            lost("pluginv2.User.login", !user.login.isEmpty && !forwarded.contains(.userLogin))
            lost("pluginv2.User.name", !user.name.isEmpty)
            lost("pluginv2.User.email", !user.email.isEmpty)
            lost("pluginv2.User.role", !user.role.isEmpty && !forwarded.contains(.userRole))
        }
        ledger.add("pluginv2.PluginContext.grafanaConfig", .noHome, count: context.configurationCount)
        lost("pluginv2.PluginContext.pluginVersion", !context.pluginVersion.isEmpty)
        lost("pluginv2.PluginContext.userAgent", !context.userAgent.isEmpty)
        lost("pluginv2.PluginContext.apiVersion", !context.apiVersion.isEmpty)
        let namespaceIsUsed = context.orgID == 0 && context.effectiveOrgID != 0 || forwarded.contains(.namespace)
        lost("pluginv2.PluginContext.namespace", !context.namespace.isEmpty && !namespaceIsUsed)
    }
}
