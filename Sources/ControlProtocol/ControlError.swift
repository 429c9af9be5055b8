/// The two ends of the control socket.
package enum ControlSide: String, Sendable {
    /// plugin-gateway serve.
    case gateway
    /// The plugin-locator in a plugin's directory, or the plugin-gateway command.
    case client
}

/// What the limits of the control protocol are; each holds for sending and for reading.
package enum ControlLimits {
    /// Bytes of a message, with its version and kind and without its length.
    package static let messageBytes = 4 * 1024 * 1024
    package static let environmentEntries = 10_000
    package static let arguments = 10_000
}

/// Something that cannot be sent, or was received and cannot be used. No text in it quotes what a peer sent.
package struct ControlError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case messageTooLong, malformed, unknownKind, versionMismatch, tooManyEntries, containsNUL, notUTF8, missingField
    }

    package var code: Code
    package var message: String
    package var remedy: String

    package var description: String { "\(message); \(remedy)" }

    /// As the answer to the peer.
    package var refusal: Refusal {
        Refusal(code: code == .versionMismatch ? .versionMismatch : .invalidRequest, message: message, remedy: remedy)
    }
}

extension ControlError {
    private static let samePeers =
        "plugin-gateway and the plugin-locator in the plugin's directory must come from one release: run plugin-gateway wrap"
        + " again"

    static func messageTooLong(_ bytes: Int) -> ControlError {
        ControlError(
            code: .messageTooLong,
            message: "a control message of \(bytes) bytes is over the limit of \(ControlLimits.messageBytes)",
            remedy:
                "the side that sends it must make it smaller: in an attach request these are the environment and arguments that"
                + " Grafana gives the plugin")
    }

    static func malformed(_ what: String) -> ControlError {
        ControlError(code: .malformed, message: "a control message is malformed: \(what)", remedy: samePeers)
    }

    static func unknownKind(_ kind: UInt8) -> ControlError {
        ControlError(code: .unknownKind, message: "a control message is of the unknown kind \(kind)", remedy: samePeers)
    }

    static func tooMany(_ what: String, limit: Int) -> ControlError {
        ControlError(
            code: .tooManyEntries, message: "a control message has more than \(limit) \(what)",
            remedy: "the host must start its plugin with fewer \(what)")
    }

    static func containsNUL(_ what: String) -> ControlError {
        ControlError(
            code: .containsNUL, message: "\(what) in a control message contains a NUL byte",
            remedy: "the side that sends it must leave it out")
    }

    static func notUTF8(_ what: String) -> ControlError {
        ControlError(code: .notUTF8, message: "\(what) in a control message is not valid UTF-8", remedy: samePeers)
    }

    static func missing(_ what: String) -> ControlError {
        ControlError(code: .missingField, message: "a control message lacks its \(what)", remedy: samePeers)
    }

    /// A message of version `theirs` reached `reader`.
    static func versionMismatch(theirs: UInt8, reader: ControlSide) -> ControlError {
        let ours = ControlFrame.currentVersion
        let (gateway, client) = reader == .gateway ? (ours, theirs) : (theirs, ours)
        return ControlError(
            code: .versionMismatch,
            message: "the gateway speaks version \(gateway) of the control protocol, the locator or command version \(client)",
            remedy: gateway < client
                ? "the running gateway is the older one: upgrade plugin-gateway and restart its service"
                : "the locator or command is the older one: upgrade it, a locator by running plugin-gateway wrap on the plugin"
                    + " again"
        )
    }
}
