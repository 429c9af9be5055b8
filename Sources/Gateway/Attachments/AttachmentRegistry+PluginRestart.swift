internal import ControlProtocol
internal import Routing

extension AttachmentRegistry {
    /// Starts the plugin with this id anew in all its attachments, or the one of the attachment with this id. Each goes on serving until
    /// its new process answers; one that was left alone after too many failures is tried at once.
    func restartPlugin(_ id: String, peer: PeerCredentials) -> Result<Restarted, RefusalError> {
        do {
            try AttachAuthority.check(peer, to: "restart plugins")
            let chosen = entries.values.filter { $0.attachment.pluginID == id || $0.attachment.id == id }
            guard !chosen.isEmpty else {
                throw GatewayError(
                    .noInput, "nothing is attached under the id \(DisplayText.quoted(id))",
                    remedy: "Use the id of a plugin or of an attachment that `plugin-gateway status` shows")
            }
            for entry in chosen { entry.attachment.supervisor.restart() }
            return .success(Restarted(pluginID: id, attachments: chosen.count))
        } catch {
            return .failure(RefusalError.of(error))
        }
    }
}
