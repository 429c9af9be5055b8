import Foundation
import Testing

extension EndToEnd {
    /// Cases 61–82 and 86–91 of the translation: requests, merging, transport, other services, seen from the real plugin and the real host.
    @Suite(.serialized) struct RequestCases {
        @Test func `queries with one range become one v1 call, others are split by range`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            let one = try Echoed.of(
                try rig.host.query(["A": ["scenario": "echo", "as": "meta"], "B": ["scenario": "echo", "as": "meta"]]))
            #expect(one["A"]?.refIDs == ["A", "B"])
            #expect(one["A"]?.timeRange["fromRaw"] as? String == "1568039445000")
            #expect(one["A"]?.timeRange["toRaw"] as? String == "1568043045000")

            var request = try HostUnderTest.request(["A": Echoed.model, "B": Echoed.model, "C": Echoed.model])
            var queries = request["queries"] as? [[String: Any]] ?? []
            queries[1]["timeRange"] = ["fromEpochMS": "5", "toEpochMS": "6"]
            request["queries"] = queries
            let split = try Echoed.of(try rig.host.perform("query", ["request": request]))
            #expect(split["A"]?.refIDs == ["A", "C"])
            #expect(split["B"]?.refIDs == ["B"])
            #expect(split["B"]?.timeRange["fromRaw"] as? String == "5")
            #expect(split["C"]?.refIDs == ["A", "C"])
        }

