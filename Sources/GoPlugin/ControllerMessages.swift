/// go-plugin's controller, by which a host ends its plugin. Builds of 2018 lack it (UNIMPLEMENTED).
package enum ControllerMessages {
    package static let shutdown = "/plugin.GRPCController/Shutdown"

    /// plugin.Empty, both ways. The reply often arrives as UNAVAILABLE, since the process exits within milliseconds.
    package static let empty: [UInt8] = []
}

/// go-plugin's broker for further connections. No version of the plugin protocol uses it; peers may open its stream all the same.
package enum BrokerMessages {
    package static let startStream = "/plugin.GRPCBroker/StartStream"
}
