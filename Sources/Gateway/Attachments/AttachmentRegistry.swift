internal import ControlProtocol
internal import Glibc
internal import GoPlugin
package import Logging
package import NIOCore
internal import PluginSupervision
internal import Routing
package import Telemetry
internal import Transport

/// All attachments of the gateway: who may attach, what runs for whom, and what is stopped when a locator goes away.
package actor AttachmentRegistry {
    struct Entry {
        let attachment: Attachment
        let directory: String
        let logs: LogFanout
        let snapshots: SnapshotReporter.Registration
        var link: LocatorLink?
        /// Set while no locator is there: stops the plugin when it fires.
        var linger: Task<Void, Never>?
    }

    let configuration: Configuration
    let group: any EventLoopGroup
    let logger: Logger
    let reporter: SnapshotReporter
    private var entries: [String: Entry] = [:]
    private var closing: [String: Task<Void, Never>] = [:]
    private var stopped = false

    package init(configuration: Configuration, group: any EventLoopGroup, logger: Logger, reporter: SnapshotReporter) {
        self.configuration = configuration
        self.group = group
        self.logger = logger
        self.reporter = reporter
    }

    // MARK: Attaching

    /// Attaches a locator: starts its plugin, or gives back the one it had.
    func attach(_ request: AttachRequest, peer: PeerCredentials, link: LocatorLink) async -> Result<Attached, RefusalError> {
        do {
            guard !stopped else {
                throw GatewayError(.unavailable, "the gateway is stopping", remedy: "Wait: the locator tries again by itself")
            }
            try AttachAuthority.check(peer)
            if let entry = resumed(request, link) {
                return .success(Self.attached(entry.attachment))
            }
            let entry = try await open(request, peer, link)
            return .success(Self.attached(entry.attachment))
        } catch {
            let refusal = RefusalError.of(error)
            logger.event(
                .attachRefused, at: .warning, "attaching was refused",
                [
                    .directory: DisplayText.plain(request.directory), .reason: refusal.refusal.message,
                    .remedy: refusal.refusal.remedy,
                    .code: refusal.refusal.code.rawValue, .locatorPID: "\(peer.pid)",
                ])
            return .failure(refusal)
        }
    }

    private func resumed(_ request: AttachRequest, _ link: LocatorLink) -> Entry? {
        guard let socket = request.hostSocket,
            let id = entries.first(where: { $0.value.attachment.hostSocket == socket && $0.value.directory == request.directory }
            )?.key,
            var entry = entries[id]
        else { return nil }
        entry.linger?.cancel()
        entry.linger = nil
        entry.link?.close()
        entry.link = link
        entry.logs.attach(link)
        entries[id] = entry
        return entry
    }

    private func open(_ request: AttachRequest, _ peer: PeerCredentials, _ link: LocatorLink) async throws -> Entry {
        let plan = try AttachmentPlan.make(request, configuration: configuration)
        let logs = LogFanout(
            logger: logger, attachmentID: plan.attachmentID, secrets: SecretValues(environment: request.environment),
            toHost: configuration.logs.toHost && request.logsWanted)
        logs.attach(link)
        let specification = plan.specification(on: group.next(), logs: logs)
        let (id, pluginID) = (plan.attachmentID, plan.plugin.id)
        let attachment = try await Attachment.open(
            specification, observers: observers(id: id, pluginID: pluginID))
        guard !stopped else {
            await attachment.close(cap: .zero)
            throw GatewayError(.unavailable, "the gateway is stopping", remedy: "Wait: the locator tries again by itself")
        }
        let entry = Entry(
            attachment: attachment, directory: request.directory, logs: logs, snapshots: reporter.add(attachment.statistics),
            link: link)
        entries[id] = entry
        logger.event(
            .pluginAttached, "plugin attached",
            [
                .plugin: pluginID, .attachment: id, .socket: attachment.hostSocket, .executable: attachment.executable,
                .locatorPID: "\(peer.pid)", .reason: attachment.path?.reason ?? "",
            ])
        return entry
    }

    private nonisolated func observers(id: String, pluginID: String) -> Attachment.Observers {
        let events = SupervisionJournal(logger: logger, pluginID: pluginID, attachmentID: id)
        return Attachment.Observers(
            supervision: { event in
                events.record(event)
                if case .ended(.shutDown) = event { Task { await self.ended(id, .shutdown, "the host shut the plugin down") } }
            },
            transport: { event in events.record(event) },
            newLoss: { losses in events.record(losses) },
            shutdown: { Task { await self.ended(id, .shutdown, "the host shut the plugin down") } })
    }

    private static func attached(_ attachment: Attachment) -> Attached {
        Attached(hostSocket: attachment.hostSocket, attachmentID: attachment.id, pluginID: attachment.pluginID)
    }

    // MARK: Detaching

    /// The locator's connection is gone. Its plugin is stopped after `limits.detach_linger`, unless the locator comes back.
    func linkLost(_ link: LocatorLink, attachmentID: String, atOnce: Bool) {
        guard var entry = entries[attachmentID], entry.link === link else { return }
        entry.link = nil
        entry.logs.attach(nil)
        let linger = atOnce ? Duration.zero : configuration.limits.detachLinger
        entry.linger = Task {
            do { try await Task.sleep(for: linger) } catch { return }
            await self.ended(attachmentID, .detached, "its locator went away")
        }
        entries[attachmentID] = entry
    }

    /// Stops what is left of an attachment, and tells its locator when there is one.
    private func ended(_ id: String, _ code: EndReason.Code, _ reason: String) {
        guard let entry = entries.removeValue(forKey: id) else { return }
        if code != .detached { entry.linger?.cancel() }
        closing[id] = Task { await finish(id, entry, code, reason) }
    }

    private func finish(_ id: String, _ entry: Entry, _ code: EndReason.Code, _ reason: String) async {
        await entry.attachment.close(cap: .milliseconds(200))
        entry.link?.sendLast(.ended(EndReason(code: code, message: reason)))
        reporter.remove(entry.snapshots)
        logger.event(
            .pluginDetached, "plugin detached", [.plugin: entry.attachment.pluginID, .attachment: id, .reason: reason])
        closing[id] = nil
    }

    /// Stops every plugin. Locators are not told to end: they wait for the gateway to come back.
    package func stop() async {
        stopped = true
        let all = entries
        entries = [:]
        await withTaskGroup(of: Void.self) { group in
            for entry in all.values {
                entry.linger?.cancel()
                group.addTask { await entry.attachment.close(cap: .seconds(2)) }
            }
            for task in closing.values { group.addTask { await task.value } }
        }
        for entry in all.values {
            reporter.remove(entry.snapshots)
            entry.link?.close()
        }
    }

    // MARK: Status

    func status() -> [AttachmentStatus] {
        entries.values.map { AttachmentStatus.of($0.attachment, hasLocator: $0.link != nil) }.sorted {
            ($0.plugin, $0.attachment) < ($1.plugin, $1.attachment)
        }
    }
}
