/// A `pluginv2.PluginContext`: who asks, and for which data source.
struct HostContext {
    static let message = "pluginv2.PluginContext"

    var orgID: Int64 = 0
    var pluginID = WireText("")
    var user: HostUser?
    var app: HostSettings?
    var dataSource: HostSettings?
    /// Entries of grafanaConfig.
    var configurationCount = 0
    var pluginVersion = WireText("")
    var userAgent = WireText("")
    var apiVersion = WireText("")
    var namespace = WireText("")

    mutating func read(_ reader: inout WireReader, _ ledger: inout LossLedger) throws(WireError) {
        while !reader.isAtEnd {
            let tag = try reader.tag()
            switch (tag.number, tag.type) {
            case (1, .varint): orgID = try reader.int64()
            case (2, .bytes): pluginID = try reader.text("pluginv2.PluginContext.pluginId", &ledger)
            case (3, .bytes):
                var nested = try reader.message()
                user = try HostUser(user ?? HostUser(), merging: &nested, &ledger)
            case (4, .bytes):
                var nested = try reader.message()
                app = try HostSettings.app(app ?? HostSettings(), merging: &nested, &ledger)
            case (5, .bytes):
                var nested = try reader.message()
                dataSource = try HostSettings.dataSource(dataSource ?? HostSettings(), merging: &nested, &ledger)
            case (6, .bytes):
                var entry = try reader.message()
                try UnknownFields.enterEntry(&entry, of: "pluginv2.PluginContext.grafanaConfig", &ledger)
                configurationCount += 1
            case (7, .bytes): pluginVersion = try reader.text("pluginv2.PluginContext.pluginVersion", &ledger)
            case (8, .bytes): userAgent = try reader.text("pluginv2.PluginContext.userAgent", &ledger)
            case (9, .bytes): apiVersion = try reader.text("pluginv2.PluginContext.apiVersion", &ledger)
            case (10, .bytes): namespace = try reader.text("pluginv2.PluginContext.namespace", &ledger)
            default: try reader.skipUnknown(tag, in: Self.message, &ledger)
            }
        }
    }
}

/// A `pluginv2.User`.
struct HostUser {
    static let message = "pluginv2.User"

    var login = WireText("")
    var name = WireText("")
    var email = WireText("")
    var role = WireText("")

    init() {}

    init(_ earlier: HostUser, merging reader: inout WireReader, _ ledger: inout LossLedger) throws(WireError) {
        self = earlier
        while !reader.isAtEnd {
            let tag = try reader.tag()
            switch (tag.number, tag.type) {
            case (1, .bytes): login = try reader.text("pluginv2.User.login", &ledger)
            case (2, .bytes): name = try reader.text("pluginv2.User.name", &ledger)
            case (3, .bytes): email = try reader.text("pluginv2.User.email", &ledger)
            case (4, .bytes): role = try reader.text("pluginv2.User.role", &ledger)
            default: try reader.skipUnknown(tag, in: Self.message, &ledger)
            }
        }
    }
}

extension HostContext {
    /// The organisation, which a multi-tenant host only gives as a namespace: `default`, `org-N` or `stacks-N`.
    var effectiveOrgID: Int64 {
        if orgID != 0 { return orgID }
        let name = namespace.string
        if name == "default" { return 1 }
        if name.hasPrefix("org-") { return Int64(name.dropFirst(4)).flatMap { $0 > 0 ? $0 : nil } ?? 0 }
        if name.hasPrefix("stacks-"), Int64(name.dropFirst(7)) != nil { return 1 }
        return 0
    }

    /// The number by which v1 plugins know the data source; many keep one client per number.
    ///
    /// Hosts with many tenants send 0 to all. Then the number is made of the tenant and the uid: always the same for one data source,
    /// positive, and above every number that a database hands out.
    func dataSourceID(of settings: HostSettings?) -> Int64 {
        if let settings, settings.id != 0 { return settings.id }
        let tenant = namespace.isEmpty ? String(effectiveOrgID) : namespace.string
        var hash = FNV1a64()
        hash.combine(tenant.utf8)
        hash.combine(CollectionOfOne(0))
        hash.combine((settings?.uid.string ?? "").utf8)
        return 1 << 32 + Int64(hash.value & 0xf_ffff_ffff_ffff)
    }
}

/// The 64-bit FNV-1a hash.
struct FNV1a64 {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func combine(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }
}
