internal import Glibc
internal import Logging
internal import NIOCore
internal import PluginSupervision
internal import Routing
internal import Telemetry
internal import Transport

/// Host sockets that outlive the process: what a gateway does with those of the one before it.
extension AttachmentRegistry {
    /// Takes over what systemd kept. Nothing accepts on these sockets until their locators have come back.
    ///
    /// - Parameter waiting: since when connections may wait on them.
    func hold(_ sockets: [InheritedHostSocket], waiting: Duration) {
        let limits = configuration.limits
        for socket in sockets {
            held[socket.path] = HeldHostSocket(
                socket, on: group.next(), patience: limits.connectionPatience, waiting: waiting)
        }
        guard !sockets.isEmpty else { return }
        let patience = limits.detachLinger + limits.returnPatience
        Task {
            try? await Task.sleep(for: patience)
            await self.giveUpHeld(after: patience)
        }
    }

    /// Closes what nobody came back for.
    private func giveUpHeld(after patience: Duration) async {
        guard !stopped else { return }
        let unclaimed = held
        held = [:]
        for socket in unclaimed.values {
            DescriptorStore.drop(name: socket.socket.name)
            await socket.remove(on: group.next())
            logger.event(
                .pluginDetached, at: .warning, "a host socket was given up",
                [
                    .attachment: socket.socket.attachmentID, .socket: socket.socket.path,
                    .reason: "its locator did not come back within \(ConfigurationValue.text(patience)) of the gateway's restart",
                ])
        }
    }

    /// Opens an attachment behind a held socket; nil when the socket is of no use any more, and a new one must be made.
    func resume(
        _ specification: Attachment.Specification, _ waiting: HeldHostSocket, _ observers: Attachment.Observers
    ) async -> Attachment? {
        let path = waiting.socket.path
        let copy = await waiting.copy()
        if copy >= 0 {
            do {
                let attachment = try await Attachment.resume(specification, inherited: copy, observers: observers)
                waiting.explain("\(specification.settings.pluginID) is being started by plugin-gateway, which was restarted")
                held[path] = nil
                return attachment
            } catch {
                close(copy)
                logger.event(
                    .transport, at: .warning, "an inherited host socket is of no use; a new one takes its place",
                    [.plugin: specification.settings.pluginID, .socket: path, .reason: "\(error)"])
            }
        }
        held[path] = nil
        DescriptorStore.drop(name: waiting.socket.name)
        await waiting.remove(on: group.next())
        return nil
    }

    /// Waits until the plugin has negotiated, and lets the connections in. Until then calls of those that wait too long are answered
    /// by a stand-in.
    nonisolated func bringIntoService(_ attachment: Attachment, behind waiting: HeldHostSocket) async {
        let plugin = attachment.pluginID
        let isRunning = await attachment.negotiated { waiting.explain("\(plugin): \($0.message). \($0.remedy)") }
        await waiting.release()
        if isRunning, !Task.isCancelled { attachment.startAccepting() }
    }

    /// Finishes the calls of one attachment, then stops its plugin.
    static func stop(_ entry: Entry, keepsSocket: Bool, cap: Duration) async -> DrainReport {
        entry.renewal?.cancel()
        entry.resumption?.cancel()
        // Nothing may begin to accept behind our back. This one ends at once.
        await entry.resumption?.value
        guard keepsSocket else { return await entry.attachment.close(cap: cap) }
        var report = await entry.attachment.suspend(cap: cap)
        if let renewal = entry.renewal {
            await renewal.value
            report.add(await entry.attachment.suspend(cap: cap))
        }
        await entry.attachment.finishSuspended()
        return report
    }
}
