import Foundation
import Testing

extension EndToEnd {
    /// What an operator, a user and a tool learn of losses, and what a policy changes.
    @Suite(.serialized) struct Losses {
        /// A request with a user, as hosts send it, and a header.
        private func request(_ models: [String: [String: Any]]) throws -> [String: Any] {
            var request = try HostUnderTest.request(models)
            var context = HostUnderTest.context
            context["user"] = ["email": "someone@example.org"]
            request["pluginContext"] = context
            request["headers"] = ["Cookie": "secret"]
            return request
        }

        private func trailer(_ answer: [String: Any]) -> [String] {
            let trailer = answer["trailer"] as? [String: Any] ?? [:]
            let value = trailer["plugin-gateway-loss"]
            let text = value as? String ?? (value as? [String])?.first ?? ""
            return text.split(separator: ",").map(String.init).sorted()
        }

        @Test func `the trailing metadata of an answer names what its call lost, and never what it was`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            let answer = try rig.host.perform("query", ["request": try request(["A": ["scenario": "series"]])])
            #expect(try Responses(answer)["A"]?.status == 200)
            #expect(
                trailer(answer) == [
                    "pluginv2.DataSourceInstanceSettings.uid:no-home:1", "pluginv2.QueryDataRequest.headers:no-home:1",
                    "pluginv2.User.email:no-home:1",
                ], "\(answer)")
            #expect(!"\(answer["trailer"] ?? "")".contains("secret"))
        }

        @Test func `the first sight of a loss is an event, and an allowed one is counted only`() throws {
            let rig = try LegacyRig(
                configuration: "plugins: {\(LegacyRig.id): {losses: {pluginv2.User.*: allow}}}")
            defer { rig.stop() }
            for _ in 0..<2 { _ = try rig.host.perform("query", ["request": try request(["A": ["scenario": "series"]])]) }
            try waitUntil("the loss is in the log") { rig.gateway.log.contains("pluginv2.QueryDataRequest.headers") }
            let events = rig.gateway.log.split(separator: "\n").filter { $0.contains("a loss was seen for the first time") }
            #expect(events.count { $0.contains("pluginv2.QueryDataRequest.headers") } == 1)
            #expect(
                events.allSatisfy { $0.contains("method=pluginv2.Data/QueryData ") && $0.contains("version_path=2-1") },
                "\(events)")
            #expect(!events.contains { $0.contains("pluginv2.User.email") })
            let metrics = try rig.gateway.call([LegacyRig.id, "pluginv2.Diagnostics/CollectMetrics", "{}"])
            #expect(metrics.output.contains("pluginv2.User.email"), "\(metrics.output)\(metrics.error)")
        }

        @Test func `a refused loss of the request is the error of every refId, and the plugin is not asked`() throws {
            let rig = try LegacyRig(configuration: "plugins: {\(LegacyRig.id): {losses: {pluginv2.User.email: refuse}}}")
            defer { rig.stop() }
            // The plugin would fail the whole call.
            let models: [String: [String: Any]] = ["A": ["scenario": "goerror", "code": 14], "B": ["scenario": "series"]]
            let answer = try Responses(try rig.host.perform("query", ["request": try request(models)]))
            for refID in ["A", "B"] {
                #expect(answer[refID]?.status == 400)
                #expect(answer[refID]?.error.contains("pluginv2.User.email (no-home, 1)") == true)
                #expect(answer[refID]?.errorSource == "plugin")
            }
            let harmless = try Responses(try rig.host.query(["A": ["scenario": "series"]]))
            #expect(harmless["A"]?.status == 200)
        }

        @Test func `call prints what was lost`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            let request =
                #"{"pluginContext":{"orgId":1,"user":{"email":"x"},"dataSourceInstanceSettings":{"id":7}},"queries":[{"refId":"A","timeRange":{"fromEpochMS":1000,"toEpochMS":5000},"json":{"scenario":"series","points":2}}]}"#
            let text = try rig.gateway.call([LegacyRig.id, "pluginv2.Data/QueryData", request])
            #expect(text.output.contains("pluginv2.User.email:no-home:1"), "\(text.output)\(text.error)")
            let json = try rig.gateway.call(["--json", LegacyRig.id, "pluginv2.Data/QueryData", request])
            #expect(try JSON.object(json.output)["losses"] as? [String] == ["pluginv2.User.email:no-home:1"])
        }

        @Test func `a policy for a path that does not exist keeps the gateway from starting, with line and remedy`() throws {
            let scratch = try Scratch()
            defer { scratch.remove() }
            let file = scratch.directory + "/wrong.yaml"
            try Data("plugins:\n  p:\n    losses:\n      models.TimeSeries.point: refuse\n".utf8).write(
                to: URL(fileURLWithPath: file))
            let result = try Command.run(Places.gateway, ["serve", "--config", file])
            #expect(result.code == 78)
            #expect(result.error.contains("\(file):4"), "\(result.error)")
            #expect(result.error.contains("Did you mean models.TimeSeries.points"), "\(result.error)")
        }

        @Test func `explain prints every rule in three formats, and says why a pair cannot be`() throws {
            let text = try Command.run(Places.gateway, ["explain", "--host", "2", "--plugin", "1"])
            #expect(text.code == 0, "\(text.error)")
            #expect(text.output.contains("host 2 → plugin 1: translated through v2→v1"))
            let json = try Command.run(Places.gateway, ["explain", "--format", "json", "--plugin", "1"])
            let explanations = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]]
            #expect((explanations?.first?["messages"] as? [Any])?.count ?? 0 > 60)
            let same = try Command.run(Places.gateway, ["explain", "--plugin", "2"])
            #expect(same.output.contains("relayed"))
            let impossible = try Command.run(Places.gateway, ["explain", "--host", "2", "--plugin", "3"])
            #expect(impossible.code == 69)
            #expect(impossible.error.contains("The plugin must offer protocol version"), "\(impossible.error)")
            #expect(try Command.run(Places.gateway, ["explain", "--host", "9"]).code == 64)
        }
    }
}
