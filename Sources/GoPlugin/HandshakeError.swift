/// Why a plugin's handshake line cannot be used: what was read, and who must change what.
package struct HandshakeError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case lineTooLong, emptyLine, notAHandshake
        case coreVersion, appVersion, network, address, notLoopback, wireProtocol, multiplexing
        case netrpc, transportSecurity, versionNotOffered
    }

    package var code: Code
    /// What happened. Quotes of the plugin's output are bounded, and everything but printable ASCII in them is escaped.
    package var message: String
    /// What to change, and on which side.
    package var remedy: String

    package init(code: Code, message: String, remedy: String) {
        self.code = code
        self.message = message
        self.remedy = remedy
    }

    package var description: String { "\(message); \(remedy)" }
}

extension HandshakeError {
    private static let rebuild = "the plugin must print a go-plugin handshake of the form 1|2|unix|/path/to/socket|grpc|"

    static let lineTooLong = HandshakeError(
        code: .lineTooLong,
        message: "the plugin's first line of output is longer than \(HandshakeLine.maximumBytes) bytes",
        remedy: "the plugin must print its go-plugin handshake as its first line; move other output to stderr")

    static let emptyLine = HandshakeError(
        code: .emptyLine, message: "the plugin's first line of output is empty",
        remedy: "the plugin must print its go-plugin handshake as its first line; move other output to stderr")

    static func notAHandshake(_ line: [UInt8]) -> HandshakeError {
        HandshakeError(
            code: .notAHandshake, message: "the plugin's first line of output is no go-plugin handshake: \(Excerpt.of(line))",
            remedy:
                "check that this executable is the plugin's backend; \(rebuild) as its first line, other output belongs on stderr"
        )
    }

    static func coreVersion(_ version: Int) -> HandshakeError {
        HandshakeError(
            code: .coreVersion, message: "the plugin speaks version \(version) of the go-plugin handshake, the gateway version 1",
            remedy: "plugin-gateway must be upgraded to one that knows version \(version), or the plugin built with go-plugin 1.x"
        )
    }

    static func appVersion(_ field: ArraySlice<UInt8>) -> HandshakeError {
        HandshakeError(
            code: .appVersion, message: "the plugin's handshake has no number as its protocol version: \(Excerpt.of(field))",
            remedy: rebuild)
    }

    static func network(_ field: ArraySlice<UInt8>) -> HandshakeError {
        HandshakeError(
            code: .network, message: "the plugin's handshake names the network \(Excerpt.of(field)), known are unix and tcp",
            remedy: rebuild)
    }

    static func address(_ field: ArraySlice<UInt8>, _ reason: String) -> HandshakeError {
        HandshakeError(
            code: .address, message: "the plugin's handshake has an unusable address, \(Excerpt.of(field)): \(reason)",
            remedy:
                "the plugin must listen on a unix socket with an absolute path (of at most \(PluginEndpoint.maximumPathBytes)"
                + " bytes)"
                + " or on a loopback address such as 127.0.0.1:50051")
    }

    static func notLoopback(_ field: ArraySlice<UInt8>) -> HandshakeError {
        HandshakeError(
            code: .notLoopback, message: "the plugin says it listens on \(Excerpt.of(field)), which is not a loopback address",
            remedy:
                "the plugin must listen on a unix socket or on 127.0.0.1: the gateway does not carry its traffic to other"
                + " machines"
        )
    }

    static func wireProtocol(_ field: ArraySlice<UInt8>) -> HandshakeError {
        HandshakeError(
            code: .wireProtocol, message: "the plugin's handshake names the protocol \(Excerpt.of(field)), known is grpc",
            remedy: rebuild)
    }

    static func multiplexing(_ field: ArraySlice<UInt8>) -> HandshakeError {
        HandshakeError(
            code: .multiplexing,
            message: "the seventh field of the plugin's handshake is neither true nor false: \(Excerpt.of(field))",
            remedy: rebuild)
    }

    static let netrpc = HandshakeError(
        code: .netrpc, message: "the plugin speaks net/rpc, which no version of the plugin protocol uses",
        remedy: "the plugin must be built with a gRPC server (GRPCServer in go-plugin's ServeConfig)")

    static let transportSecurity = HandshakeError(
        code: .transportSecurity,
        message: "the plugin answered with a certificate and expects TLS, which the gateway did not ask for",
        remedy: "the plugin must be built without a TLSProvider in go-plugin's ServeConfig")

    static let yamux = HandshakeError(
        code: .multiplexing, message: "the plugin multiplexes its connection with yamux, which the gateway did not ask for",
        remedy: "the plugin must multiplex only when PLUGIN_MULTIPLEX_GRPC is set in its environment")

    static func versionNotOffered(_ version: Int, offered: OfferedVersions) -> HandshakeError {
        HandshakeError(
            code: .versionNotOffered,
            message: "the plugin speaks version \(version) of the plugin protocol, the gateway offered \(offered.printed)",
            remedy:
                "plugin-gateway must be upgraded to one that reaches version \(version), or the plugin replaced by a build for"
                + " \(offered.printed)")
    }
}
