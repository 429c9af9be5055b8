/// A connection of a host, in whatever way it is served.
protocol ServedConnection: AnyObject {
    /// What was chosen for it.
    var mode: ConnectionMode { get }
    /// Whether it has been told to end.
    var isDraining: Bool { get }
    /// Whether the ends of its calls are seen.
    var isObserved: Bool { get }
    var openCalls: Int { get }
    /// Bytes received from the host and neither consumed nor written on.
    var heldBytes: Int { get }
    /// Bytes for the host that have not gone out.
    var unwrittenBytes: Int { get }

    /// Tells the host to move to a new connection; open calls go on, and the connection ends after the last.
    func drain(reason: String)
    /// Ends every call with a status, closes, and returns the calls that were open.
    func cut(_ status: GRPCStatus) -> [OpenCall]
}