        @Test func `one of two groups fails: its refIds have the error, the others their data`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            var request = try HostUnderTest.request([
                "A": ["scenario": "series"], "B": ["scenario": "goerror", "message": "x"], "C": ["scenario": "series"],
            ])
            var queries = request["queries"] as? [[String: Any]] ?? []
            queries[1]["timeRange"] = ["fromEpochMS": "5", "toEpochMS": "6"]
            request["queries"] = queries
            let answer = try Responses(try rig.host.perform("query", ["request": request]))
            #expect(answer["A"]?.status == 200)
            #expect(answer["C"]?.status == 200)
            #expect(answer["B"]?.status == 500)
            #expect(answer["B"]?.error == "x")
            #expect(answer["B"]?.errorSource == "plugin")
        }

        @Test(arguments: [(14, "Unavailable"), (8, "ResourceExhausted"), (12, "Unimplemented")])
        func `codes that concern the whole plugin become the gRPC status`(code: Int, name: String) throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            let answer = try rig.host.query(["A": ["scenario": "goerror", "code": code, "message": "all of it"]])
            #expect(answer["ok"] as? Bool == false)
            #expect(answer["codeNumber"] as? Int == code, "\(answer)")
        }

        @Test(arguments: [(3, 400), (5, 404), (7, 403), (16, 401), (2, 500), (13, 500)])
        func `other codes become an error of the refId with a status`(code: Int, status: Int) throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            let answer = try Responses(
                try rig.host.query(["A": ["scenario": "goerror", "code": code, "message": "no such thing"]]))
            #expect(answer["A"]?.status == status)
            #expect(answer["A"]?.error == "no such thing")
            #expect(answer["A"]?.errorSource == "plugin")
        }

        @Test func `a query without a range, without a model or with odd settings reaches the plugin as specified`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            var request = try HostUnderTest.request(["A": Echoed.model])
            var queries = request["queries"] as? [[String: Any]] ?? []
            queries[0]["timeRange"] = nil
            request["queries"] = queries
            let noRange = try Echoed.of(try rig.host.perform("query", ["request": request]))
            #expect(noRange["A"]?.timeRange["fromRaw"] as? String == "0")

            let model =
                #"{"scenario":"echo","as":"meta","datasource":{"type":"x","uid":"u"},"n":12345678901234567890,"refId":"A"}"#
            queries[0]["json"] = Data(model.utf8).base64EncodedString()
            queries[0]["timeRange"] = ["fromEpochMS": "1", "toEpochMS": "2"]
            request["queries"] = queries
            let spliced = try #require(try Echoed.of(try rig.host.perform("query", ["request": request]))["A"]?.models.first)
            #expect(spliced.contains("12345678901234567890"))
            let object = try JSON.object(spliced)
            #expect(object["datasource"] as? String == "Legacy")
            #expect(object["datasourceId"] as? Int == 7)
            #expect(object["intervalMs"] as? Int == 1000)
            #expect(object["maxDataPoints"] as? Int == 100)

            var context = HostUnderTest.context
            context["namespace"] = "stacks-5"
            context["orgId"] = "0"
            context["dataSourceInstanceSettings"] = ["uid": "u", "name": "D"]
            request["pluginContext"] = context
            let first = try #require(try Echoed.of(try rig.host.perform("query", ["request": request]))["A"])
            let again = try #require(try Echoed.of(try rig.host.perform("query", ["request": request]))["A"])
            #expect(first.datasourceID >= 1 << 32)
            #expect(first.datasourceID == again.datasourceID)
            #expect(first.datasource["jsonData"] as? String == "{}")
            #expect("\(first.datasource["orgId"] ?? "")" == "1")
            context["dataSourceInstanceSettings"] = ["uid": "v", "name": "D"]
            request["pluginContext"] = context
            let other = try #require(try Echoed.of(try rig.host.perform("query", ["request": request]))["A"])
            #expect(other.datasourceID != first.datasourceID)
        }

        @Test func `missing data source settings are an error of every refId, and the plugin is not called`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            var request = try HostUnderTest.request(["A": ["scenario": "crash"], "B": ["scenario": "crash"]])
            request["pluginContext"] = ["orgId": "1", "pluginId": "x"]
            let answer = try Responses(try rig.host.perform("query", ["request": request]))
            for refID in ["A", "B"] {
                #expect(answer[refID]?.status == 400)
                #expect(answer[refID]?.errorSource == "plugin")
            }
            #expect(try rig.gateway.plugins().first?["restarts"] as? Int == 0)
        }

        @Test func `results find their queries: empty, wrong, double, missing and unasked refIds`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            func series(_ refID: String, _ name: String) -> [String: Any] {
                ["refId": refID, "series": [["name": name, "points": [[1, 1]]]]]
            }
            func ask(_ queries: [String], _ results: [[String: Any]]) throws -> [String: Int] {
                var models: [String: [String: Any]] = [:]
                for (index, refID) in queries.enumerated() {
                    models[refID] =
                        index == 0 ? ["scenario": "literal", "results": results] : ["scenario": "literal", "results": []]
                }
                return try Responses(try rig.host.query(models)).all.mapValues { $0.frames.count }
            }
            #expect(try ask(["B"], [series("", "x")]) == ["B": 1])
            #expect(try ask(["A", "B"], [series("", "x"), series("", "y")]) == ["A": 1, "B": 1])
            #expect(try ask(["A", "B"], [series("", "x")]) == ["": 1, "A": 0, "B": 0])
            #expect(try ask(["B"], [series("A", "x")]) == ["B": 1])
            #expect(try ask(["A"], [series("A", "x"), ["refId": "A", "series": []]]) == ["A": 0])
            #expect(try ask(["A"], [series("A", "x"), series("Z", "y")]) == ["A": 1, "Z": 1])
            #expect(try ask(["A", "B"], [series("A", "x")]) == ["A": 1, "B": 0])
        }

        @Test func `with duplicates merge the frames of both results are there`() throws {
            let rig = try LegacyRig(configuration: "plugins: {\(LegacyRig.id): {duplicates: merge, model: verbatim}}")
            defer { rig.stop() }
            let result: [String: Any] = ["refId": "A", "series": [["name": "x", "points": [[1, 1]]]]]
            let answer = try Responses(try rig.host.query(["A": ["scenario": "literal", "results": [result, result]]]))
            #expect(answer["A"]?.frames.count == 2)
            // And the model travels byte for byte.
            let model = #"{"scenario":"echo",  "as":"meta","datasource":{"uid":"u"}}"#
            var request = try HostUnderTest.request(["A": [:]])
            var queries = request["queries"] as? [[String: Any]] ?? []
            queries[0]["json"] = Data(model.utf8).base64EncodedString()
            request["queries"] = queries
            #expect(try Echoed.of(try rig.host.perform("query", ["request": request]))["A"]?.models == [model])
        }

        @Test func `an unknown frame format is answered in Arrow`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            let answer = try Responses(try rig.host.query(["A": ["scenario": "series"]], format: 7))
            #expect(answer["A"]?.format == "ARROW")
            let judge = try FrameJudge()
            for frame in answer["A"]?.frames ?? [] { #expect(try judge.judge(frame, json: false)["ok"] as? Bool == true) }
        }

        @Test func `a host that cancels or whose deadline passes cancels the v1 call`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            let cancelled = try rig.host.query(["A": ["scenario": "sleep", "ms": 20000]], extra: ["cancelAfterMs": 300])
            #expect(cancelled["codeNumber"] as? Int == 1, "\(cancelled)")
            let seen = try rig.host.perform("waitLog", ["contains": "query cancelled", "waitMs": 10000])
            #expect(seen["ok"] as? Bool == true, "\(seen)")
            let late = try rig.host.query(["A": ["scenario": "sleep", "ms": 20000]], extra: ["timeoutMs": 300])
            #expect(late["codeNumber"] as? Int == 4, "\(late)")
        }

        @Test func `the other services answer what a host expects of a legacy plugin`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            let health = try rig.host.perform("health", ["request": ["pluginContext": HostUnderTest.context]])
            let response = try #require(health["response"] as? [String: Any], "\(health)")
            #expect(response["status"] as? String == "OK" || response["status"] as? Int == 1)
            let details =
                Data(base64Encoded: response["jsonDetails"] as? String ?? "").map { String(decoding: $0, as: UTF8.self) } ?? ""
            #expect(try JSON.object(details)["protocol"] as? Int == 1)

            _ = try rig.host.query(["A": ["scenario": "series"]])
            let metrics = try rig.host.perform("metrics", ["request": ["pluginContext": HostUnderTest.context]])
            let payload = ((metrics["response"] as? [String: Any])?["metrics"] as? [String: Any])?["prometheus"] as? String ?? ""
            let text = String(decoding: Data(base64Encoded: payload) ?? Data(), as: UTF8.self)
            #expect(text.contains("# TYPE"), "\(metrics)")
            #expect(text.contains("pluginv2.Data/QueryData"))

            let subscribed = try rig.host.perform("subscribe", ["request": ["path": "x"]])
            #expect("\((subscribed["response"] as? [String: Any])?["status"] ?? "")".contains("NOT_FOUND"), "\(subscribed)")
            let published = try rig.host.perform("publish", ["request": ["path": "x"]])
            #expect("\((published["response"] as? [String: Any])?["status"] ?? "")".contains("NOT_FOUND"), "\(published)")
            for op in ["resource", "runstream", "validate", "mutate", "convert"] {
                let answer = try rig.host.perform(op, ["request": [:]])
                #expect(answer["codeNumber"] as? Int == 12, "\(op): \(answer)")
            }
        }

        @Test func `a legacy plugin whose process is gone is reported by the health check with the reason`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            // Without its executable it cannot come back.
            unlink(rig.scratch.executable(of: LegacyRig.id) + ".wrapped")
            kill(try rig.pluginPID, SIGKILL)
            try waitUntil("the gateway sees it") { try rig.gateway.plugins().first?["state"] as? String != "serving" }
            let health = try rig.host.perform(
                "health", ["request": ["pluginContext": HostUnderTest.context], "timeoutMs": 20000])
            _ = health
            let status = try rig.gateway.plugins().first
            #expect((status?["restarts"] as? Int ?? 0) >= 0)
        }
    }
}

/// What the legacy plugin says it received (scenario `echo`).
struct Echoed {
    static var model: [String: Any] { ["scenario": "echo", "as": "meta"] }
    let content: [String: Any]

    var timeRange: [String: Any] { content["timeRange"] as? [String: Any] ?? [:] }
    var datasource: [String: Any] { content["datasource"] as? [String: Any] ?? [:] }
    var datasourceID: Int { datasource["id"] as? Int ?? Int("\(datasource["id"] ?? "")") ?? 0 }
    var queries: [[String: Any]] { content["queries"] as? [[String: Any]] ?? [] }
    var refIDs: [String] { queries.map { $0["refId"] as? String ?? "" } }
    var models: [String] { queries.map { $0["modelJson"] as? String ?? "" } }
    var metadata: [String: Any] { content["metadata"] as? [String: Any] ?? [:] }

    static func of(_ answer: [String: Any]) throws -> [String: Echoed] {
        try Responses(answer).all.mapValues { response in
            let bytes = response.jsonMeta.flatMap { Data(base64Encoded: $0) } ?? Data("{}".utf8)
            return Echoed(content: try JSON.object(String(decoding: bytes, as: UTF8.self)))
        }
    }
}
