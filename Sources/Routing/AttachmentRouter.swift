internal import GoPlugin
internal import NIOCore
package import PluginSupervision
internal import Synchronization
package import Telemetry
internal import Translation
package import Transport

/// Decides for each connection of one host whether it is relayed, and for each call of the others what happens to it: forwarded as it
/// is, translated, answered by the gateway, or refused.
package final class AttachmentRouter: CallRouter {
    /// The protocol version that hosts speak to the gateway.
    package static let hostVersion = 2

    package let supervisor: PluginSupervisor
    package let statistics: PluginStatistics
    private let currentSettings: Mutex<RoutingSettings>
    private var settings: RoutingSettings { currentSettings.withLock { $0 } }
    private let history = PluginHistory()
    private let olderPlugin = OlderPlugin()
    private let gate: CallGate
    private let onNewLoss: @Sendable (NewLosses) -> Void
    /// Called once the host has asked its plugin to end and has its answer.
    private let onShutdown: @Sendable () -> Void
    /// Called when connections that exist should be served in another way.
    private let onModeChange = Mutex<@Sendable () -> Void>({})

    package init(
        supervisor: PluginSupervisor, statistics: PluginStatistics, settings: RoutingSettings,
        onNewLoss: @escaping @Sendable (NewLosses) -> Void, onShutdown: @escaping @Sendable () -> Void
    ) {
        self.supervisor = supervisor
        self.statistics = statistics
        currentSettings = Mutex(settings)
        gate = CallGate(concurrentCalls: settings.concurrentCalls)
        self.onNewLoss = onNewLoss
        self.onShutdown = onShutdown
    }

    /// Takes other settings for calls and connections that begin from now on.
    package func update(_ settings: RoutingSettings) {
        currentSettings.withLock { $0 = settings }
    }

    /// To be set once there is a host server, for `HostServer.reconsider`.
    package func whenModeChanges(_ body: @escaping @Sendable () -> Void) {
        onModeChange.withLock { $0 = body }
    }

    // MARK: Connections

    package func mode() -> ConnectionMode {
        if let plugin = supervisor.current { return mode(with: plugin) }
        // A plugin that is at rest is started by a call, not by a host that keeps a connection.
        return supervisor.snapshot.state == .idle ? .terminate : .undecided
    }

    package func modeWhenKnown() async -> ConnectionMode {
        guard let plugin = try? await supervisor.running() else { return .terminate }
        if mode(with: plugin) == .undecided {
            olderPlugin.learn(await OlderPlugin.probe(plugin.client), of: plugin.generation)
        }
        return mode(with: plugin)
    }

    private func mode(with plugin: RunningPlugin) -> ConnectionMode {
        let path = TranslationPath.choose(host: Self.hostVersion, plugin: plugin.version)
        guard path.mode == .relayed, settings.mayRelay, settings.translation.convertFrames == .never else { return .terminate }
        switch olderPlugin.chunks(of: plugin.generation) {
        case .unknown: return .undecided
        case .missing: return .terminate
        case .likely, .native:
            history.lastVersion = plugin.version
            return .relay(plugin.client.address)
        }
    }

    package func noticed(path: String) {
        supervisor.current?.use.touch()
        if path == ControllerMessages.shutdown { supervisor.expectExit() }
    }

    package func excerpt(path: String) -> Int {
        path == V2QueryChunkedDataCall.path ? OlderPlugin.excerptBytes : 0
    }

    package func isLifelong(path: String) -> Bool { path == StdioMessages.streamStdio || path == BrokerMessages.startStream }

    /// What only shows when a relayed call has ended.
    private func relayedCallEnded(_ summary: CallSummary) {
        switch summary.path {
        case ControllerMessages.shutdown:
            // Whatever the plugin answered, one that has no controller too: the host wants it to end.
            onShutdown()
        case V2QueryChunkedDataCall.path where OlderPlugin.lacksChunks(summary):
            guard let plugin = supervisor.current, olderPlugin.chunks(of: plugin.generation) != .missing else { return }
            olderPlugin.learn(.missing, of: plugin.generation)
            onModeChange.withLock { $0 }()
        default:
            break
        }
    }

    // MARK: CallRouter

    package func route(_ head: CallHead) -> CallRoute {
        switch head.path {
        case ControllerMessages.shutdown:
            return .answer(shutdown)
        case StdioMessages.streamStdio:
            // One reader only: the gateway itself drains the plugin's output, into the journal and to the host's log.
            return .refuse(
                GRPCStatus(code: .unimplemented, message: "plugin-gateway forwards the plugin's output as log lines on stderr"))
        default:
            break
        }
        if let plugin = supervisor.current, let lease = plugin.use.begin(head.path) {
            return held(route(head, to: plugin), head, lease)
        }
        return .pending { [self] in await routeWhenRunning(head) }
    }

    package func ended(_ summary: CallSummary) {
        history.ended(summary)
        if summary.way == .relayed { relayedCallEnded(summary) }
        statistics.record(
            CallRecord(
                method: summary.path, versionPath: Self.versionPath(supervisor.current), code: summary.code.rawValue,
                duration: summary.duration, bytesIn: summary.bytesIn, bytesOut: summary.bytesOut))
    }

    // MARK: Choosing

    private func route(_ head: CallHead, to plugin: RunningPlugin) -> CallRoute {
        let path = TranslationPath.choose(host: Self.hostVersion, plugin: plugin.version)
        switch path.mode {
        case .relayed: return relay(head, plugin)
        case .translated: return translate(head, plugin)
        case .impossible: return .refuse(GRPCStatus(code: .unimplemented, message: path.reason))
        }
    }

    private func routeWhenRunning(_ head: CallHead) async -> CallRoute {
        do {
            let (plugin, lease) = try await supervisor.use(head.path)
            return held(route(head, to: plugin), head, lease)
        } catch {
            let unavailable = GRPCStatus(code: .unavailable, message: "\(settings.pluginID): \(error)")
            guard history.lastVersion != Self.hostVersion else { return .refuse(unavailable) }
            switch V2ToV1Route.route(method: head.path, kind: settings.kind) {
            case .checkHealth: return .answer(checkHealth(nil, reason: error.message).answer)
            case .callResource: return .answer(resource(nil, unavailable).answer)
            default: return .refuse(unavailable)
            }
        }
    }

    /// Holds the process for as long as the call goes on, so that it is not stopped under it when another takes its place.
    private func held(_ route: CallRoute, _ head: CallHead, _ lease: PluginLease) -> CallRoute {
        switch route {
        case .forward(let client, var terms):
            if UnaryMethods.contains(head.path) { terms.patience = settings.callTimeout }
            terms.lease = lease
            return .forward(client, terms)
        case .answer(let handler):
            return .answer { call in
                defer { lease.end() }
                return await handler(call)
            }
        case .pending, .refuse:
            return route
        }
    }

    /// Same version: untouched, but for what an older plugin lacks and the operator wants made up for.
    private func relay(_ head: CallHead, _ plugin: RunningPlugin) -> CallRoute {
        history.lastVersion = plugin.version
        let converts = settings.translation.convertFrames != .never
        switch head.path {
        case V2QueryDataCall.path where converts:
            return .answer(V2QueryDataCall(settings: settings, client: plugin.client, account: account(plugin)).answer)
        case V2QueryChunkedDataCall.path where converts || olderPlugin.chunks(of: plugin.generation) != .native:
            return .answer(
                V2QueryChunkedDataCall(settings: settings, plugin: plugin, memory: olderPlugin, account: account(plugin)).answer)
        default:
            return .forward(plugin.client)
        }
    }

    private func translate(_ head: CallHead, _ plugin: RunningPlugin) -> CallRoute {
        history.lastVersion = plugin.version
        if head.path.hasPrefix("/grpc.health.v1.Health/") { return .forward(plugin.client) }
        switch V2ToV1Route.route(method: head.path, kind: settings.kind) {
        case .queryData:
            return .answer(
                gate.admit(QueryDataCall(settings: settings, client: plugin.client, account: account(plugin), gate: gate).answer))
        case .queryChunkedData where settings.translation.chunkRows == 0:
            return .refuse(
                GRPCStatus(code: .unimplemented, message: "QueryChunkedData is switched off for this plugin (chunk_rows: 0)"))
        case .queryChunkedData:
            return .answer(
                gate.admit(QueryChunkedDataCall(settings: settings, client: plugin.client, account: account(plugin)).answer))
        case .render:
            return .answer(gate.admit(RenderCall(settings: settings, client: plugin.client, account: account(plugin)).answer))
        case .checkHealth:
            return .answer(checkHealth(plugin, reason: nil).answer)
        case .callResource:
            return .answer(resource(plugin, GRPCStatus(code: .unavailable, message: "the plugin does not run")).answer)
        case .collectMetrics:
            return .answer { [self] call in await collectMetrics(call, plugin) }
        case .subscribeStream:
            return .answer(OwnAnswer(account: account(plugin), reply: V2ToV1Stream.subscribeReply).answer)
        case .publishStream:
            return .answer(OwnAnswer(account: account(plugin), reply: V2ToV1Stream.publishReply).answer)
        case .unimplemented(let message):
            return .refuse(GRPCStatus(code: .unimplemented, message: message))
        }
    }

    // MARK: Answers of the gateway itself

    private func shutdown(_ call: ServerCall) async -> CallEnd {
        supervisor.expectExit()
        let end = await Self.reply(call) { _ in ControllerMessages.empty }
        onShutdown()
        return end
    }

    private func checkHealth(_ plugin: RunningPlugin?, reason: String?) -> CheckHealthCall {
        CheckHealthCall(
            settings: settings, supervisor: supervisor, history: history, account: account(plugin), plugin: plugin, reason: reason
        )
    }

    private func resource(_ plugin: RunningPlugin?, _ unavailable: GRPCStatus) -> ResourceCall {
        ResourceCall(
            settings: settings, supervisor: supervisor, plugin: plugin, unavailable: unavailable, statistics: statistics,
            account: account(plugin))
    }

    private func account(_ plugin: RunningPlugin?) -> LossAccount {
        LossAccount(versionPath: Self.versionPath(plugin), settings: settings, statistics: statistics, onNewLoss: onNewLoss)
    }

    private static func versionPath(_ plugin: RunningPlugin?) -> String {
        guard let version = plugin?.version else { return "2-none" }
        return version == hostVersion ? "2-2" : "\(hostVersion)-\(version)"
    }

    private func collectMetrics(_ call: ServerCall, _ plugin: RunningPlugin) async -> CallEnd {
        let gauges = ProcessGauges.of(plugin, restarts: supervisor.snapshot.restarts)
        let text = statistics.prometheusText(gauges: gauges)
        return await OwnAnswer(account: account(plugin), reply: V2ToV1CollectMetrics.answer(prometheus: text)).answer(call)
    }

    /// Answers a unary call with one message.
    static func reply(_ call: ServerCall, _ make: @Sendable ([UInt8]) throws -> [UInt8]) async -> CallEnd {
        do {
            let request = try await call.message()
            let reply = try make(Array(request.readableBytesView))
            return CallEnd.reply(ByteBuffer(bytes: reply))
        } catch let status as GRPCStatus {
            return CallEnd(status: status)
        } catch is CancellationError {
            return CallEnd(status: GRPCStatus(code: .cancelled, message: "the call was cancelled"))
        } catch {
            return CallEnd(
                status: GRPCStatus(
                    code: .invalidArgument,
                    message: "the request cannot be read: \(error). The host must send a \(call.head.path) message"))
        }
    }
}
