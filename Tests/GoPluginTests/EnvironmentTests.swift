import GoPlugin
import Testing

@Suite struct ChildEnvironmentTests {
    private func value(_ name: String, in environment: [(String, String)]) -> [String] {
        environment.filter { $0.0.utf8.elementsEqual(name.utf8) }.map(\.1)
    }

    private func forPlugin(_ handedOver: [(String, String)]) -> [(String, String)] {
        ChildEnvironment.forPlugin(handedOver: handedOver, cookie: "datasource", versions: [1, 2], temporaryDirectory: "/tmp/x")
    }

    /// Each of these changes how a plugin behaves, or belongs to the gateway's own service.
    @Test(arguments: [
        "PLUGIN_CLIENT_CERT", "PLUGIN_MULTIPLEX_GRPC", "PLUGIN_UNIX_SOCKET_GROUP", "PLUGIN_ANYTHING", "PLUGIN_GATEWAY_SOCKET",
        "LD_PRELOAD",
        "LD_LIBRARY_PATH", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES",
        "JOURNAL_STREAM",
        "INVOCATION_ID", "CREDENTIALS_DIRECTORY",
    ])
    func aVariableOfTheHostsConnectionOrOfAServiceIsStripped(name: String) {
        #expect(!ChildEnvironment.passes(name))
        #expect(value(name, in: forPlugin([(name, "inherited")])).isEmpty)
    }

    @Test(arguments: [
        "GF_PLUGIN_FOO", "GFAZPL_MANAGED_IDENTITY_ENABLED", "AWS_SECRET_ACCESS_KEY", "HTTPS_PROXY", "HOME", "PATH", "plugin_x",
        "XLD_A",
    ])
    func aVariableForThePluginPasses(name: String) {
        #expect(value(name, in: forPlugin([(name, "kept")])) == ["kept"])
    }

    @Test func whatGoPluginReadsIsSetAndInheritedValuesOfItAreGone() {
        let environment = forPlugin([
            ("TMPDIR", "/home/grafana/tmp"), ("PLUGIN_UNIX_SOCKET_DIR", "/elsewhere"), ("PLUGIN_PROTOCOL_VERSIONS", "2"),
            ("grafana_plugin_type", "renderer"), ("PLUGIN_MIN_PORT", "1"),
        ])
        #expect(value("grafana_plugin_type", in: environment) == ["datasource"])
        #expect(value("PLUGIN_PROTOCOL_VERSIONS", in: environment) == ["1,2"])
        // Old plugins follow TMPDIR alone, newer ones the other.
        #expect(value("TMPDIR", in: environment) == ["/tmp/x"])
        #expect(value("PLUGIN_UNIX_SOCKET_DIR", in: environment) == ["/tmp/x"])
        #expect(value("PLUGIN_MIN_PORT", in: environment) == ["10000"])
        #expect(value("PLUGIN_MAX_PORT", in: environment) == ["25000"])
    }

    @Test func theLastOfSeveralValuesWins() {
        let handedOver = ChildEnvironment.handedOver([("A", "1"), ("B", "2"), ("A", "3")])
        #expect(handedOver.map(\.0) == ["B", "A"])
        #expect(handedOver.map(\.1) == ["2", "3"])
    }

    /// String comparison would see one character where the bytes are the prefix and a combining accent.
    @Test func aCombiningCharacterAfterAStrippedPrefixDoesNotSmuggleAVariableThrough() {
        #expect(!ChildEnvironment.passes("PLUGIN_\u{301}CLIENT_CERT"))
        #expect(!ChildEnvironment.passes("LD_\u{301}"))
    }

    @Test func namesAndValuesThatNoEnvironmentCanHoldAreLeftOut() {
        let handedOver = ChildEnvironment.handedOver([("", "x"), ("A=B", "x"), ("N\0", "x"), ("V", "a\0b"), ("E", "")])
        #expect(handedOver.map(\.0) == ["E"])
    }
}

