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
    private(set) var configuration: Configuration
    let request: AttachRequest
    private(set) var executable: PluginExecutable
    private(set) var source: ExecutableSource
    let socket: HostSocketPlace

    /// Checks the request. Nothing is started yet.
    ///
    /// - Parameter inherited: the host socket that the locator had under the gateway before this one, where it was kept.
    /// - Throws: `AttachRefusal` of the attach authority, `GatewayError` for everything else.
    static func make(
        _ request: AttachRequest, configuration: Configuration, inherited: InheritedHostSocket? = nil
    ) throws -> AttachmentPlan {
        // The authority first, on the locator that asks: nothing in a directory that fails it is believed.
        try checkLocator(request, configuration)
        let plugin = try PluginDescription.read(directory: request.directory)
        let source = Self.source(of: plugin.id, request, configuration)
        let executable = try source.find()
        let attachmentID = inherited?.attachmentID ?? Self.newID()
        let socket: HostSocketPlace
        if let inherited {
            let directories = [
                "\(configuration.runtimeDirectory)/hosts", request.hostSocketDirectory ?? "", inherited.directory,
            ]
            guard directories.contains(where: { inherited.belongs(to: plugin.id, directory: $0) }) else {
                throw GatewayError(
                    .data,
                    "the locator of \(plugin.id) asks for the host socket \(DisplayText.quoted(inherited.path)), which is another plugin's",
                    remedy: "Restart the plugin in Grafana: a new locator gets a new socket")
            }
            socket = .inherited(inherited)
        } else if let earlier = request.hostSocket {
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
            isLocator: { LocatorFile.isOne($0) })
    }

    // MARK: Another configuration

    /// The same attachment under another configuration. The executable is opened and checked anew when the configuration names another.
    func renewed(_ new: Configuration) throws -> AttachmentPlan {
        var plan = self
        plan.configuration = new
        if new.plugin(plugin.id).executable != configuration.plugin(plugin.id).executable {
            plan.source = Self.source(of: plugin.id, request, new)
            plan.executable = try plan.source.find()
        }
        return plan
    }

    /// How deep the change from `old` goes.
    func renewal(from old: AttachmentPlan) -> Attachment.Renewal {
        if executable.path != old.executable.path || cookie != old.cookie { return .process }
        let (new, before) = (configuration.limits, old.configuration.limits)
        let isSame =
            new.maximumRequestMessage == before.maximumRequestMessage && new.maximumConnections == before.maximumConnections
            && new.maximumStreams == before.maximumStreams && new.connectionPatience == before.connectionPatience
        return isSame ? .calls : .connections
    }

    private var cookie: String {
        let choice = configuration.plugin(plugin.id).magicCookie
        return choice == .host ? request.magicCookieValue : choice.rawValue
    }

    // MARK: What it comes to

    func specification(on eventLoop: any EventLoop, logs: LogFanout) -> Attachment.Specification {
        let limits = configuration.limits
        let settings = configuration.plugin(plugin.id)
        var transport = TransportLimits()
        transport.maximumRequestMessage = limits.maximumRequestMessage
        transport.maximumReplyMessage = limits.maximumReplyMessage
        transport.maximumConnections = limits.maximumConnections
        transport.maximumStreams = limits.maximumStreams
        transport.maximumQueuedCalls = limits.maximumQueuedCalls
        transport.connectionPatience = TimeAmount(limits.connectionPatience)
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
        let secrets = SecretValues(environment: request.environment)
        launch.redact = { secrets.masked($0) }
        let routing = RoutingSettings(
            pluginID: plugin.id, pluginVersion: plugin.version, kind: cookie == MagicCookie.renderer ? .renderer : .dataSource,
            gatewayVersion: GatewayVersion.current, translation: settings.translation, mayRelay: settings.mayRelay,
            healthQuery: settings.healthQuery,
            answersLegacyQueries: settings.answersLegacyQueries, callTimeout: limits.callTimeout,
            concurrentCalls: limits.concurrentCalls,
            concurrentSplits: limits.concurrentSplits)
        return Attachment.Specification(
            id: attachmentID, settings: routing, launch: launch, hostSocket: socket.path, hostSocketGroup: socket.group,
            limits: transport)
    }

    /// Not in the runtime directory: `/run` is small and often mounted noexec. The service has a private `/tmp`.
    static var temporaryDirectoryRoot: String { TemporaryDirectories.root }

    /// Whether a text has the form of an attachment's id.
    static func isID(_ text: String) -> Bool {
        text.utf8.count == 8 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    private static func newID() -> String {
        let digits = String(UInt32.random(in: 0...UInt32.max), radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
