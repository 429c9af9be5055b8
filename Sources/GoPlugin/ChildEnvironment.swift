/// The environment of a plugin behind the gateway: what the host gave the locator, without what belongs to the connection between
/// those two or to the gateway's own service, and with what go-plugin expects.
package enum ChildEnvironment {
    /// Removed with everything that starts so. An inherited `PLUGIN_CLIENT_CERT` makes a plugin speak TLS, `PLUGIN_MULTIPLEX_GRPC`
    /// makes new ones demand yamux, `LD_*` reaches into the process.
    package static let strippedPrefixes = ["PLUGIN_", "LD_", "WATCHDOG_", "LISTEN_"]

    package static let strippedNames: Set<String> = [
        "TMPDIR", "NOTIFY_SOCKET", "JOURNAL_STREAM", "INVOCATION_ID", "CREDENTIALS_DIRECTORY",
    ]

    /// Ports that plugins on systems without unix sockets choose from: go-plugin's own defaults.
    package static let portRange = 10000...25000

    /// Whether a host's variable is passed on to its plugin.
    package static func passes(_ name: String) -> Bool {
        // By bytes: String comparison would treat a name with a combining character after the prefix as something else.
        let bytes = name.utf8
        guard !bytes.isEmpty, !bytes.contains(UInt8(ascii: "=")), !bytes.contains(0) else { return false }
        guard !strippedPrefixes.contains(where: { bytes.starts(with: $0.utf8) }) else { return false }
        return !strippedNames.contains(name) && !bytes.elementsEqual(MagicCookie.key.utf8)
    }

    /// The part of a host's environment that is handed over to the gateway: the names that pass, the last value of each (the one a
    /// C library's getenv may miss and go-plugin means), in the order of their last appearance. Values with a NUL are left out.
    package static func handedOver(_ environment: [(String, String)]) -> [(String, String)] {
        var seen: Set<[UInt8]> = []
        var result: [(String, String)] = []
        for (name, value) in environment.reversed() where passes(name) && !value.utf8.contains(0) {
            if seen.insert(Array(name.utf8)).inserted { result.append((name, value)) }
        }
        return result.reversed()
    }

    /// The whole environment of a plugin.
    ///
    /// - Parameters:
    ///   - handedOver: the host's variables; filtered again, since they come through a socket.
    ///   - cookie: the value of the magic cookie the host used; plugins exit without the one they were built for.
    ///   - versions: the major versions of the plugin protocol to offer.
    ///   - temporaryDirectory: a short private directory. Old plugins put their socket into `TMPDIR` only, newer ones into
    ///     `PLUGIN_UNIX_SOCKET_DIR`: both are set.
    package static func forPlugin(
        handedOver: [(String, String)], cookie: String, versions: [Int], temporaryDirectory: String
    ) -> [(String, String)] {
        var result = self.handedOver(handedOver)
        result.append((MagicCookie.key, cookie))
        result.append((OfferedVersions.variable, OfferedVersions(versions).printed))
        result.append(("PLUGIN_MIN_PORT", String(portRange.lowerBound)))
        result.append(("PLUGIN_MAX_PORT", String(portRange.upperBound)))
        result.append(("TMPDIR", temporaryDirectory))
        result.append(("PLUGIN_UNIX_SOCKET_DIR", temporaryDirectory))
        return result
    }
}
