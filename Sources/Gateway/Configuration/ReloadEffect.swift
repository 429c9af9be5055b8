/// What a changed key comes to while the gateway runs.
enum ReloadEffect: String, Sendable, CaseIterable {
    case atOnce
    /// Calls that are in progress go on as they began.
    case newCalls
    /// Hosts are moved to a new connection (GOAWAY), which no call fails by.
    case newConnections
    /// From the next start of each plugin.
    case nextStart
    /// The plugins concerned are started anew, after their calls.
    case pluginRestart
    /// For plugins that are attached from now on.
    case newAttachments
    case gatewayRestart

    /// Goes on after the name of the key and a colon.
    var words: String {
        switch self {
        case .atOnce: "in force"
        case .newCalls: "in force for new calls"
        case .newConnections: "in force for new connections, to which hosts are being moved"
        case .nextStart: "from the next start of each plugin"
        case .pluginRestart: "the plugin is restarted after its open calls"
        case .newAttachments: "for plugins that are attached from now on"
        case .gatewayRestart: "not in force: it needs a restart of the gateway (systemctl restart plugin-gateway)"
        }
    }
}

/// One key whose value is another than before.
struct ConfigurationChange: Sendable, Equatable {
    let path: String
    /// The plugin it is about, if it is about one.
    var pluginID: String?
    let effect: ReloadEffect

    /// What differs between two configurations, in the order of the paths. A value that is only written in another way counts.
    static func between(_ old: Configuration, _ new: Configuration) -> [ConfigurationChange] {
        let paths = Set(old.written.keys).union(new.written.keys).filter { old.written[$0] != new.written[$0] }
        return paths.sorted().map { path in
            guard path.hasPrefix("plugins.") else {
                return ConfigurationChange(path: path, effect: ConfigurationKey.byPath[path]?.effect ?? .newAttachments)
            }
            // The id of a plugin may hold dots, the name of a key does not.
            let rest = path.dropFirst("plugins.".count)
            let end = rest.lastIndex(of: ".") ?? rest.endIndex
            let key = String(rest[end...].dropFirst())
            return ConfigurationChange(
                path: path, pluginID: String(rest[..<end]), effect: PluginKey.byName[key]?.effect ?? .newAttachments)
        }
    }
}
