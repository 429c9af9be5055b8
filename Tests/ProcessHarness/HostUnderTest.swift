internal import Foundation

/// The real go-plugin host, which starts a plugin as Grafana does and calls it as told.
package final class HostUnderTest {
    package let child: Child
    /// The result of starting the plugin.
    package let start: [String: Any]
    private let errorFile: String

    /// - Parameter launcher: a command that runs the host, for example in the mount namespace of its gateway.
    package init(
        _ gateway: GatewayUnderTest?, _ executable: String, options: [String] = [], environment: [String: String] = [:],
        launcher: [String] = []
    ) throws {
        errorFile = "/tmp/pgw-host-\(UUID().uuidString)"
        var variables = ProcessInfo.processInfo.environment
        variables.merge(gateway?.environment ?? [:]) { _, new in new }
        variables.merge(environment) { _, new in new }
        let command = launcher + [Places.modernHost] + options + [executable]
        child = try Child(command[0], Array(command.dropFirst()), environment: variables, errorFile: errorFile)
        start = try JSON.object(child.line(within: 90))
    }

    deinit { unlink(errorFile) }

    package var started: Bool { start["ok"] as? Bool ?? false }

    /// One command, one result.
    @discardableResult
    package func perform(_ op: String, _ parameters: [String: Any] = [:], within seconds: Double = 90) throws -> [String: Any] {
        try child.send(JSON.text(parameters.merging(["op": op]) { _, new in new }))
        return try JSON.object(child.line(within: seconds))
    }

    /// QueryData with one query for each model.
    package func query(
        _ models: [String: [String: Any]], format: Int = 0, range: (Int, Int) = (1_568_039_445_000, 1_568_043_045_000),
        extra: [String: Any] = [:]
    ) throws -> [String: Any] {
        try perform("query", extra.merging(["request": Self.request(models, format: format, range: range)]) { own, _ in own })
    }

    package static func request(
        _ models: [String: [String: Any]], format: Int = 0, range: (Int, Int) = (1_568_039_445_000, 1_568_043_045_000)
    ) throws -> [String: Any] {
        let queries = try models.sorted { $0.key < $1.key }.map { refID, model -> [String: Any] in
            [
                "refId": refID, "maxDataPoints": "100", "intervalMS": "1000",
                "timeRange": ["fromEpochMS": "\(range.0)", "toEpochMS": "\(range.1)"],
                "json": Data(try JSON.text(model).utf8).base64EncodedString(),
            ]
        }
        return ["pluginContext": context, "queries": queries, "format": format]
    }

    package static var context: [String: Any] {
        [
            "orgId": "1", "pluginId": "legacy-datasource",
            "dataSourceInstanceSettings": [
                "id": "7", "uid": "uid-7", "name": "Legacy", "url": "http://localhost:1",
                "jsonData": Data("{}".utf8).base64EncodedString(),
            ],
        ]
    }

    /// What the plugin (or its locator) wrote that the host logs as errors.
    package func errorLines() throws -> [String] {
        let lines = try perform("logs")["lines"] as? [[String: Any]] ?? []
        return try lines.filter { $0["level"] as? String == "error" }.map { try JSON.text($0) }
    }

    /// Ends the host, which shuts its plugin down.
    package func stop() {
        _ = try? perform("kill", within: 20)
        child.end(within: 5)
    }
}
