import Testing

@testable import Gateway

@Suite struct ConfigurationChangeTests {
    private func changes(_ old: String, _ new: String) throws -> [ConfigurationChange] {
        var (before, after) = (Configuration(), Configuration())
        try ConfigurationLoader.apply(yaml: old, file: "/old", to: &before)
        try ConfigurationLoader.apply(yaml: new, file: "/new", to: &after)
        return ConfigurationChange.between(before, after)
    }

    @Test func `what is written as before has not changed, in whatever order it stands`() throws {
        let one =
            "limits: {call_timeout: 5s, stop_grace: 1s}\nplugins: {a: {nan: 'null', losses: {default: allow, pluginv2.DataQuery.*: refuse}}}\n"
        let other =
            "plugins: {a: {losses: {pluginv2.DataQuery.*: refuse, default: allow}, nan: 'null'}}\nlimits: {stop_grace: 1s, call_timeout: 5s}\n"
        #expect(try changes(one, other).isEmpty)
    }

    @Test func `added, removed and changed keys are named with their effect, those of a plugin with its id`() throws {
        let changed = try changes(
            "runtime_directory: /run/a\nlimits: {call_timeout: 5s}\nplugins: {org.x.ds: {nan: 'null', executable: a}}\n",
            "runtime_directory: /run/b\nlogs: {level: debug}\nplugins: {org.x.ds: {nan: keep, magic_cookie: renderer}}\n")
        #expect(
            changed.map(\.path) == [
                "limits.call_timeout", "logs.level", "plugins.org.x.ds.executable", "plugins.org.x.ds.magic_cookie",
                "plugins.org.x.ds.nan", "runtime_directory",
            ])
        #expect(changed.map(\.effect) == [.newCalls, .atOnce, .pluginRestart, .pluginRestart, .newCalls, .gatewayRestart])
        #expect(changed.map(\.pluginID) == [nil, nil, "org.x.ds", "org.x.ds", "org.x.ds", nil])
    }

    @Test func `a value is never part of what is said about a change`() throws {
        let changed = try changes("", #"plugins: {a: {health_query: '{"token":"canary"}'}}"#)
        #expect(changed.count == 1)
        #expect(!"\(changed)".contains("canary"))
    }

    @Test func `a report can be read by the command, and what cannot be read is an error`() throws {
        var report = ReloadReport()
        report.changes = ["limits.call_timeout: in force for new calls"]
        #expect(try ReloadReport.parse(report.json) == report)
        #expect(throws: GatewayError.self) { try ReloadReport.parse(Array("[1]".utf8)) }
    }
}
