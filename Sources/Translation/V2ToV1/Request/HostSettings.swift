/// `pluginv2.DataSourceInstanceSettings` or `pluginv2.AppInstanceSettings`; an app leaves most of it empty.
struct HostSettings {
    static let dataSourceMessage = "pluginv2.DataSourceInstanceSettings"
    static let appMessage = "pluginv2.AppInstanceSettings"

    var id: Int64 = 0
    var name = WireText("")
    var url = WireText("")
    var user = WireText("")
    var database = WireText("")
    var basicAuthEnabled = false
    var basicAuthUser = WireText("")
    var jsonData: [UInt8] = []
    /// Encoded map entries (key 1, value 2), in the order in which they came. Secret: never shown.
    var secureEntries: [[UInt8]] = []
    /// Milliseconds since the Unix epoch.
    var lastUpdated: Int64 = 0
    var uid = WireText("")
    var apiVersion = WireText("")

    static func dataSource(
        _ earlier: HostSettings, merging reader: inout WireReader, _ ledger: inout LossLedger
    ) throws(WireError) -> HostSettings {
        var settings = earlier
        while !reader.isAtEnd {
            let tag = try reader.tag()
            switch (tag.number, tag.type) {
            case (1, .varint): settings.id = try reader.int64()
            case (2, .bytes): settings.name = try reader.text("pluginv2.DataSourceInstanceSettings.name", &ledger)
            case (3, .bytes): settings.url = try reader.text("pluginv2.DataSourceInstanceSettings.url", &ledger)
            case (4, .bytes): settings.user = try reader.text("pluginv2.DataSourceInstanceSettings.user", &ledger)
            case (5, .bytes): settings.database = try reader.text("pluginv2.DataSourceInstanceSettings.database", &ledger)
            case (6, .varint): settings.basicAuthEnabled = try reader.bool()
            case (7, .bytes):
                settings.basicAuthUser = try reader.text("pluginv2.DataSourceInstanceSettings.basicAuthUser", &ledger)
            case (8, .bytes): settings.jsonData = try reader.data()
            case (9, .bytes):
                settings.secureEntries.append(
                    try reader.secureEntry("pluginv2.DataSourceInstanceSettings.decryptedSecureJsonData", &ledger))
            case (10, .varint): settings.lastUpdated = try reader.int64()
            case (11, .bytes): settings.uid = try reader.text("pluginv2.DataSourceInstanceSettings.uid", &ledger)
            case (12, .bytes):
                settings.apiVersion = try reader.text("pluginv2.DataSourceInstanceSettings.apiVersion", &ledger)
            default: try reader.skipUnknown(tag, in: dataSourceMessage, &ledger)
            }
        }
        return settings
    }

    static func app(
        _ earlier: HostSettings, merging reader: inout WireReader, _ ledger: inout LossLedger
    ) throws(WireError) -> HostSettings {
        var settings = earlier
        while !reader.isAtEnd {
            let tag = try reader.tag()
            switch (tag.number, tag.type) {
            case (3, .bytes): settings.jsonData = try reader.data()
            case (4, .bytes):
                settings.secureEntries.append(
                    try reader.secureEntry("pluginv2.AppInstanceSettings.decryptedSecureJsonData", &ledger))
            case (5, .varint): settings.lastUpdated = try reader.int64()
            case (6, .bytes): settings.apiVersion = try reader.text("pluginv2.AppInstanceSettings.apiVersion", &ledger)
            default: try reader.skipUnknown(tag, in: appMessage, &ledger)
            }
        }
        return settings
    }
}

extension WireReader {
    /// A map entry, encoded for the v1 request: key and value and nothing else. Text that is not UTF-8 is repaired: a v1 plugin in Go would
    /// refuse the whole request for it.
    fileprivate mutating func secureEntry(_ path: LossPath, _ ledger: inout LossLedger) throws(WireError) -> [UInt8] {
        var reader = try message()
        let (key, value) = try reader.textEntry(path, &ledger)
        var entry = WireWriter()
        entry.string(1, key)
        entry.string(2, value)
        return entry.bytes
    }
}

extension HostSettings: CustomStringConvertible, CustomReflectable {
    /// Settings hold passwords: nothing of them is shown.
    var description: String { "settings of a data source (\(secureEntries.count) secrets, hidden)" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
