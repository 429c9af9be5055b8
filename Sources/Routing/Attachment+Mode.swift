internal import Transport

extension Attachment {
    /// How the calls of a new connection travel, for the status: `translated`, `relayed`, or `forwarded` where host and plugin speak the
    /// same version and the gateway ends the connection all the same. Nil while no plugin has answered.
    package var mode: String? {
        path.map { path in
            path.mode == .relayed && router.mode() == .terminate ? "forwarded" : path.mode.rawValue
        }
    }
}

extension AttachmentRouter {
    /// Connections of `server` move when they should be served in another way.
    func moveHosts(of server: HostServer) {
        whenModeChanges { [weak server] in
            Task { await server?.reconsider(reason: "the gateway made up for what its plugin lacks", cap: .seconds(8)) }
        }
    }
}
