import Testing
import Translation

@testable import Gateway

@Suite struct ConfigurationTests {
    private func load(_ yaml: String, environment: [String: String] = [:]) throws -> Configuration {
        var configuration = Configuration()
        try ConfigurationLoader.apply(yaml: yaml, file: "/etc/x.yaml", to: &configuration)
        _ = try ConfigurationLoader.apply(environment: environment, to: &configuration)
        return configuration
    }

    @Test(arguments: ["", "# nothing\n", "---\n", "limits:\n", "plugins: {}\n"])
    func `an empty file is the defaults`(yaml: String) throws {
        let configuration = try load(yaml)
        #expect(configuration.pluginRoots == ["/var/lib/grafana/plugins"])
        #expect(configuration.limits.callTimeout == .seconds(300))
        #expect(configuration.plugin("any").translation == .default)
    }

    @Test func `keys, plugins and the environment are read; the environment wins`() throws {
        let configuration = try load(
            """
            plugin_roots: [/a, /b/]
            limits: {call_timeout: 90s, maximum_request_message: 4MiB, detach_linger: 0s}
            logs: {to_host: no}
            plugins:
              old:
                executable: real
                time_range_policy: union
                expose_in_json_data: [uid, basicAuth]
                forward_metadata: [x-grafana-user-login]
                meta_limit: 1KiB
            """,
            environment: ["PLUGIN_GATEWAY_LIMITS_CALL_TIMEOUT": "2m", "PLUGIN_GATEWAY_PLUGIN_ROOTS": "/c:/d"])
        #expect(configuration.pluginRoots == ["/c", "/d"])
        #expect(configuration.limits.callTimeout == .seconds(120))
        #expect(configuration.limits.maximumRequestMessage == 4 << 20)
        #expect(configuration.limits.detachLinger == .zero)
        #expect(!configuration.logs.toHost)
        let plugin = configuration.plugin("old")
        #expect(plugin.executable == "real")
        #expect(plugin.translation.timeRangePolicy == .union)
        #expect(plugin.translation.exposeInJSONData == [.uid, .basicAuth])
        #expect(plugin.translation.metaLimit == 1024)
    }

    @Test func `breaker, drain and idle time are read`() throws {
        let configuration = try load(
            """
            limits: {drain_cap: 0s, breaker_failures: 3, breaker_window: 2m, breaker_pause: 500ms}
            plugins: {a: {idle_timeout: 5m}, b: {idle_timeout: off}, c: {}}
            """)
        #expect(configuration.limits.drainCap == .zero)
        #expect(configuration.limits.breakerFailures == 3)
        #expect(configuration.limits.breakerWindow == .seconds(120))
        #expect(configuration.limits.breakerPause == .milliseconds(500))
        #expect(configuration.plugin("a").idleTimeout == .seconds(300))
        #expect(configuration.plugin("b").idleTimeout == nil)
        #expect(configuration.plugin("c").idleTimeout == nil)
    }

    @Test(arguments: [
        ("limits: {breaker_failures: 0}\n", "/etc/x.yaml:1", "from 1 to 1000"),
        ("plugins:\n  p:\n    idle_timeout: 0s\n", "/etc/x.yaml:3", "100ms"),
        ("limits:\n  call_timeot: 5s\n", "/etc/x.yaml:2", "limits.call_timeout"),
        ("limits:\n  call_timeout: soon\n", "/etc/x.yaml:2", "5m"),
        ("limits: 5\n", "/etc/x.yaml:1", "below it"),
        ("plugin_roots: [relative]\n", "/etc/x.yaml:1", "absolute path"),
        ("plugin_roots: []\n", "/etc/x.yaml:1", "absolute path"),
        ("plugins:\n  p:\n    modle: legacy\n", "/etc/x.yaml:3", "plugins.p.model"),
        ("plugins:\n  p:\n    executable: ../x\n", "/etc/x.yaml:3", "without a directory"),
        ("logs:\n  to_host: perhaps\n", "/etc/x.yaml:2", "true or false"),
        ("limits: {call_timeout: 5s\n", "/etc/x.yaml", "syntax"),
        ("a: 1\na: 2\n", "/etc/x.yaml", "syntax"),
        ("[1, 2]\n", "/etc/x.yaml:1", "below it"),
    ])
    func `a mistake is an error with file, line and remedy`(yaml: String, place: String, remedy: String) throws {
        let error = try #require(throws: GatewayError.self) { try load(yaml) }
        #expect(error.code == .configuration)
        #expect(error.message.contains(place), "\(error)")
        #expect(error.remedy.contains(remedy), "\(error)")
    }

