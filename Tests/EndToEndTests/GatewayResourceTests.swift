import Foundation
import Testing

extension EndToEnd {
    /// The gateway's own resources in front of a v1 plugin, and health with a configured query.
    @Suite(.serialized) struct GatewayResources {
        @Test func `the status tells versions, path and counters, and no secret`() throws {
            let rig = try LegacyRig(environment: ["LEGACY_TEST_SECRET": "hunter2-environment"])
            defer { rig.stop() }
            var request = try HostUnderTest.request(["A": ["scenario": "series"]])
            var context = HostUnderTest.context
            var settings = context["dataSourceInstanceSettings"] as? [String: Any] ?? [:]
            settings["decryptedSecureJsonData"] = ["password": "hunter2-settings"]
            context["dataSourceInstanceSettings"] = settings
            request["pluginContext"] = context
            request["headers"] = ["Cookie": "hunter2-cookie"]
            for _ in 0..<3 { #expect(try rig.host.perform("query", ["request": request])["ok"] as? Bool == true) }
            let answer = try Resource(
                try rig.host.perform(
                    "resource", ["request": ["path": "__gateway/status", "method": "GET", "pluginContext": context]]))
            #expect(answer.code == 200)
            #expect(answer.contentType == "application/json")
            let status = try JSON.object(answer.body)
            #expect((status["plugin"] as? [String: Any])?["id"] as? String == LegacyRig.id)
            #expect((status["plugin"] as? [String: Any])?["version"] as? String == "1.2.3")
            #expect((status["plugin"] as? [String: Any])?["state"] as? String == "serving")
            #expect((status["path"] as? [String: Any])?["reason"] as? String == "host 2 → plugin 1: translated through v2→v1")
            let methods = status["methods"] as? [[String: Any]] ?? []
            let query = try #require(methods.first { $0["method"] as? String == "pluginv2.Data/QueryData" })
            #expect(query["calls"] as? Int == 3)
            let losses = query["losses"] as? [[String: Any]] ?? []
            #expect(
                losses.contains { $0["path"] as? String == "pluginv2.QueryDataRequest.headers" && $0["count"] as? Int == 3 },
                "\(losses)")
            #expect(!answer.body.contains("hunter2"))
            #expect(!answer.body.contains(rig.scratch.directory))
        }

        @Test func `the status answers while the plugin is down`() throws {
            let scratch = try Scratch()
            try scratch.install(LegacyRig.id, executable: Places.legacyPlugin)
            let marker = scratch.directory + "/crash"
            let gateway = try GatewayUnderTest(scratch)
            defer { gateway.stop() }
            let host = try HostUnderTest(
                gateway, scratch.executable(of: LegacyRig.id), environment: ["LEGACY_CRASH_WHILE_EXISTS": marker])
            defer { host.stop() }
            try #require(host.started, "\(host.start)")
            try Data().write(to: URL(fileURLWithPath: marker))
            _ = try host.query(["A": ["scenario": "crash"]])
            var plugin: [String: Any]?
            // First it has crashed, then it fails to start again.
            try waitUntil("the plugin fails to start again") {
                let reply = try host.perform("resource", ["request": ["path": "__gateway/status", "method": "GET"]])
                plugin = try JSON.object(try Resource(reply).body)["plugin"] as? [String: Any]
                return plugin?["lastError"] as? String == "exited-before-handshake"
                    && plugin?["state"] as? String == "backing-off"
            }
            #expect(plugin?["state"] as? String == "backing-off")
            #expect(plugin?["lastError"] as? String == "exited-before-handshake")
            #expect(plugin?["protocol"] as? Int == 1)
            let other = try host.perform("resource", ["request": ["path": "x", "method": "GET"]])
            #expect(other["codeNumber"] as? Int == 12, "\(other)")
        }

        @Test func `other paths are a clean 404 at the host, and the old query is one unless it is switched on`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            for path in ["", "foo", "__gateway", "__gateway/other", "__gateway/legacy/tsdb/query"] {
                let reply = try rig.host.perform(
                    "resource", ["request": ["path": path, "method": "POST", "body": ["queries": [[:]]]]])
                #expect(reply["codeNumber"] as? Int == 12, "\(path): \(reply)")
                #expect((reply["messages"] as? [Any])?.isEmpty == true)
            }
        }

