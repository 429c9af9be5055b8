/// Decides where connections and calls go. Unless said otherwise its methods are called on the event loop of the host server: they
/// must answer at once and never block.
package protocol CallRouter: Sendable {
    /// How a connection that was just accepted is served; also asked again by `HostServer.reconsider`.
    func mode() -> ConnectionMode
    /// The mode once it is known; called from a task while a connection is undecided, and cancelled when it is no longer wanted.
    /// `.undecided` counts as `.terminate`.
    func modeWhenKnown() async -> ConnectionMode
    /// Where one call of a terminated connection goes.
    func route(_ head: CallHead) -> CallRoute
    /// A call begins on a relayed connection. Called before its bytes go to the plugin.
    func noticed(path: String)
    /// How many bytes of the first reply message of a relayed call are wanted in ``CallSummary/firstReply``.
    func excerpt(path: String) -> Int
    /// Whether a call of this method lasts as long as its connection, such as a plugin's output: a relayed connection that is to move does
    /// not wait for its end.
    func isLifelong(path: String) -> Bool
    /// Called once at the end of every call that can be observed, however it ended.
    func ended(_ summary: CallSummary)
}

extension CallRouter {
    package func mode() -> ConnectionMode { .terminate }
    package func modeWhenKnown() async -> ConnectionMode { self.mode() }
    package func noticed(path: String) {}
    package func excerpt(path: String) -> Int { 0 }
    package func isLifelong(path: String) -> Bool { false }
}

/// Where one call goes.
package enum CallRoute: Sendable {
    /// Byte for byte to the plugin and back. The client must live on the event loop of the host server.
    case forward(PluginClient, ForwardTerms = ForwardTerms())
    /// To a handler. Its task is cancelled when the host cancels, the connection is lost, or the deadline passes.
    case answer(@Sendable (ServerCall) async -> CallEnd)
    /// Not known yet: decided by the closure, while the call waits. A second `pending` is refused.
    case pending(@Sendable () async -> CallRoute)
    /// Answered with this status at once.
    case refuse(GRPCStatus)
}