    @Test func `policies of losses are set by path, by the beginning of a path, and for all others`() throws {
        let losses = try load(
            """
            plugins:
              old:
                losses:
                  default: allow
                  models.TimeSeries.points: refuse
                  pluginv2.User.*: warn
                  "pluginv2.DataQuery.#7": refuse
            """
        ).plugin("old").translation.losses
        #expect(losses.policy(of: "models.TimeSeries.points") == .refuse)
        #expect(losses.policy(of: "pluginv2.User.email") == .warn)
        #expect(losses.policy(of: "pluginv2.DataQuery.#7") == .refuse)
        #expect(losses.policy(of: "pluginv2.DataQuery.#8") == .allow)
        #expect(try load("plugins: {old: {losses: {}}}").plugin("old").translation.losses == LossPolicies())
    }

    @Test(arguments: [
        ("models.TimeSeries.point: warn", "/etc/x.yaml:4", "models.TimeSeries.points"),
        ("email: refuse", "/etc/x.yaml:4", "pluginv2.User.email"),
        ("pluginv2.DataQuery.maxDataPoints: refuse", "never lost", "explain"),
        ("nonsense.*: refuse", "/etc/x.yaml:4", "explain"),
        ("models.TimeSeries.points: forbid", "/etc/x.yaml:4", "allow, warn, refuse"),
        ("models.TimeSeries.points: [warn]", "/etc/x.yaml:4", "allow, warn, refuse"),
    ])
    func `a mistake in a policy names its line and paths that are near`(line: String, place: String, remedy: String) throws {
        let error = try #require(throws: GatewayError.self) { try load("plugins:\n  p:\n    losses:\n      \(line)\n") }
        #expect(error.code == .configuration)
        #expect(error.message.contains(place), "\(error)")
        #expect(error.remedy.contains(remedy), "\(error)")
    }

    @Test func `policies that are no mapping are refused`() throws {
        let error = try #require(throws: GatewayError.self) { try load("plugins: {p: {losses: refuse}}") }
        #expect(error.remedy.contains("a mapping of paths"))
    }

    @Test(arguments: [#"'{"q":"up"}'"#, #"{model: '{"q":"up"}'}"#])
    func `the keys of chunks, frames, health, resources and the cookie are read`(query: String) throws {
        let plugin = try load(
            """
            plugins:
              old:
                chunk_rows: 10
                convert_frames: json
                gateway_resources: yes
                magic_cookie: renderer
                health_query: \(query)
            """
        ).plugin("old")
        #expect(plugin.translation.chunkRows == 10)
        #expect(plugin.translation.convertFrames == .json)
        #expect(plugin.answersLegacyQueries)
        #expect(plugin.magicCookie == .renderer)
        #expect(plugin.healthQuery == Array(#"{"q":"up"}"#.utf8))
    }

    @Test(arguments: [
        "health_query: up", "health_query: '[1]'", "health_query: {query: '{}'}", "health_query: {model: {a: 1}}",
        "health_query: [1]",
        "chunk_rows: -1", "convert_frames: arrow", "magic_cookie: panel", "gateway_resources: some",
    ])
    func `a value that does not fit one of them is refused with its line`(line: String) throws {
        let error = try #require(throws: GatewayError.self) { try load("plugins:\n  old:\n    \(line)\n") }
        #expect(error.message.contains("/etc/x.yaml:3"), "\(error)")
    }

    @Test func `a wrong value in the environment names the variable and not the value`() throws {
        let error = try #require(throws: GatewayError.self) {
            try load("", environment: ["PLUGIN_GATEWAY_LIMITS_CALL_TIMEOUT": "hunter2"])
        }
        #expect(error.message.contains("PLUGIN_GATEWAY_LIMITS_CALL_TIMEOUT"))
        #expect(!"\(error)".contains("hunter2"))
    }

    @Test func `a variable that nothing reads is remarked`() throws {
        var configuration = Configuration()
        let remarks = try ConfigurationLoader.apply(
            environment: ["PLUGIN_GATEWAY_LIMITS_CAL_TIMEOUT": "1s", "PLUGIN_GATEWAY_SOCKET": "/x"], to: &configuration)
        #expect(remarks.count == 1)
    }

    @Test func `bombs of aliases and depth end in an error or the defaults, and soon`() throws {
        var aliases = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
        for level in 1..<20 {
            aliases += "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ","))]\n"
        }
        #expect(throws: GatewayError.self) { try load(aliases) }
        #expect(throws: GatewayError.self) { try load(String(repeating: "[", count: 5000)) }
        #expect(throws: GatewayError.self) { try load("limits: {call_timeout: \(String(repeating: "9", count: 5000))}") }
    }

    @Test func `every key is documented, with its variable`() throws {
        let text = try #require(try ConfigurationFile.read(Self.documentation, required: true, limit: 1 << 20))
        for key in ConfigurationKey.all {
            #expect(text.contains("| `\(key.path)` |"), "\(key.path) is not in docs/configuration.md")
            #expect(text.contains("`\(key.environmentVariable)`"))
        }
        for key in PluginKey.all { #expect(text.contains("| `\(key.name)` |"), "\(key.name) is not in docs/configuration.md") }
    }

    private static let documentation =
        #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } + "/docs/configuration.md"
}