        @Test func `the old query gives the JSON of old hosts`() throws {
            let rig = try LegacyRig(configuration: "plugins: {legacy-datasource: {gateway_resources: true}}")
            defer { rig.stop() }
            let series: [String: Any] = ["name": "cpu", "tags": ["host": "a"], "points": [[1000, 1.5], [2000, "NaN"]]]
            let table: [String: Any] = [
                "columns": ["t", "v"], "rows": [[["kind": "INT64", "value": 1], ["kind": "STRING", "value": "x"]]],
            ]
            let body: [String: Any] = [
                "from": "1568039445000", "to": "1568043045000",
                "queries": [
                    [
                        "refId": "A", "scenario": "literal",
                        "result": ["metaJson": #"{"a":1}"#, "series": [series], "tables": [table]],
                    ],
                    ["refId": "B", "scenario": "echo", "as": "meta", "maxDataPoints": 7],
                ],
            ]
            let answer = try post(rig, body)
            #expect(answer.code == 200, "\(answer)")
            let results = try JSON.object(answer.body)["results"] as? [String: [String: Any]] ?? [:]
            let expected =
                #"{"meta":{"a":1},"refId":"A","series":[{"name":"cpu","points":[[1.5,1000],[null,2000]],"tags":{"host":"a"}}],"tables":[{"columns":[{"text":"t"},{"text":"v"}],"rows":[[1,"x"]]}]}"#
            #expect(try JSON.text(results["A"] ?? [:]) == expected)
            let echoed = results["B"]?["meta"] as? [String: Any] ?? [:]
            #expect((echoed["timeRange"] as? [String: Any])?["fromRaw"] as? String == "1568039445000")
            #expect(
                ((echoed["queries"] as? [[String: Any]])?.last?["maxDataPoints"] as? Int) == 7
                    || "\(echoed)".contains("maxDataPoints = 7"), "\(echoed)")

            let failed = try post(rig, ["queries": [["refId": "A", "scenario": "error", "message": "boom"]]])
            #expect(failed.code == 400)
            #expect(try JSON.object(failed.body)["message"] as? String == "boom")
            #expect(try post(rig, ["queries": []]).code == 400)
            let wrongMethod = try Resource(
                try rig.host.perform("resource", ["request": ["path": "__gateway/legacy/tsdb/query", "method": "GET"]]))
            #expect(wrongMethod.code == 405)
        }

        @Test func `a large old answer is sent in pieces that are one document`() throws {
            let rig = try LegacyRig(configuration: "plugins: {legacy-datasource: {gateway_resources: true}}")
            defer { rig.stop() }
            let answer = try post(rig, ["queries": [["refId": "A", "scenario": "points", "points": 200_000]]])
            #expect(answer.messages > 2)
            let results = try JSON.object(answer.body)["results"] as? [String: [String: Any]]
            let series = (results?["A"]?["series"] as? [[String: Any]])?.first
            #expect((series?["points"] as? [Any])?.count == 200_000)
        }

        @Test func `a configured query decides whether the data source is healthy`() throws {
            for (model, status) in [
                (#"'{"scenario":"series"}'"#, "OK"), (#"{model: '{"scenario":"error","message":"no route to host"}'}"#, "ERROR"),
            ] {
                let rig = try LegacyRig(configuration: "plugins: {legacy-datasource: {health_query: \(model)}}")
                defer { rig.stop() }
                let answer = try rig.host.perform("health", ["request": ["pluginContext": HostUnderTest.context]])
                let response = answer["response"] as? [String: Any] ?? [:]
                #expect(response["status"] as? String == status, "\(answer)")
                let expected =
                    status == "OK" ? "Legacy (protocol v1) plugin is running and answered the test query." : "no route to host"
                #expect(response["message"] as? String == expected)
            }
        }

        private func post(_ rig: LegacyRig, _ body: [String: Any]) throws -> Resource {
            let request: [String: Any] = [
                "pluginContext": HostUnderTest.context, "path": "__gateway/legacy/tsdb/query", "method": "POST",
                "body": Data(try JSON.text(body).utf8).base64EncodedString(),
            ]
            return try Resource(try rig.host.perform("resource", ["request": request]))
        }
    }
}

/// The answer to a CallResource as the Go host prints it, its pieces put together.
struct Resource {
    let code: Int
    let contentType: String
    let body: String
    let messages: Int

    init(_ answer: [String: Any]) throws {
        guard answer["ok"] as? Bool == true else { throw HarnessError("the resource failed: \(answer)") }
        let pieces = (answer["messages"] as? [[String: Any]] ?? []).map { $0["response"] as? [String: Any] ?? [:] }
        messages = pieces.count
        code = pieces.first?["code"] as? Int ?? 0
        let headers = pieces.first?["headers"] as? [String: [String: [String]]] ?? [:]
        contentType = headers["Content-Type"]?["values"]?.first ?? ""
        body = String(
            decoding: pieces.map { Data(base64Encoded: $0["body"] as? String ?? "") ?? Data() }.reduce(Data(), +), as: UTF8.self)
    }
}
