extension Attachment {
    /// How the calls of a new connection travel, for the status: `translated`, `relayed`, or `forwarded` where host and plugin speak the
    /// same version and the gateway ends the connection all the same. Nil while no plugin has answered.
    package var mode: String? {
        path.map { path in
            path.mode == .relayed && router.mode() == .terminate ? "forwarded" : path.mode.rawValue
        }
    }
}
