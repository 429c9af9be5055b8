/// Where the gateway's control socket is.
package enum ControlSocket {
    /// Names the socket for the locator and the command line.
    package static let variable = "PLUGIN_GATEWAY_SOCKET"
    package static let defaultPath = "/run/plugin-gateway/control.sock"

    /// The path to use with `value` of the variable: an empty one counts as not set.
    package static func path(variable value: String?) -> String {
        guard let value, !value.isEmpty else { return defaultPath }
        return value
    }
}
