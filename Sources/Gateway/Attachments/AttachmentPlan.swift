internal import ControlProtocol
internal import GoPlugin
internal import NIOCore
internal import PluginSupervision
internal import Routing
internal import Telemetry
internal import Translation
internal import Transport

/// What an attach request comes to, after every check: which file runs, with what, and where its host connects.
struct AttachmentPlan {
    let attachmentID: String
    let plugin: PluginDescription
    let configuration: Configuration
    let request: AttachRequest
    let executable: PluginExecutable
    let source: ExecutableSource
    let socket: HostSocketPlace

    /// Checks the request. Nothing is started yet.
    /// - Throws: `AttachRefusal` of the attach authority, `GatewayError` for everything else.
    static func make(_ request: AttachRequest, configuration: Configuration) throws -> AttachmentPlan {
        // The authority first, on the locator that asks: nothing in a directory that fails it is believed.
        try checkLocator(request, configuration)
        let plugin = try PluginDescription.read(directory: request.directory)
        let source = Self.source(of: plugin.id, request, configuration)
        let executable = try source.find()
        let attachmentID = Self.newID()
        let socket: HostSocketPlace
        if let earlier = request.hostSocket {
            socket = try HostSocketPlace.again(earlier, request, runtimeDirectory: configuration.runtimeDirectory)
        } else {
            socket = try HostSocketPlace.choose(
                request, pluginID: plugin.id, attachmentID: attachmentID, runtimeDirectory: configuration.runtimeDirectory)
        }
        return AttachmentPlan(
            attachmentID: attachmentID, plugin: plugin, configuration: configuration, request: request, executable: executable,
            source: source, socket: socket)
    }

    private static func checkLocator(_ request: AttachRequest, _ configuration: Configuration) throws(AttachRefusal) {
        do {
            _ = try PluginExecutable.open(
                directory: request.directory, name: request.executableName, roots: configuration.pluginRoots)
        } catch  where error.code == .executableMissing {
            // One that comes back may have been removed by an upgrade, which puts a new build in its place.
            let wrapped = request.executableName + PluginExecutable.wrappedSuffix
            _ = try PluginExecutable.open(directory: request.directory, name: wrapped, roots: configuration.pluginRoots)
        }
    }

    /// What runs for a locator: the file that is configured, else the new build that an upgrade put in the locator's place, else the one
    /// that was wrapped.
    private static func source(
        of pluginID: String, _ request: AttachRequest, _ configuration: Configuration
    ) -> ExecutableSource {
        ExecutableSource(
            directory: request.directory, locatorName: request.executableName,
            configured: configuration.plugin(pluginID).executable, roots: configuration.pluginRoots,
            isLocator: { LocatorFile.isOne($0) ?? false })
    }

    func specification(on eventLoop: any EventLoop, logs: LogFanout) -> Attachment.Specification {
        let limits = configuration.limits
        let settings = configuration.plugin(plugin.id)
        let cookie = settings.magicCookie == .host ? request.magicCookieValue : settings.magicCookie.rawValue
        var transport = TransportLimits()
        transport.maximumRequestMessage = limits.maximumRequestMessage
        transport.maximumReplyMessage = limits.maximumReplyMessage
        transport.maximumConnections = limits.maximumConnections
        transport.maximumStreams = limits.maximumStreams
        transport.maximumQueuedCalls = limits.maximumQueuedCalls
        var supervision = SupervisionLimits()
        supervision.handshakeTimeout = limits.handshakeTimeout
        supervision.shutdownGrace = limits.stopGrace
        supervision.terminateGrace = limits.stopGrace
        supervision.drainCap = limits.drainCap
        supervision.breaker.failures = limits.breakerFailures
        supervision.breaker.window = limits.breakerWindow
        supervision.breaker.pause = limits.breakerPause
        supervision.breaker.maximumPause = max(supervision.breaker.maximumPause, limits.breakerPause)
        supervision.idleTimeout = settings.idleTimeout
        var launch = PluginLaunch(
            pluginID: plugin.id, executable: executable, arguments: request.arguments, environment: request.environment,
            workingDirectory: request.workingDirectory, cookieValue: cookie,
            offeredVersions: TranslationPath.reachable(from: AttachmentRouter.hostVersion),
            temporaryDirectoryRoot: Self.temporaryDirectoryRoot, limits: supervision, transportLimits: transport,
            eventLoop: eventLoop,
            logSink: { logs.receive($0) })
        launch.source = source
        let secrets = SecretText(environment: request.environment)
        launch.redact = { secrets.withheld($0) }
        let routing = RoutingSettings(
            pluginID: plugin.id, pluginVersion: plugin.version, kind: cookie == MagicCookie.renderer ? .renderer : .dataSource,
            gatewayVersion: GatewayVersion.current, translation: settings.translation, healthQuery: settings.healthQuery,
            answersLegacyQueries: settings.answersLegacyQueries, callTimeout: limits.callTimeout,
            concurrentSplits: limits.concurrentSplits)
        return Attachment.Specification(
            id: attachmentID, settings: routing, launch: launch, hostSocket: socket.path, hostSocketGroup: socket.group,
            limits: transport)
    }

    /// Not in the runtime directory: `/run` is small and often mounted noexec. The service has a private `/tmp`.
    static var temporaryDirectoryRoot: String { TemporaryDirectories.root }

    private static func newID() -> String {
        let digits = String(UInt32.random(in: 0...UInt32.max), radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
