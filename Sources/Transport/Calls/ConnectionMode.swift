/// How one connection of a host is served. Chosen when it is accepted, and kept until it ends.
package enum ConnectionMode: Sendable, Equatable {
    /// Its bytes go to the plugin at this address and back, untouched.
    case relay(PluginAddress)
    /// HTTP/2 ends at the gateway, and ``CallRouter/route(_:)`` decides for each call.
    case terminate
    /// Not known yet: the connection waits, and nothing is read from it.
    case undecided
}
