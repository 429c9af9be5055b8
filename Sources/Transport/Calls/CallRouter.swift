/// Decides where calls go. Called on the event loop of the host server: must answer at once and never block.
package protocol CallRouter: Sendable {
    func route(_ head: CallHead) -> CallRoute
    /// Called once at the end of every call, however it ended.
    func ended(_ summary: CallSummary)
}

/// Where one call goes.
package enum CallRoute: Sendable {
    /// Byte for byte to the plugin and back. The client must live on the event loop of the host server.
    case forward(PluginClient)
    /// To a handler. Its task is cancelled when the host cancels, the connection is lost, or the deadline passes.
    case answer(@Sendable (ServerCall) async -> CallEnd)
    /// Not known yet: decided by the closure, while the call waits. A second `pending` is refused.
    case pending(@Sendable () async -> CallRoute)
    /// Answered with this status at once.
    case refuse(GRPCStatus)
}
