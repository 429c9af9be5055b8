/// The first line a go-plugin plugin prints on its standard output:
/// `core version | application version | network | address | protocol | certificate | multiplexing`.
///
/// Old peers print five fields, most print six with an empty sixth, new ones seven. Builds of 2018 put 48 characters of encoded
/// JSON where the certificate belongs, so only a longer field counts as one (the rule of go-plugin's own client).
package struct HandshakeLine: Sendable, Equatable {
    /// Bytes of a line, without its newline, that are read at most.
    package static let maximumBytes = 64 * 1024

    /// A sixth field up to this many characters is not a certificate.
    package static let longestNonCertificate = 50

    package enum Network: String, Sendable {
        case unix, tcp
    }

    package enum WireProtocol: String, Sendable {
        case grpc, netrpc
    }

    /// The version of the handshake itself: 1 since there is go-plugin.
    package var coreVersion: Int
    /// The major version of the plugin protocol.
    package var appVersion: Int
    package var endpoint: PluginEndpoint
    package var wireProtocol: WireProtocol
    /// The server's certificate, base64 of DER without padding: the plugin speaks TLS.
    package var certificate: String?
    /// Whether the plugin multiplexes its connection with yamux; nil when it did not say.
    package var multiplexing: Bool?

    package var network: Network {
        switch endpoint {
        case .unix: .unix
        case .tcp: .tcp
        }
    }

    /// The address as it is printed: an absolute path, or `host:port`.
    package var address: String { endpoint.printed }

    package init(
        coreVersion: Int = 1, appVersion: Int, endpoint: PluginEndpoint, wireProtocol: WireProtocol = .grpc,
        certificate: String? = nil, multiplexing: Bool? = nil
    ) {
        self.coreVersion = coreVersion
        self.appVersion = appVersion
        self.endpoint = endpoint
        self.wireProtocol = wireProtocol
        self.certificate = certificate
        self.multiplexing = multiplexing
    }

    /// The line without its newline, always with the sixth field: `1|2|unix|/run/p.sock|grpc|`.
    package var printed: String {
        var line = "\(coreVersion)|\(appVersion)|\(network.rawValue)|\(address)|\(wireProtocol.rawValue)|\(certificate ?? "")"
        if let multiplexing { line += "|\(multiplexing)" }
        return line
    }
}

extension HandshakeLine {
    /// Reads what a plugin printed up to (or with) its first newline. White space around the line is ignored, as are fields after
    /// the seventh.
    package init(parsing line: some Collection<UInt8>) throws(HandshakeError) {
        // Counted without walking a hostile collection to its end.
        guard line.index(line.startIndex, offsetBy: Self.maximumBytes + 2, limitedBy: line.endIndex) == nil else {
            throw .lineTooLong
        }
        let bytes = Self.trimmed(Array(line))
        guard bytes.count <= Self.maximumBytes else { throw .lineTooLong }
        guard !bytes.isEmpty else { throw .emptyLine }

        let fields = bytes.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false)
        guard fields.count >= 4, let core = Self.version(fields[0]) else { throw .notAHandshake(bytes) }
        guard core == 1 else { throw .coreVersion(core) }
        guard let application = Self.version(fields[1]) else { throw .appVersion(fields[1]) }
        guard let network = Network(rawValue: Self.text(fields[2])) else { throw .network(fields[2]) }

        coreVersion = core
        appVersion = application
        switch network {
        case .unix: endpoint = try .unix(parsing: fields[3])
        case .tcp: endpoint = try .tcp(parsing: fields[3])
        }
        // A line of four fields is from before gRPC.
        if fields.count > 4 {
            guard let wire = WireProtocol(rawValue: Self.text(fields[4])) else { throw .wireProtocol(fields[4]) }
            wireProtocol = wire
        } else {
            wireProtocol = .netrpc
        }
        certificate = fields.count > 5 && fields[5].count > Self.longestNonCertificate ? Self.text(fields[5]) : nil
        multiplexing = nil
        if fields.count > 6 {
            // Go's strconv.ParseBool.
            switch Self.text(fields[6]) {
            case "": break
            case "1", "t", "T", "true", "TRUE", "True": multiplexing = true
            case "0", "f", "F", "false", "FALSE", "False": multiplexing = false
            default: throw .multiplexing(fields[6])
            }
        }
    }

    /// Whether the gateway, as the host that offered `offered`, can speak to this plugin; throws why not.
    package func checkSpeakable(offered: OfferedVersions) throws(HandshakeError) {
        guard wireProtocol == .grpc else { throw .netrpc }
        guard certificate == nil else { throw .transportSecurity }
        guard multiplexing != true else { throw .yamux }
        // Plugins with one version answer it whatever was offered.
        guard offered.contains(appVersion) else { throw .versionNotOffered(appVersion, offered: offered) }
    }

    private static func version(_ field: ArraySlice<UInt8>) -> Int? {
        guard !field.isEmpty, field.count <= 9, field.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return field.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    private static func text(_ field: ArraySlice<UInt8>) -> String {
        String(decoding: field, as: UTF8.self)
    }

    private static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
        let isSpace = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
        guard let first = bytes.firstIndex(where: { !isSpace($0) }), let last = bytes.lastIndex(where: { !isSpace($0) })
        else { return [] }
        return Array(bytes[first...last])
    }
}
