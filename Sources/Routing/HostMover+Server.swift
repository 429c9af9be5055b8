internal import PluginSupervision
internal import Transport

extension HostMover {
    /// The connections to the host socket of an attachment.
    init(_ server: HostServer) {
        self.init(
            move: { reason, cap in _ = await server.reconsider(reason: reason, cap: cap) },
            isBusy: {
                let load = await server.load()
                // Calls that nobody can see have to be taken for going on.
                return load.openCalls > 0 || load.unobserved > 0
            })
    }
}
