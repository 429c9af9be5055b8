internal import ControlProtocol
internal import Glibc
internal import GoPlugin

/// What ends a locator with an error: one line for the host's log, and an exit status after sysexits.
struct LocatorFailure: Error {
    let code: String
    let message: String
    let remedy: String
    let status: Int32

    /// Everything in one line, since that is what a host shows.
    var text: String { remedy.isEmpty ? message : "\(message); \(remedy)" }
}

extension LocatorFailure {
    private enum Status {
        static let failed: Int32 = 1
        static let usage: Int32 = 64
        static let unavailable: Int32 = 69
        static let `internal`: Int32 = 70
        static let permission: Int32 = 77
        static let configuration: Int32 = 78
    }

    init(_ error: HostOfferError) {
        let byHand = error.code == .startedByHand || error.code == .wrongCookie
        self.init(
            code: error.code.rawValue, message: error.message, remedy: error.remedy,
            status: byHand ? Status.usage : Status.configuration)
    }

    init(_ refusal: Refusal) {
        let status =
            switch refusal.code {
            case .notAuthorized: Status.permission
            case .pluginUnknown, .executableRejected, .invalidRequest, .versionMismatch, .hostSocketUnavailable:
                Status.configuration
            case .limitReached, .pluginFailed, .unavailable: Status.unavailable
            case .internal, .other: Status.internal
            }
        self.init(
            code: refusal.code.rawValue, message: "plugin-gateway refused to run this plugin: \(refusal.message)",
            remedy: refusal.remedy,
            status: status)
    }

    init(_ reason: EndReason) {
        self.init(
            code: reason.code.rawValue, message: "plugin-gateway gave this plugin up: \(reason.message)", remedy: "",
            status: Status.failed)
    }

    init(_ error: ControlError) {
        self.init(
            code: error.code.rawValue, message: "plugin-gateway and this locator do not understand each other: \(error.message)",
            remedy: error.remedy, status: Status.internal)
    }

    static func gatewayAbsent(path: String, problem: String, seconds: Double) -> LocatorFailure {
        LocatorFailure(
            code: "gatewayAbsent",
            message: "plugin-gateway cannot be reached at \(path), tried for \(Int(seconds.rounded(.up))) s: \(problem)",
            remedy:
                "start it with \"systemctl start plugin-gateway.socket\", or set \(ControlSocket.variable) to where its control"
                + " socket is",
            status: Status.unavailable)
    }

    static func cannotConnect(path: String, number: Int32) -> LocatorFailure {
        switch number {
        case EACCES, EPERM:
            LocatorFailure(
                code: "permissionDenied",
                message: "user \(geteuid()) may not connect to plugin-gateway at \(path): \(Process.text(ofError: number))",
                remedy:
                    "Grafana must run as the user or in the group that owns this socket (grafana, unless the service was"
                    + " changed)",
                status: Status.permission)
        case ENAMETOOLONG:
            LocatorFailure(
                code: "socketPathTooLong",
                message: "the path of plugin-gateway's control socket is too long for a socket address: \(path)",
                remedy: "set runtime_directory of the gateway and \(ControlSocket.variable) to a path of at most"
                    + " \(PluginEndpoint.maximumPathBytes) bytes",
                status: Status.configuration)
        default:
            LocatorFailure(
                code: "cannotConnect", message: "plugin-gateway cannot be reached at \(path): \(Process.text(ofError: number))",
                remedy: "check what \(ControlSocket.variable) names, and that it is the gateway's control socket",
                status: Status.unavailable)
        }
    }

    static let badHostSocket = LocatorFailure(
        code: "badHostSocket", message: "plugin-gateway named a host socket whose path cannot stand in a handshake line",
        remedy: "set runtime_directory of the gateway to a short absolute path without \"|\"", status: Status.configuration)

    static let otherHostSocket = LocatorFailure(
        code: "otherHostSocket",
        message: "plugin-gateway came back with another host socket than before, where the host does not look",
        remedy: "nothing is to be done: the host starts this plugin again; keep runtime_directory the same to avoid it",
        status: Status.unavailable)

    static let unexpectedMessage = LocatorFailure(
        code: "unexpectedMessage", message: "plugin-gateway sent a message that makes no sense to a locator",
        remedy:
            "check that \(ControlSocket.variable) names the gateway's control socket, and run plugin-gateway wrap on the plugin"
            + " again",
        status: Status.internal)

    static func cannotWait(number: Int32) -> LocatorFailure {
        LocatorFailure(
            code: "cannotWait", message: "waiting for events failed: \(Process.text(ofError: number))",
            remedy: "check the limits the host sets for its plugins", status: Status.internal)
    }
}
