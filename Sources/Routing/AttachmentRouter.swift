internal import GoPlugin
package import NIOCore
package import PluginSupervision
package import Telemetry
package import Translation
package import Transport

/// Decides for each call of one host what happens to it: forwarded as it is, translated, answered by the gateway, or refused.
package final class AttachmentRouter: CallRouter {
    /// The protocol version that hosts speak to the gateway.
    package static let hostVersion = 2

    package let supervisor: PluginSupervisor
    package let statistics: PluginStatistics
    private let settings: RoutingSettings
    private let history = PluginHistory()
    private let onNewLoss: @Sendable ([LossKey]) -> Void
    /// Called once the host has asked its plugin to end and has its answer.
    private let onShutdown: @Sendable () -> Void

    package init(
        supervisor: PluginSupervisor, statistics: PluginStatistics, settings: RoutingSettings,
        onNewLoss: @escaping @Sendable ([LossKey]) -> Void, onShutdown: @escaping @Sendable () -> Void
    ) {
        self.supervisor = supervisor
        self.statistics = statistics
        self.settings = settings
        self.onNewLoss = onNewLoss
        self.onShutdown = onShutdown
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
        if let plugin = supervisor.current { return route(head, to: plugin) }
        return .pending { [self] in await routeWhenRunning(head) }
    }

    package func ended(_ summary: CallSummary) {
        history.ended(summary)
        statistics.record(
            CallRecord(
                method: summary.path.hasPrefix("/") ? String(summary.path.dropFirst()) : summary.path,
                versionPath: supervisor.current.map { "\(Self.hostVersion)-\($0.version)" } ?? "\(Self.hostVersion)-none",
                code: summary.code.rawValue, duration: summary.duration, bytesIn: summary.bytesIn, bytesOut: summary.bytesOut))
    }

    // MARK: Choosing

    private func route(_ head: CallHead, to plugin: RunningPlugin) -> CallRoute {
        let path = TranslationPath.choose(host: Self.hostVersion, plugin: plugin.version)
        switch path.mode {
        case .relayed: return .forward(plugin.client)
        case .translated: return translate(head, plugin)
        case .impossible: return .refuse(GRPCStatus(code: .unimplemented, message: path.reason))
        }
    }

    private func routeWhenRunning(_ head: CallHead) async -> CallRoute {
        do {
            return route(head, to: try await supervisor.running())
        } catch {
            if V2ToV1Route.route(method: head.path) == .checkHealth, history.lastVersion != Self.hostVersion {
                return .answer { [self] call in await checkHealth(call, plugin: nil, reason: error.message) }
            }
            return .refuse(GRPCStatus(code: .unavailable, message: "\(settings.pluginID): \(error.message). \(error.remedy)"))
        }
    }

    private func translate(_ head: CallHead, _ plugin: RunningPlugin) -> CallRoute {
        history.lastVersion = plugin.version
        if head.path.hasPrefix("/grpc.health.v1.Health/") { return .forward(plugin.client) }
        switch V2ToV1Route.route(method: head.path) {
        case .queryData:
            let query = QueryDataCall(settings: settings, client: plugin.client, statistics: statistics, onNewLoss: onNewLoss)
            return .answer { call in await query.answer(call) }
        case .checkHealth:
            return .answer { [self] call in await checkHealth(call, plugin: plugin, reason: nil) }
        case .collectMetrics:
            return .answer { [self] call in await collectMetrics(call, plugin) }
        case .subscribeStream:
            return .answer { call in await Self.reply(call) { _ in V2ToV1Stream.subscribeReply } }
        case .publishStream:
            return .answer { call in await Self.reply(call) { _ in V2ToV1Stream.publishReply } }
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

    private func checkHealth(_ call: ServerCall, plugin: RunningPlugin?, reason: String?) async -> CallEnd {
        let health: PluginHealth? = plugin == nil ? nil : await supervisor.probeHealth()
        let vitals = history.vitals(plugin: plugin, health: health, reason: reason, pluginVersion: settings.pluginVersion)
        return await Self.reply(call) { request in try V2ToV1CheckHealth.answer(request, vitals: vitals) }
    }

    private func collectMetrics(_ call: ServerCall, _ plugin: RunningPlugin) async -> CallEnd {
        let gauges = ProcessGauges.of(plugin, restarts: supervisor.snapshot.restarts)
        let text = statistics.prometheusText(gauges: gauges)
        return await Self.reply(call) { _ in V2ToV1CollectMetrics.answer(prometheus: text) }
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
