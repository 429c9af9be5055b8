/// One key of the configuration: its path, what it means, and how its value gets to its place.
struct ConfigurationKey: Sendable {
    /// The path from the top, joined with dots, such as `limits.call_timeout`.
    let path: String
    /// One line for the documentation.
    let purpose: String
    /// What a changed value comes to in a running gateway.
    var effect = ReloadEffect.newAttachments
    let apply: @Sendable (ConfigurationValue, inout Configuration) throws(ConfigurationValue.Mismatch) -> Void

    /// The environment variable that sets this key, over the file.
    var environmentVariable: String {
        "PLUGIN_GATEWAY_" + path.uppercased().map { $0 == "." ? "_" : String($0) }.joined()
    }

    /// Every key outside `plugins`, in the order of the documentation.
    static let all: [ConfigurationKey] = [
        ConfigurationKey(path: "plugin_roots", purpose: "Directories beneath which plugins may live.") {
            (value, target) throws(ConfigurationValue.Mismatch) in target.pluginRoots = try value.paths()
        },
        ConfigurationKey(
            path: "runtime_directory", purpose: "Where sockets and the plugins' temporary directories go.",
            effect: .gatewayRestart
        ) {
            (value, target) throws(ConfigurationValue.Mismatch) in target.runtimeDirectory = try value.path()
        },
        ConfigurationKey(
            path: "limits.handshake_timeout", purpose: "From a plugin's start to its handshake line.", effect: .nextStart
        ) {
            (value, target) throws(ConfigurationValue.Mismatch) in
            target.limits.handshakeTimeout = try value.duration(in: .milliseconds(100)...Duration.seconds(600))
        },
        ConfigurationKey(
            path: "limits.call_timeout", purpose: "For a call without a deadline of its own; streams are exempt.",
            effect: .newCalls
        ) {
            (value, target) throws(ConfigurationValue.Mismatch) in
            target.limits.callTimeout = try value.duration(in: .milliseconds(100)...Duration.seconds(86400))
        },
        ConfigurationKey(path: "limits.detach_linger", purpose: "How long a plugin outlives its locator.", effect: .atOnce) {
            (value, target) throws(ConfigurationValue.Mismatch) in
            target.limits.detachLinger = try value.duration(in: Duration.zero...Duration.seconds(600))
        },
        ConfigurationKey(
            path: "limits.drain_cap", purpose: "How long calls may go on when the gateway or a plugin is restarted.",
            effect: .atOnce
        ) {
            (value, target) throws(ConfigurationValue.Mismatch) in
            target.limits.drainCap = try value.duration(in: Duration.zero...Duration.seconds(60))
        },
        ConfigurationKey(
            path: "limits.connection_patience", purpose: "How long a connection waits for a plugin that is not ready.",
            effect: .newConnections
        ) {
            (value, target) throws(ConfigurationValue.Mismatch) in
            // A host gives up 20 s after it has connected.
            target.limits.connectionPatience = try value.duration(in: .milliseconds(100)...Duration.seconds(19))
        },
        ConfigurationKey(
            path: "limits.return_patience",
            purpose: "How long, beyond detach_linger, a host socket waits for its locator after a restart of the gateway.",
            effect: .gatewayRestart
        ) {
            (value, target) throws(ConfigurationValue.Mismatch) in
            target.limits.returnPatience = try value.duration(in: Duration.zero...Duration.seconds(3600))
        },
        ConfigurationKey(
            path: "limits.breaker_failures", purpose: "So many failures of a plugin within breaker_window leave it alone.",
            effect: .nextStart
        ) {
            (value, target) throws(ConfigurationValue.Mismatch) in
            target.limits.breakerFailures = try value.integer(in: 1...1000)
        },
        ConfigurationKey(
            path: "limits.breaker_window", purpose: "The time in which failures of a plugin are counted.", effect: .nextStart
        ) {
            (value, target) throws(ConfigurationValue.Mismatch) in
            target.limits.breakerWindow = try value.duration(in: .seconds(1)...Duration.seconds(3600))
        },
        ConfigurationKey(
            path: "limits.breaker_pause",
            purpose: "How long it is left alone; doubled with each further failure, up to 10 minutes.", effect: .nextStart
        ) {
            (value, target) throws(ConfigurationValue.Mismatch) in
            target.limits.breakerPause = try value.duration(in: .milliseconds(100)...Duration.seconds(3600))
        },
        ConfigurationKey(
            path: "limits.stop_grace", purpose: "How long a plugin may take to end after Shutdown, and again after SIGTERM.",
            effect: .nextStart
        ) {
            (value, target) throws(ConfigurationValue.Mismatch) in
            target.limits.stopGrace = try value.duration(in: .milliseconds(10)...Duration.seconds(60))
        },
        ConfigurationKey(
            path: "limits.maximum_request_message", purpose: "The longest request message from the host.", effect: .newConnections
        ) {
            (value, target) throws(ConfigurationValue.Mismatch) in
            target.limits.maximumRequestMessage = try value.bytes(in: 1024...Int(Int32.max))
        },
        ConfigurationKey(
            path: "limits.maximum_reply_message", purpose: "The longest reply message from a plugin.", effect: .nextStart
        ) {
            (value, target) throws(ConfigurationValue.Mismatch) in
            target.limits.maximumReplyMessage = try value.bytes(in: 1024...Int(Int32.max))
        },
        ConfigurationKey(
            path: "limits.maximum_connections", purpose: "Connections at one time to one host socket.", effect: .newConnections
        ) {
            (value, target) throws(ConfigurationValue.Mismatch) in
            target.limits.maximumConnections = try value.integer(in: 1...65536)
        },
        ConfigurationKey(
            path: "limits.maximum_streams", purpose: "Streams at one time on one connection.", effect: .newConnections
        ) {
            (value, target) throws(ConfigurationValue.Mismatch) in
            target.limits.maximumStreams = try value.integer(in: 1...100_000)
        },
        ConfigurationKey(
            path: "limits.maximum_queued_calls", purpose: "Calls that wait for the plugin to take another stream.",
            effect: .nextStart
        ) {
            (value, target) throws(ConfigurationValue.Mismatch) in
            target.limits.maximumQueuedCalls = try value.integer(in: 1...1_000_000)
        },
        ConfigurationKey(
            path: "limits.concurrent_calls", purpose: "Translated calls of one plugin at one time; the rest wait in their order."
        ) {
            (value, target) throws(ConfigurationValue.Mismatch) in
            target.limits.concurrentCalls = try value.integer(in: 1...100_000)
        },
        ConfigurationKey(
            path: "limits.concurrent_splits", purpose: "v1 calls at one time that one request is split into.", effect: .newCalls
        ) {
            (value, target) throws(ConfigurationValue.Mismatch) in target.limits.concurrentSplits = try value.integer(in: 1...64)
        },
        ConfigurationKey(
            path: "telemetry.snapshot_interval", purpose: "Time between two snapshots in the journal.", effect: .atOnce
        ) {
            (value, target) throws(ConfigurationValue.Mismatch) in
            target.telemetry.snapshotInterval = try value.duration(in: .milliseconds(100)...Duration.seconds(86400))
        },
        ConfigurationKey(path: "logs.level", purpose: "The least severe level that is logged.", effect: .atOnce) {
            (value, target) throws(ConfigurationValue.Mismatch) in
            target.logs.level = try value.choice(
                ["trace", "debug", "info", "notice", "warning", "error", "critical"].map { ($0, $0) })
        },
        ConfigurationKey(
            path: "logs.to_host", purpose: "Whether a plugin's log lines are also given to Grafana.", effect: .atOnce
        ) {
            (value, target) throws(ConfigurationValue.Mismatch) in target.logs.toHost = try value.boolean()
        },
    ]

    static let byPath = Dictionary(all.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    /// The sections that hold keys, such as `limits`.
    static let sections = Set(all.compactMap { $0.path.contains(".") ? String($0.path.prefix { $0 != "." }) : nil })
}
