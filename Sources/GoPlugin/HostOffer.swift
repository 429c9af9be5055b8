/// What a go-plugin host tells the plugin it starts, by environment variables.
package struct HostOffer: Sendable, Equatable {
    package static let clientCertificateVariable = "PLUGIN_CLIENT_CERT"
    package static let socketDirectoryVariable = "PLUGIN_UNIX_SOCKET_DIR"
    package static let socketGroupVariable = "PLUGIN_UNIX_SOCKET_GROUP"

    /// The value of the magic cookie; nil when no host started this process.
    package var cookie: String?
    /// nil when the host does not say: hosts from before versioned plugins.
    package var versions: OfferedVersions?
    /// Whether the host asks for AutoMTLS.
    package var wantsTransportSecurity: Bool
    /// Where the host can reach a socket, when it names a place, and the group it shares it with.
    package var socketDirectory: String?
    package var socketGroup: String?

    package init(environment: [(String, String)]) {
        func value(_ name: String) -> String? {
            let found = environment.last { $0.0.utf8.elementsEqual(name.utf8) }?.1
            return found?.isEmpty == true ? nil : found
        }
        cookie = value(MagicCookie.key)
        versions = value(OfferedVersions.variable).map(OfferedVersions.init(parsing:))
        wantsTransportSecurity = value(Self.clientCertificateVariable) != nil
        socketDirectory = value(Self.socketDirectoryVariable)
        socketGroup = value(Self.socketGroupVariable)
    }

    /// Whether a plugin of version `served` can answer this host without TLS; throws the first reason why not.
    ///
    /// - Parameter name: the plugin's executable, for the message.
    package func check(served: Int, name: String) throws(HostOfferError) {
        let quoted = Excerpt.of(name.utf8)
        guard let cookie else { throw .startedByHand(quoted) }
        guard MagicCookie.known.contains(cookie) else { throw .wrongCookie(Excerpt.of(cookie.utf8)) }
        guard let versions else { throw .versionsNotOffered(served: served) }
        guard versions.contains(served) else { throw .versionMissing(versions, served: served) }
        guard !wantsTransportSecurity else { throw .transportSecurity }
    }
}

/// Why a host cannot be answered.
package struct HostOfferError: Error, Sendable, Equatable {
    package enum Code: String, Sendable {
        case startedByHand, wrongCookie, versionMissing, transportSecurity
    }

    package var code: Code
    package var message: String
    package var remedy: String

    private static let putBack = "\"plugin-gateway unwrap PLUGIN_DIR\" puts the plugin's own executable back"

    static func startedByHand(_ name: String) -> HostOfferError {
        HostOfferError(
            code: .startedByHand,
            message:
                "\(name) is the plugin-locator of plugin-gateway, which stands in the place of a Grafana plugin's executable, and"
                + " Grafana did not start it (\(MagicCookie.key) is not set)",
            remedy: "let Grafana start it; the plugin itself is the file of this name with .wrapped behind it, and"
                + " \"plugin-gateway unwrap PLUGIN_DIR\" puts it back")
    }

    static func wrongCookie(_ value: String) -> HostOfferError {
        HostOfferError(
            code: .wrongCookie,
            message: "the host started this as a plugin of type \(value), plugin-gateway knows"
                + " \(MagicCookie.known.joined(separator: " and ")) (\(MagicCookie.key))",
            remedy: "the host must start it as a Grafana plugin, or \(putBack)")
    }

    static func versionsNotOffered(served: Int) -> HostOfferError {
        HostOfferError(
            code: .versionMissing,
            message:
                "the host does not offer version \(served) of the plugin protocol (it sets no"
                + " \(OfferedVersions.variable), so it speaks a single older version)",
            remedy: "Grafana must be upgraded to 7.0 or later, or \(putBack)")
    }

    static func versionMissing(_ offered: OfferedVersions, served: Int) -> HostOfferError {
        let newer = offered.versions.allSatisfy { $0 > served } && !offered.versions.isEmpty
        return HostOfferError(
            code: .versionMissing,
            message:
                "the host does not offer version \(served) of the plugin protocol (it offers"
                + " \(Excerpt.of(offered.printed.utf8)))",
            remedy: newer
                ? "plugin-gateway must be upgraded to one that serves version \(offered.versions.min() ?? served)"
                : "Grafana must be upgraded to 7.0 or later, or \(putBack)")
    }

    static let transportSecurity = HostOfferError(
        code: .transportSecurity,
        message:
            "the host asks for AutoMTLS (\(HostOffer.clientCertificateVariable) is set), which plugin-gateway does not speak",
        remedy: "the host must switch AutoMTLS off in its go-plugin client; the socket is private to its user and group")
}
