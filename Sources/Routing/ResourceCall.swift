internal import NIOCore
internal import PluginSupervision
internal import Telemetry
internal import Translation
internal import Transport

/// One `CallResource` in front of a v1 plugin: the gateway's own paths, and UNIMPLEMENTED for all others.
struct ResourceCall: Sendable {
    static let method = "pluginv2.Resource/CallResource"

    let settings: RoutingSettings
    let supervisor: PluginSupervisor
    /// Nil while it does not run.
    let plugin: RunningPlugin?
    /// What to say where the plugin is needed and does not run.
    let unavailable: GRPCStatus
    let statistics: PluginStatistics
    let account: LossAccount

    func answer(_ call: ServerCall) async -> CallEnd {
        do {
            let request = try await call.message()
            var (plan, ledger) = try V2ToV1Resource.plan(
                Array(request.readableBytesView), kind: settings.kind, allowsQueries: settings.answersLegacyQueries,
                now: WallTime.milliseconds, options: settings.translation)
            var end: CallEnd
            switch plan {
            case .status: end = try await send(status.reply, call)
            case .reply(let reply): end = try await send(reply, call)
            case .unimplemented(let message): return .failure(.unimplemented, message)
            case .query(let plan):
                guard let plugin else { return CallEnd(status: unavailable) }
                let outcomes = try await PluginQueries(plan, call.head, settings, plugin.client, decodes: false).outcomes()
                end = try await send(LegacyQuery.reply(to: plan, outcomes, ledger: &ledger), call)
            }
            account.enter(ledger, method: Self.method)
            end.trailers.append(losses: ledger)
            return end
        } catch {
            return .failure(error)
        }
    }

    private func send(_ reply: ResourceReply, _ call: ServerCall) async throws -> CallEnd {
        let last = reply.messageCount - 1
        for place in 0..<last { try await call.send(message: ByteBuffer(bytes: reply.message(at: place))) }
        return .reply(ByteBuffer(bytes: reply.message(at: last)))
    }

    private var status: GatewayStatus {
        let snapshot = supervisor.snapshot
        return GatewayStatus(
            gatewayVersion: settings.gatewayVersion, pluginID: settings.pluginID, pluginVersion: settings.pluginVersion,
            state: snapshot.state.rawValue, lastError: snapshot.lastError?.code.rawValue,
            uptimeSeconds: plugin?.uptime.components.seconds, restarts: snapshot.restarts,
            path: TranslationPath.choose(host: AttachmentRouter.hostVersion, plugin: plugin?.version ?? snapshot.version ?? 1),
            methods: statistics.snapshot().methods.map { method in
                GatewayStatus.Method(
                    name: method.method, versionPath: method.versionPath, calls: method.calls, errors: method.errors,
                    bytesIn: method.bytesIn, bytesOut: method.bytesOut, points: method.points, frames: method.frames,
                    losses: method.lossesByCount.map { (path: $0.key.path, cause: $0.key.cause, count: $0.count) })
            })
    }
}
