package import GoPlugin
package import Transport

/// A plugin that has shaken hands, is connected and answered its health check.
package struct RunningPlugin: Sendable {
    package let handshake: HandshakeLine
    /// The app protocol version it answered, one of those offered.
    package var version: Int { handshake.appVersion }
    package let pid: Int32
    package let startedAt: ContinuousClock.Instant
    package let client: PluginClient
    /// What the health check after the start said.
    package let health: PluginHealth
    /// Counts the starts of this supervisor: 1 is the first process.
    package let generation: Int
    /// Who calls it right now.
    package let use: PluginUse

    package var uptime: Duration { startedAt.duration(to: .now) }
}

/// The answer of the plugin's gRPC health service for the service `plugin`, as go-plugin's own `Ping` asks it.
package enum PluginHealth: Sendable, Equatable {
    case serving
    case notServing
    /// The plugin has no health service, or does not know the name: tolerated.
    case unimplemented
    case failed(String)
}
