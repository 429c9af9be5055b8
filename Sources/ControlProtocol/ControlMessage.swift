/// What the locator and the command line say to the gateway over the control socket, and what it answers.
package enum ControlMessage: Sendable {
    // To the gateway.
    case attach(AttachRequest)
    /// The locator goes away for good: its plugin need not wait for a re-attach.
    case detach
    case status
    /// Restart the plugin with this id, in all its attachments.
    case restart(pluginID: String)
    /// Read the configuration anew.
    case reload

    // From the gateway.
    case attached(Attached)
    /// The answer to any request that is not granted. Its form is the same in every version of the protocol.
    case refused(Refusal)
    case log(LogRecord)
    case ended(EndReason)
    /// JSON.
    case statusReport([UInt8])
    case restarted(Restarted)
    /// JSON: what the new configuration changed, or why it was rejected.
    case reloadReport([UInt8])
}

/// The number of a message's kind on the wire. Numbers are never used again for something else.
package enum ControlMessageKind: UInt8, Sendable, CaseIterable {
    case attach = 1
    case detach = 2
    case status = 3
    case restart = 4
    case reload = 5

    case attached = 65
    case refused = 66
    case log = 67
    case ended = 68
    case statusReport = 69
    case restarted = 70
    case reloadReport = 71
}

/// An attachment was granted.
package struct Attached: Sendable, Equatable {
    /// The unix socket the host shall connect to: an absolute path. A re-attach sends it back.
    package var hostSocket: String
    package var attachmentID: String
    package var pluginID: String

    package init(hostSocket: String, attachmentID: String, pluginID: String) {
        self.hostSocket = hostSocket
        self.attachmentID = attachmentID
        self.pluginID = pluginID
    }
}

/// A request was not granted: what happened, and which side must change what.
package struct Refusal: Sendable, Equatable {
    package enum Code: String, Sendable, CaseIterable {
        /// The peer's user may not attach.
        case notAuthorized
        /// The directory is not beneath a configured root, or holds no plugin.
        case pluginUnknown
        /// The executable failed a check: owner, writers, kind of file.
        case executableRejected
        /// The request was understood and makes no sense.
        case invalidRequest
        /// The other side speaks another version of this protocol.
        case versionMismatch
        /// The host socket could not be made where the host can reach it.
        case hostSocketUnavailable
        /// A limit of the gateway is reached.
        case limitReached
        /// The plugin cannot be started.
        case pluginFailed
        /// The gateway is starting or stopping: the same request may succeed in a moment.
        case unavailable
        case `internal`
        /// A code this build does not know.
        case other
    }

    package var code: Code
    package var message: String
    package var remedy: String

    package init(code: Code, message: String, remedy: String) {
        self.code = code
        self.message = message
        self.remedy = remedy
    }
}

/// Why an attachment came to its end.
package struct EndReason: Sendable, Equatable {
    package enum Code: String, Sendable, CaseIterable {
        /// The host shut its plugin down.
        case shutdown
        /// The locator asked for it.
        case detached
        /// The gateway stops or restarts: a locator waits for the next one.
        case gatewayStopping
        /// The plugin cannot be kept running.
        case pluginBroken
        /// A code this build does not know.
        case other
    }

    package var code: Code
    package var message: String

    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }
}

/// The answer to a restart.
package struct Restarted: Sendable, Equatable {
    package var pluginID: String
    /// How many attachments of the plugin are restarting.
    package var attachments: Int

    package init(pluginID: String, attachments: Int) {
        self.pluginID = pluginID
        self.attachments = attachments
    }
}
