internal import GoPlugin

/// How the wait for a plugin's handshake line ended.
enum HandshakeOutcome: Sendable, Equatable {
    case line([UInt8])
    case tooLong
    /// Standard output was closed, yet the process lives on.
    case closed
    case exited(ExitStatus)
    /// With what it had printed without a line feed.
    case timedOut([UInt8])

    /// The line that tells where to connect.
    ///
    /// - Throws: why there is none that can be used. The plugin's last words are added later, when its stderr has been read.
    func accepted(offered: OfferedVersions, timeout: Duration) throws(SupervisionError) -> HandshakeLine {
        switch self {
        case .line(let bytes):
            do {
                let line = try HandshakeLine(parsing: bytes)
                try line.checkSpeakable(offered: offered)
                return line
            } catch {
                throw SupervisionError(error)
            }
        case .tooLong:
            throw SupervisionError(
                .handshakeFlood,
                "the plugin printed more than \(HandshakeLine.maximumBytes) bytes without a line feed in place of its handshake",
                side: .plugin,
                remedy: "the plugin must print its handshake as the first line of stdout, and everything else to stderr")
        case .closed:
            throw SupervisionError(
                .closedStdout, "the plugin closed its standard output without a handshake, and went on running", side: .plugin,
                remedy: "the plugin must print its handshake before it closes stdout or turns itself into a daemon")
        case .exited(let status):
            throw SupervisionError(
                .exitedBeforeHandshake, "the plugin ended with \(status) before its handshake", side: .plugin,
                remedy: Self.remedy(for: status))
        case .timedOut(let pending):
            throw SupervisionError(
                .handshakeTimeout,
                "the plugin printed no handshake within \(timeout.tenthsOfSeconds) s"
                    + (pending.isEmpty ? "" : ", but \(Excerpt.of(pending)) without a line feed"),
                side: .plugin,
                remedy:
                    "the plugin must print its handshake sooner; a higher `limits.handshake_timeout` helps only below the host's 60 s"
            )
        }
    }

    private static func remedy(for status: ExitStatus) -> String {
        switch status {
        case .code(0):
            "an exit without error and without handshake usually means that it could not make its socket: see its last words"
        case .signal:
            "see the plugin's last words; a SIGSYS points to the system call filter of the gateway's service, a SIGKILL to its memory limit"
        default:
            "see the plugin's last words: it may be built for another kind of host, or lack a file or a setting"
        }
    }
}

extension SupervisionError {
    /// A handshake line that was read but cannot be used.
    init(_ error: HandshakeError) {
        let code: Code
        switch error.code {
        case .lineTooLong: code = .handshakeFlood
        case .emptyLine: code = .handshakeEmpty
        case .notAHandshake, .appVersion: code = .handshakeGarbage
        case .coreVersion: code = .coreVersionUnknown
        case .network, .address, .notLoopback: code = .addressUnusable
        case .wireProtocol, .netrpc: code = .protocolUnsupported
        case .multiplexing: code = .multiplexingUnsupported
        case .transportSecurity: code = .encryptionUnsupported
        case .versionNotOffered: code = .versionNotOffered
        }
        self.init(code, error.message, side: .plugin, remedy: error.remedy)
    }
}