@Suite struct OfferedVersionsTests {
    @Test(arguments: [
        ("1,2", [1, 2]), ("2", [2]), ("", []), (" 1 , 2 ", [1, 2]), ("2,x,,3", [2, 3]), ("2,2,2", [2]),
        ("-1,99999999999999999999", []),
    ])
    func aListIsReadAsGoPluginDoes(text: String, versions: [Int]) {
        #expect(OfferedVersions(parsing: text).versions == versions)
    }

    @Test func anEndlessListIsBounded() {
        let text = (1...100_000).map(String.init).joined(separator: ",")
        #expect(OfferedVersions(parsing: text).versions.count == OfferedVersions.maximumCount)
    }

    @Test func printingIsReadingsInverse() {
        #expect(OfferedVersions(parsing: "1,2,3").printed == "1,2,3")
    }
}

@Suite struct HostOfferTests {
    private let grafana = [
        ("grafana_plugin_type", "datasource"), ("PLUGIN_PROTOCOL_VERSIONS", "2"), ("PLUGIN_MIN_PORT", "10000"),
    ]

    private func failure(_ environment: [(String, String)]) -> HostOfferError? {
        do {
            try HostOffer(environment: environment).check(served: 2, name: "gpx_\u{1B}x")
            return nil
        } catch {
            return error
        }
    }

    @Test func grafanaIsAnswered() {
        #expect(failure(grafana) == nil)
        #expect(failure(grafana + [("PLUGIN_PROTOCOL_VERSIONS", "2,3")]) == nil)
    }

    @Test func withoutTheCookieTheTextExplainsTheFileAndHowToGetThePluginBack() {
        for environment in [[], [("grafana_plugin_type", "")]] {
            let error = failure(environment)
            #expect(error?.code == .startedByHand)
            #expect(error?.remedy.contains("plugin-gateway unwrap") == true)
            #expect(error?.message.contains("\u{1B}") == false)
        }
    }

    @Test func aForeignCookieIsNamedAndEscaped() {
        let error = failure([("grafana_plugin_type", "vault\n")])
        #expect(error?.code == .wrongCookie)
        #expect(error?.message.contains("\"vault\\x0a\"") == true)
    }

    @Test(arguments: ["1", "3,4", "", "garbage"]) func aHostThatLacksTheServedVersionIsTold(versions: String) {
        let error = failure([("grafana_plugin_type", "datasource"), ("PLUGIN_PROTOCOL_VERSIONS", versions)])
        #expect(error?.code == .versionMissing)
        #expect(error?.message.contains("does not offer version 2") == true)
    }

    @Test func theSideToUpgradeIsTheOneThatIsBehind() {
        #expect(
            failure([("grafana_plugin_type", "datasource"), ("PLUGIN_PROTOCOL_VERSIONS", "1")])?.remedy.contains(
                "Grafana must be upgraded") == true)
        #expect(
            failure([("grafana_plugin_type", "datasource"), ("PLUGIN_PROTOCOL_VERSIONS", "3")])?.remedy.contains(
                "plugin-gateway must be upgraded") == true)
    }

    @Test func aHostFromBeforeVersionedPluginsIsTold() {
        #expect(failure([("grafana_plugin_type", "datasource")])?.code == .versionMissing)
    }

    @Test func autoMTLSIsRefusedWithoutShowingTheCertificate() {
        let error = failure(grafana + [("PLUGIN_CLIENT_CERT", "-----BEGIN")])
        #expect(error?.code == .transportSecurity)
        #expect(error.map { "\($0)" }?.contains("BEGIN") == false)
    }

    @Test func whereTheHostReachesSocketsIsRead() {
        let offer = HostOffer(
            environment: grafana + [("PLUGIN_UNIX_SOCKET_DIR", "/shared"), ("PLUGIN_UNIX_SOCKET_GROUP", "grafana")])
        #expect(offer.socketDirectory == "/shared")
        #expect(offer.socketGroup == "grafana")
    }
}
