internal import ControlProtocol
internal import Glibc
internal import GoPlugin
package import Logging
package import NIOCore
internal import PluginSupervision
internal import Routing
package import Telemetry
package import Transport

/// All attachments of the gateway: who may attach, what runs for whom, and what is stopped when a locator goes away.
package actor AttachmentRegistry {
    struct Entry {
        let attachment: Attachment
        var plan: AttachmentPlan
        let logs: LogFanout
        let snapshots: SnapshotReporter.Registration
        var link: LocatorLink?
        /// Set while no locator is there: stops the plugin when it fires.
        var linger: Task<Void, Never>?
        /// Brings an inherited host socket into service once the plugin has negotiated.
        var resumption: Task<Void, Never>?
        /// The last change of configuration; it waits for the one before.
        var renewal: Task<Void, Never>?
    }

    var configuration: Configuration
    let group: any EventLoopGroup
    let logger: Logger
    let reporter: SnapshotReporter
    /// Whether a service manager keeps host sockets while the gateway restarts.
    let keepsSockets: Bool
    var entries: [String: Entry] = [:]
    /// Inherited host sockets whose locators have not come back, by path.
    var held: [String: HeldHostSocket] = [:]
    /// Host sockets for which an attachment is being opened again.
    private var reopening: Set<String> = []
    private var closing: [String: Task<Void, Never>] = [:]
    private(set) var stopped = false

    package init(
        configuration: Configuration, group: any EventLoopGroup, logger: Logger, reporter: SnapshotReporter, keepsSockets: Bool
    ) {
        self.configuration = configuration
        self.group = group
        self.logger = logger
        self.reporter = reporter
        self.keepsSockets = keepsSockets
    }

    // MARK: Attaching

    /// Attaches a locator: starts its plugin, or gives back the one it had.
    func attach(_ request: AttachRequest, peer: PeerCredentials, link: LocatorLink) async -> Result<Attached, RefusalError> {
        do {
            guard !stopped else { throw Self.stopping }
            try AttachAuthority.check(peer, to: "attach")
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

    private static let stopping = GatewayError(
        .unavailable, "the gateway is stopping", remedy: "Wait: the locator tries again by itself")

    private func resumed(_ request: AttachRequest, _ link: LocatorLink) -> Entry? {
        guard let socket = request.hostSocket,
            let id = entries.first(where: {
                $0.value.attachment.hostSocket == socket && $0.value.plan.request.directory == request.directory
            })?.key,
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
        if let socket = request.hostSocket {
            guard reopening.insert(socket).inserted else {
                throw GatewayError(
                    .unavailable, "the host socket is being opened for this locator's request before this one",
                    remedy: "Wait: the locator tries again by itself")
            }
        }
        defer { if let socket = request.hostSocket { reopening.remove(socket) } }
        let waiting = request.hostSocket.flatMap { held[$0] }
        let plan = try AttachmentPlan.make(request, configuration: configuration, inherited: waiting?.socket)
        let logs = LogFanout(
            logger: logger, attachmentID: plan.attachmentID, secrets: SecretValues(environment: request.environment),
            toHost: configuration.logs.toHost && request.logsWanted)
        logs.attach(link)
        let specification = plan.specification(on: group.next(), logs: logs)
        let observers = observers(id: plan.attachmentID, pluginID: plan.plugin.id)
        let attachment: Attachment
        if let waiting, let resumed = await resume(specification, waiting, observers) {
            attachment = resumed
        } else {
            attachment = try await Attachment.open(specification, observers: observers)
        }
        return try await opened(attachment, plan, logs, link, peer, behind: attachment.isInService ? nil : waiting)
    }

    private func opened(
        _ attachment: Attachment, _ plan: AttachmentPlan, _ logs: LogFanout, _ link: LocatorLink, _ peer: PeerCredentials,
        behind waiting: HeldHostSocket?
    ) async throws -> Entry {
        guard !stopped else {
            if let waiting {
                // The next gateway serves this socket.
                _ = await attachment.suspend(cap: .zero)
                await attachment.finishSuspended()
                await waiting.release()
            } else {
                await attachment.close(cap: .zero)
            }
            throw Self.stopping
        }
        var entry = Entry(
            attachment: attachment, plan: plan, logs: logs, snapshots: reporter.add(attachment.statistics), link: link)
        if keepsSockets {
            DescriptorStore.keep(attachment.hostDescriptor, name: InheritedHostSocket.name(attachmentID: attachment.id))
        }
        if let waiting { entry.resumption = Task { await self.bringIntoService(attachment, behind: waiting) } }
        entries[attachment.id] = entry
        logger.event(
            .pluginAttached, "plugin attached",
            [
                .plugin: attachment.pluginID, .attachment: attachment.id, .socket: attachment.hostSocket,
                .executable: attachment.executable, .locatorPID: "\(peer.pid)", .reason: attachment.path?.reason ?? "",
            ])
        return entry
    }

    private nonisolated func observers(id: String, pluginID: String) -> Attachment.Observers {
        let events = SupervisionJournal(logger: logger, pluginID: pluginID, attachmentID: id)
        return Attachment.Observers(
            supervision: { event in
                events.record(event)
                if case .ended(.shutDown) = event.kind {
                    Task { await self.ended(id, .shutdown, "the host shut the plugin down") }
                }
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
        entry.resumption?.cancel()
        entry.renewal?.cancel()
        await entry.attachment.close(cap: .milliseconds(200))
        if keepsSockets { DescriptorStore.drop(name: InheritedHostSocket.name(attachmentID: id)) }
        entry.link?.sendLast(.ended(EndReason(code: code, message: reason)))
        entry.attachment.takeLastStock()
        reporter.remove(entry.snapshots)
        logger.event(
            .pluginDetached, "plugin detached", [.plugin: entry.attachment.pluginID, .attachment: id, .reason: reason])
        closing[id] = nil
    }

    // MARK: Stopping

    /// Finishes calls, then stops every plugin. Locators are not told to end: they wait for the gateway to come back.
    ///
    /// - Returns: the calls that had to be cut off.
    package func stop() async -> DrainReport {
        stopped = true
        let all = entries
        entries = [:]
        let cap = configuration.limits.drainCap
        let unclaimed = held
        held = [:]
        let report = await withTaskGroup(of: DrainReport.self) { group in
            for entry in all.values {
                entry.linger?.cancel()
                group.addTask { [keepsSockets] in await Self.stop(entry, keepsSocket: keepsSockets, cap: cap) }
            }
            for task in closing.values {
                group.addTask {
                    await task.value
                    return DrainReport()
                }
            }
            for socket in unclaimed.values {
                group.addTask {
                    await socket.release()
                    return DrainReport()
                }
            }
            var report = DrainReport()
            for await part in group { report.add(part) }
            return report
        }
        for entry in all.values {
            entry.attachment.takeLastStock()
            reporter.remove(entry.snapshots)
            entry.link?.sendLast(.ended(EndReason(code: .gatewayStopping, message: "the gateway stops or restarts")))
        }
        return report
    }

    // MARK: Status

    func status() -> [AttachmentStatus] {
        entries.values.map { AttachmentStatus.of($0.attachment, hasLocator: $0.link != nil) }.sorted {
            ($0.plugin, $0.attachment) < ($1.plugin, $1.attachment)
        }
    }
}
