package import Translation

/// Everything an operator can set. The defaults need no file.
package struct Configuration: Sendable {
    /// Directories beneath which plugins may live.
    package var pluginRoots = ["/var/lib/grafana/plugins"]
    /// Where the control socket, the host sockets and the plugins' temporary directories go.
    package var runtimeDirectory = "/run/plugin-gateway"
    package var plugins: [String: PluginConfiguration] = [:]
    package var limits = Limits()
    package var telemetry = TelemetryConfiguration()
    package var logs = LogConfiguration()
    /// Every key that was set, by its path, as the file or the environment has it: for what a reload changes.
    var written: [String: String] = [:]

    package init() {}

    /// The settings of one plugin; a plugin without an entry has the defaults.
    package func plugin(_ id: String) -> PluginConfiguration {
        plugins[id] ?? PluginConfiguration()
    }
}

/// What can be set for one plugin, below `plugins.<id>`.
package struct PluginConfiguration: Sendable, Equatable {
    /// The file to run in the plugin's directory. Without it: `<name>.wrapped`, where `<name>` is the locator's own name.
    package var executable: String?
    /// What a plugin has to find in its environment to start.
    package enum MagicCookieChoice: String, Sendable, CaseIterable {
        /// What the host handed to the locator.
        case host
        case datasource
        /// Image renderers of v1; hosts of v2 start every plugin with the other one.
        case renderer
    }

    package var magicCookie = MagicCookieChoice.host
    /// A plugin without calls for so long is stopped until the next one; nil never stops it.
    package var idleTimeout: Duration?
    /// The model of a query that health checks of a v1 data source run, as JSON.
    package var healthQuery: [UInt8]?
    /// Whether the JSON of the old `/api/tsdb/query` is offered as a resource of a v1 plugin.
    package var answersLegacyQueries = false
    /// Whether connections may be relayed when host and plugin speak the same version.
    package var mayRelay = true
    /// How requests and answers are translated (options of the translation, see docs/configuration.md).
    package var translation = TranslationOptions.default

    package init() {}
}

/// Bounds. Times are in seconds, sizes in bytes.
package struct Limits: Sendable {
    /// How long a plugin may take from its start to its handshake line.
    package var handshakeTimeout: Duration = .seconds(45)
    /// How long a call without a deadline of its own may take (streams have no such limit).
    package var callTimeout: Duration = .seconds(300)
    /// How long a plugin outlives its locator, so that a locator which comes back finds it.
    package var detachLinger: Duration = .seconds(5)
    /// How long calls may go on when the gateway or a plugin is restarted, before they are cut off.
    package var drainCap: Duration = .seconds(8)
    /// How long a connection of the host waits for a plugin that is not ready, before its calls are answered with the reason.
    package var connectionPatience: Duration = .seconds(12)
    /// How long, beyond `detachLinger`, a host socket waits for its locator after a restart of the gateway.
    package var returnPatience: Duration = .seconds(60)
    /// So many failures of a plugin within `breakerWindow` leave it alone for `breakerPause`, which doubles with each further one.
    package var breakerFailures = 5
    package var breakerWindow: Duration = .seconds(60)
    package var breakerPause: Duration = .seconds(60)
    /// How long a plugin has to end by itself, once after Shutdown and once more after SIGTERM.
    package var stopGrace: Duration = .seconds(2)
    /// The longest request message from the host.
    package var maximumRequestMessage = 16 << 20
    /// The longest reply message from a plugin. go-plugin's own clients accept this much.
    package var maximumReplyMessage = Int(Int32.max)
    /// Connections at one time to one host socket.
    package var maximumConnections = 64
    /// Streams at one time on one connection.
    package var maximumStreams = 1000
    /// Calls that wait for the plugin to take another stream.
    package var maximumQueuedCalls = 1000
    /// Translated calls of one plugin that are under way at one time; the rest wait.
    package var concurrentCalls = 200
    /// v1 calls at one time that one request is split into.
    package var concurrentSplits = 4

    package init() {}
}

package struct TelemetryConfiguration: Sendable {
    /// Time between two snapshots in the journal.
    package var snapshotInterval: Duration = .seconds(10)

    package init() {}
}

package struct LogConfiguration: Sendable {
    /// The least severe level that is logged.
    package var level = "info"
    /// Whether a plugin's own log lines are also given to Grafana, as they would be without the gateway.
    package var toHost = true

    package init() {}
}
