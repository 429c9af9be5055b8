internal import Glibc

/// Who is at the other end of the control socket, as the kernel says.
struct PeerCredentials: Sendable {
    let pid: Int32
    let user: UInt32
    let group: UInt32
}

/// Who may attach, and change what runs: the gateway's own user, or root. Anybody else could make the gateway run a plugin with an
/// environment of their choice.
enum AttachAuthority {
    /// - Parameter action: what the peer wants to do, such as `attach`.
    static func check(_ peer: PeerCredentials, to action: String) throws(GatewayError) {
        let own = geteuid()
        guard peer.user == own || peer.user == 0 else {
            throw GatewayError(
                .noPermission,
                "only the gateway's own user (\(own)) and root may \(action); this process runs as user \(peer.user)",
                remedy: action == "attach"
                    ? "Run Grafana and plugin-gateway as the same user (User= of plugin-gateway.service)"
                    : "Run the command as root")
        }
    }
}
