internal import Routing
internal import Telemetry

extension AttachmentRegistry {
    /// Puts a configuration that was checked in force. Returns when new calls see it; what is restarted or moved goes on meanwhile.
    ///
    /// - Returns: what becomes of single plugins.
    func apply(_ new: Configuration, _ changes: [ConfigurationChange]) async -> ReloadReport {
        var report = ReloadReport()
        configuration = new
        reporter.interval = new.telemetry.snapshotInterval
        guard !stopped else { return report }
        var applied: [AsyncStream<Never>] = []
        for (id, entry) in entries {
            entry.logs.forward(toHost: new.logs.toHost && entry.plan.request.logsWanted)
            let pluginID = entry.plan.plugin.id
            // A change that could not be carried out the last time is tried again.
            let isBehind = entry.plan.configuration.plugin(pluginID) != new.plugin(pluginID)
            guard isBehind || Self.concerns(pluginID, changes) else { continue }
            do {
                let plan = try entry.plan.renewed(new)
                let renewal = plan.renewal(from: entry.plan)
                if renewal == .process { report.plugins.append("\(name(entry)) is restarted after its open calls") }
                let (done, signal) = AsyncStream<Never>.makeStream()
                if renewal != .process { applied.append(done) }
                begin(renewal, of: id, plan) { signal.finish() }
            } catch {
                let refusal = RefusalError.of(error).refusal
                report.plugins.append("\(name(entry)) goes on as it was: \(refusal.message). \(refusal.remedy)")
            }
        }
        for done in applied { for await _ in done {} }
        return report
    }

    private func name(_ entry: Entry) -> String { "\(entry.attachment.pluginID) (\(entry.attachment.id))" }

    private static func concerns(_ pluginID: String, _ changes: [ConfigurationChange]) -> Bool {
        changes.contains { change in
            guard change.effect != .gatewayRestart, change.effect != .atOnce else { return false }
            return change.pluginID == nil ? change.effect != .newAttachments : change.pluginID == pluginID
        }
    }

    private func begin(
        _ renewal: Attachment.Renewal, of id: String, _ plan: AttachmentPlan, applied: @escaping @Sendable () -> Void
    ) {
        guard let entry = entries[id] else { return applied() }
        let attachment = entry.attachment
        let specification = plan.specification(on: attachment.eventLoop, logs: entry.logs)
        let (before, cap) = (entry.renewal, configuration.limits.drainCap)
        entries[id]?.plan = plan
        entries[id]?.renewal = Task {
            await before?.value
            guard !Task.isCancelled else { return applied() }
            // Calls that are cut off are an event of the transport.
            _ = await attachment.renew(specification, renewal, cap: cap, applied: applied)
            applied()
        }
    }
}
