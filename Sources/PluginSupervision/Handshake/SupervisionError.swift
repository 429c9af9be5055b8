/// Why a plugin does not run.
package struct SupervisionError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable, CaseIterable {
        // Starting the process.
        case spawnFailed = "spawn-failed"
        case temporaryDirectory = "temporary-directory"
        case outOfDescriptors = "out-of-descriptors"
        // Its file, when it is looked for again.
        case executableMissing = "executable-missing"
        case executableRefused = "executable-refused"
        case executableChanging = "executable-changing"
        case executableBusy = "executable-busy"
        // The handshake.
        case handshakeGarbage = "handshake-garbage"
        case handshakeEmpty = "handshake-empty"
        case handshakeFlood = "handshake-flood"
        case handshakeTimeout = "handshake-timeout"
        case exitedBeforeHandshake = "exited-before-handshake"
        case closedStdout = "closed-stdout"
        case versionNotOffered = "version-not-offered"
        case coreVersionUnknown = "core-version-unknown"
        case protocolUnsupported = "protocol-unsupported"
        case encryptionUnsupported = "encryption-unsupported"
        case multiplexingUnsupported = "multiplexing-unsupported"
        case addressUnusable = "address-unusable"
        // The connection.
        case socketMissing = "socket-missing"
        case connectFailed = "connect-failed"
        case unhealthy = "unhealthy"
        case connectionLost = "connection-lost"
        // Later.
        case crashed = "crashed"
        case exited = "exited"
        case stopped = "stopped"
        case shutDown = "shut-down"
    }

    /// Which side must change for this to go away.
    package enum Side: String, Sendable {
        case plugin, gateway, host, nobody
    }

    package var code: Code
    /// What happened.
    package var message: String
    /// What lay underneath, such as the operating system's or the transport's words.
    package var cause: String?
    package var side: Side
    /// Which side must change, and to what.
    package var remedy: String
    /// The end of the plugin's stderr, oldest line first, bounded.
    package var lastWords: [String]
    /// When the supervisor tries again, counted from the moment this error was thrown; nil when no attempt is planned.
    package var retryAfter: Duration?

    package init(
        _ code: Code, _ message: String, cause: String? = nil, side: Side, remedy: String, lastWords: [String] = [],
        retryAfter: Duration? = nil
    ) {
        self.code = code
        self.message = message
        self.cause = cause
        self.side = side
        self.remedy = remedy
        self.lastWords = lastWords
        self.retryAfter = retryAfter
    }

    /// Everything but the remedy's side and the code in one line: what a caller's status message should say.
    package var description: String {
        var text = message
        if let cause { text += ": \(cause)" }
        if !lastWords.isEmpty { text += "; its last words: \(lastWords.suffix(3).joined(separator: " ⏎ "))" }
        if let retryAfter { text += "; the next attempt is in \(retryAfter.tenthsOfSeconds) s" }
        return "\(text); \(remedy)"
    }
}

extension Duration {
    /// As `12.3`, for people.
    var tenthsOfSeconds: String {
        let tenths = max(0, components.seconds * 10 + components.attoseconds / 100_000_000_000_000_000)
        return "\(tenths / 10).\(tenths % 10)"
    }
}
