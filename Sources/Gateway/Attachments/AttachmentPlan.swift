internal import ControlProtocol
internal import GoPlugin
internal import NIOCore
internal import PluginSupervision
internal import Routing
internal import Translation
internal import Transport

/// What an attach request comes to, after every check: which file runs, with what, and where its host connects.
struct AttachmentPlan {
    let attachmentID: String
    let plugin: PluginDescription
    let configuration: Configuration
    let request: AttachRequest
    let executable: PluginExecutable
    let socket: HostSocketPlace

    /// Checks the request. Nothing is started yet.
    /// - Throws: `AttachRefusal` of the attach authority, `GatewayError` for everything else.
    static func make(_ request: AttachRequest, configuration: Configuration) throws -> AttachmentPlan {
        // The authority first, on the locator that asks: nothing in a directory that fails it is believed.
        let locator = try PluginExecutable.open(
            directory: request.directory, name: request.executableName, roots: configuration.pluginRoots)
        let plugin = try PluginDescription.read(directory: request.directory)
        let name = configuration.plugin(plugin.id).executable ?? request.executableName + PluginExecutable.wrappedSuffix
        let executable = try PluginExecutable.open(directory: request.directory, name: name, roots: configuration.pluginRoots)
        // A locator in the plugin's place would attach itself, again and again.
        let sameSize = executable.identity.size == locator.identity.size
        guard try !(sameSize && FileFacts.sameContents(executable.path, locator.path)) else {
            throw GatewayError(
                .data, "\(executable.path) is the locator itself, not the plugin",
                remedy: "Reinstall the plugin \(plugin.id), then run `plugin-gateway wrap \(request.directory)`")
        }
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
            socket: socket)
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
        let launch = PluginLaunch(
            pluginID: plugin.id, executable: executable, arguments: request.arguments, environment: request.environment,
            workingDirectory: request.workingDirectory, cookieValue: cookie,
            offeredVersions: TranslationPath.reachable(from: AttachmentRouter.hostVersion),
            temporaryDirectoryRoot: Self.temporaryDirectoryRoot, limits: supervision, transportLimits: transport,
            eventLoop: eventLoop,
            logSink: { logs.receive($0) })
        let routing = RoutingSettings(
            pluginID: plugin.id, pluginVersion: plugin.version, kind: cookie == MagicCookie.renderer ? .renderer : .dataSource,
            gatewayVersion: GatewayVersion.current, translation: settings.translation, mayRelay: settings.mayRelay,
            healthQuery: settings.healthQuery,
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
