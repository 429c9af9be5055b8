internal import Glibc
internal import NIOCore
internal import PluginSupervision
internal import Translation
internal import Transport

/// One `CheckHealth` in front of a v1 plugin: what the gateway knows of its process, and where the operator configured a query, whether
/// the data source answers it.
struct CheckHealthCall: Sendable {
    let settings: RoutingSettings
    let supervisor: PluginSupervisor
    let history: PluginHistory
    let account: LossAccount
    /// Nil while it does not run.
    let plugin: RunningPlugin?
    /// Why it does not run.
    let reason: String?

    func answer(_ call: ServerCall) async -> CallEnd {
        do {
            let request = Array(try await call.message().readableBytesView)
            let health: PluginHealth? = plugin == nil ? nil : await supervisor.probeHealth()
            var vitals = history.vitals(plugin: plugin, health: health, reason: reason, pluginVersion: settings.pluginVersion)
            vitals.kind = settings.kind
            vitals.probe = try await probe(request, vitals, call.head)
            var end = CallEnd.reply(ByteBuffer(bytes: try V2ToV1CheckHealth.answer(request, vitals: vitals)))
            end.trailers.append(losses: account.enterUnknownFields(of: request, method: call.head.path))
            return end
        } catch {
            return .failure(error)
        }
    }

    /// Asks the configured query, unless the answer is bad already.
    private func probe(_ request: [UInt8], _ vitals: PluginVitals, _ head: CallHead) async throws -> PluginVitals.Probe {
        guard let model = settings.healthQuery, let plugin, settings.kind == .dataSource,
            vitals.grpcHealth == .serving || vitals.grpcHealth == .unimplemented
        else { return .notConfigured }
        let plan = try V2ToV1HealthQuery.plan(request, model: model, now: WallTime.milliseconds, options: settings.translation)
        let outcomes = try await PluginQueries(plan, head, settings, plugin.client).outcomes()
        // Counted where queries of the host are.
        var ledger = LossLedger()
        return V2ToV1HealthQuery.probe(V2ToV1QueryData.merge(plan, outcomes, ledger: &ledger))
    }
}

enum WallTime {
    /// Since the Unix epoch.
    static var milliseconds: Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
    }
}
