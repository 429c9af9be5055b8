import DataFrames
import GatewayTestKit
import PluginProtocolV1
import PluginProtocolV2
import Testing

@testable import Translation

@Suite("Resources of the gateway in front of v1")
struct ResourceTests {
    private static let now: Int64 = 1_700_000_000_000

    private func request(_ path: String, _ method: String, _ body: String = "") -> Pluginv2_CallResourceRequest {
        var request = Pluginv2_CallResourceRequest()
        request.pluginContext = Build.request([]).pluginContext
        request.path = path
        request.method = method
        request.url = "\(path)?x=1"
        request.body.append(contentsOf: Array(body.utf8))
        return request
    }

    private func plan(
        _ request: Pluginv2_CallResourceRequest, kind: V1PluginKind = .dataSource, allowsQueries: Bool = true,
        _ options: TranslationOptions = .default
    ) throws -> (V2ToV1Resource.Plan, LossLedger) {
        try V2ToV1Resource.plan(
            Build.bytes(request), kind: kind, allowsQueries: allowsQueries, now: Self.now, options: options)
    }

    private func legacyPlan(_ body: String, _ options: TranslationOptions = .default) throws -> (
        QueryDataPlan, [Models_DatasourceRequest]
    ) {
        guard case .query(let plan) = try plan(request(V2ToV1Resource.legacyQueryPath, "POST", body), options).0 else {
            throw Unexpected()
        }
        return (plan, try plan.calls.map { try Models_DatasourceRequest(serializedBytes: $0.request) })
    }

    private struct Unexpected: Error {}

    private func text(_ reply: ResourceReply) -> String { String(decoding: reply.body, as: UTF8.self) }

    // MARK: Paths

    @Test(
        "Other paths are UNIMPLEMENTED as before",
        arguments: ["", "x", "__gateway", "__gateway/", "__gateway/statuses", "__Gateway/status"])
    func others(_ path: String) throws {
        guard case .unimplemented(let message) = try plan(request(path, "GET")).0 else {
            Issue.record("\(path) has an answer")
            return
        }
        #expect(message.contains("no resource endpoints"))
    }

    @Test("The status is there with and without a slash, for GET alone")
    func statusPath() throws {
        for path in ["__gateway/status", "/__gateway/status"] {
            guard case .status = try plan(request(path, "get"), allowsQueries: false).0 else {
                Issue.record("\(path) is not the status")
                return
            }
        }
        guard case .reply(let reply) = try plan(request("__gateway/status", "POST")).0 else {
            Issue.record("POST is taken")
            return
        }
        #expect(reply.code == 405)
        #expect(reply.headers.first?.value == "GET")
    }

    @Test("The old query is off unless the operator wants it, and says so; a renderer does not have it")
    func switchedOff() throws {
        let query = request(V2ToV1Resource.legacyQueryPath, "POST", #"{"queries":[{}]}"#)
        guard case .unimplemented(let message) = try plan(query, allowsQueries: false).0 else {
            Issue.record("it is on")
            return
        }
        #expect(message.contains("gateway_resources: true"))
        guard case .unimplemented = try plan(query, kind: .renderer).0 else {
            Issue.record("a renderer has it")
            return
        }
        guard case .reply(let reply) = try plan(request(V2ToV1Resource.legacyQueryPath, "GET")).0 else {
            Issue.record("GET is taken")
            return
        }
        #expect(reply.code == 405)
    }

    @Test("The status names versions, path, state and counters")
    func status() throws {
        let status = GatewayStatus(
            gatewayVersion: "1.0", pluginID: "old", pluginVersion: "2.3", state: "running", lastError: "crashed",
            uptimeSeconds: 5, restarts: 1,
            path: .choose(host: 2, plugin: 1),
            methods: [
                .init(
                    name: "pluginv2.Data/QueryData", versionPath: "2-1", calls: 3, errors: 1, bytesIn: 10, bytesOut: 20,
                    points: 30, frames: 4,
                    losses: [("models.Point.value", "no-home", 2)])
            ])
        let json = try JSONText(validating: status.reply.body)
        #expect(json["gateway"]?["version"]?.string == "1.0")
        #expect(json["plugin"]?["protocol"]?.integer == 1)
        #expect(json["plugin"]?["state"]?.string == "running")
        #expect(json["plugin"]?["lastError"]?.string == "crashed")
        #expect(json["path"]?["reason"]?.string == "host 2 → plugin 1: translated through v2→v1")
        let method = try #require(json["methods"]?.elements?.first)
        #expect(method["calls"]?.integer == 3)
        #expect(method["losses"]?.elements?.first?["count"]?.integer == 2)
    }

    // MARK: The request

    @Test("A body of today becomes a v1 request; the query is its model, with every byte")
    func body() throws {
        let body = #"""
            {"from": "1568039445000", "to": 1568043045000, "queries": [
              {"refId":"B","maxDataPoints":50,"intervalMs":2000,"n":12345678901234567890,"queryType":"q"}, {"x":1}]}
            """#
        let (_, requests) = try legacyPlan(body, options { $0.model = .verbatim })
        #expect(requests.count == 1)
        #expect(requests[0].timeRange.fromEpochMs == 1_568_039_445_000)
        #expect(requests[0].timeRange.toEpochMs == 1_568_043_045_000)
        #expect(requests[0].datasource.id == 7)
        #expect(requests[0].queries.map(\.refID) == ["B", "A"])
        #expect(requests[0].queries.map(\.maxDataPoints) == [50, 100])
        #expect(requests[0].queries.map(\.intervalMs) == [2000, 1000])
        #expect(
            requests[0].queries[0].modelJson
                == #"{"refId":"B","maxDataPoints":50,"intervalMs":2000,"n":12345678901234567890,"queryType":"q"}"#)
    }

    @Test("A query's own time range counts; ranges that differ are split")
    func ownRange() throws {
        let (_, requests) = try legacyPlan(
            #"{"from":"now-1h","to":"now","queries":[{"refId":"A"},{"refId":"B","timeRange":{"from":"5","to":"6"}}]}"#)
        #expect(requests.map { $0.queries.map(\.refID) } == [["A"], ["B"]])
        #expect(requests[0].timeRange.fromEpochMs == Self.now - 3_600_000)
        #expect(requests[1].timeRange.fromRaw == "5")
    }

    @Test(
        "Times are numbers or offsets from now",
        arguments: [
            ("now", 0), ("now-6h", -21_600_000), ("now+5m", 300_000), ("5m", -300_000), ("now-250ms", -250),
            ("now-2w", -1_209_600_000),
        ] as [(String, Int64)])
    func times(_ text: String, _ offset: Int64) {
        #expect(LegacyTime.parse(text, now: Self.now) == Self.now + offset)
    }

    @Test(
        "What is no time is refused",
        arguments: [
            "", "now-", "now-6", "now-6y", "yesterday", "now/d", "6 h", "now--6h", "now-99999999999999999999h",
            "now-9223372036854775807w", "٣h",
        ])
    func noTimes(_ text: String) {
        #expect(LegacyTime.parse(text, now: Self.now) == nil)
    }

    @Test(
        "A body that is no query is a 400 that says why",
        arguments: [
            ("", "not a JSON object"), ("[]", "not a JSON object"), ("{}", "queries"), (#"{"queries":{}}"#, "queries"),
            (#"{"queries":[]}"#, "1 to 1000"),
            (#"{"queries":[1]}"#, "a query is not"), (#"{"queries":[{}],"from":"x","to":"now"}"#, "\"from\" is not a time"),
            (#"{"queries":[{}],"from":"now"}"#, "belong together"),
            (#"{"queries":[{}],"from":[],"to":1}"#, "\"from\" is not a time"),
            (#"{"queries":[{}"#, "not a JSON object"),
        ])
    func badBodies(_ body: String, _ reason: String) throws {
        guard case .reply(let reply) = try plan(request(V2ToV1Resource.legacyQueryPath, "POST", body)).0 else {
            Issue.record("it is taken")
            return
        }
        #expect(reply.code == 400)
        #expect(try JSONText(validating: reply.body)["message"]?.string?.contains(reason) == true, "\(text(reply))")
    }

    @Test("Headers are entered as lost; bytes that are no request are the host's fault; the depth of a body is bounded")
    func headersAndHostility() throws {
        var withHeaders = request(V2ToV1Resource.legacyQueryPath, "POST", #"{"queries":[{}]}"#)
        withHeaders.headers = ["Accept": .with { $0.values = ["x"] }]
        #expect(try plan(withHeaders).1.count("pluginv2.CallResourceRequest.headers", .noHome) == 1)
        #expect(throws: TranslationError.self) {
            try V2ToV1Resource.plan([0x0a, 0x7f], kind: .dataSource, allowsQueries: true, now: 0, options: .default)
        }
        let deep = #"{"queries":"# + String(repeating: "[", count: 200_000)
        guard case .reply(let reply) = try plan(request(V2ToV1Resource.legacyQueryPath, "POST", deep)).0 else {
            Issue.record("it is taken")
            return
        }
        #expect(reply.code == 400)
    }

    // MARK: The answer

    @Test("The answer is the JSON that old hosts gave, exactly")
    func oldJSON() throws {
        let (plan, _) = try legacyPlan(#"{"queries":[{"refId":"A"},{"refId":"B"}]}"#)
        let a = CaseInput(
            refID: "A", metaJSON: #"{"sql":"SELECT 1"}"#,
            series: [
                .init(
                    "cpu \"x\"", ["b": "2", "a": "1"],
                    [(1000, 1.5), (2000, .nan), (3000, -0.0), (4000, 1e21), (9_007_199_254_740_993, 3)]),
                .init("", [:], []),
            ]
        ).message
        let b = CaseInput(
            refID: "B",
            tables: [
                .init(["t", "v"], [[.int(.max), .double(0.1)], [.null], [.bool(true), .string("é\n"), .bytes([0xff, 0])]])
            ]
        ).message
        var ledger = LossLedger()
        let reply = LegacyQuery.reply(to: plan, [Build.reply([a, b])], ledger: &ledger)
        #expect(reply.code == 200)
        #expect(
            text(reply) == #"""
                {"results":{"A":{"refId":"A","meta":{"sql":"SELECT 1"},"series":[{"name":"cpu \"x\"","points":[[1.5,1000],[null,2000],[-0,3000],[1e+21,4000],[3,9007199254740993]],"tags":{"a":"1","b":"2"}},{"name":"","points":[]}],"tables":[]},"B":{"refId":"B","series":[],"tables":[{"columns":[{"text":"t"},{"text":"v"}],"rows":[[9223372036854775807,0.1],[null],[true,"é\n","/wA="]]}]}}}
                """#)
        #expect(ledger.count("models.Point.value", .noHome) == 1)
        #expect(throws: Never.self) { try JSONText(validating: reply.body) }
    }

    @Test("An error is in its result and in front, with 400; data beside it stays")
    func errors() throws {
        let (plan, _) = try legacyPlan(#"{"queries":[{"refId":"A"},{"refId":"B","timeRange":{"from":5,"to":6}}]}"#)
        var ledger = LossLedger()
        let partial = CaseInput(refID: "A", error: "partial", series: [.init("m", [:], [(1, 1)])]).message
        let reply = LegacyQuery.reply(to: plan, [Build.reply([partial]), .failure(code: 2, message: "x")], ledger: &ledger)
        let json = try JSONText(validating: reply.body)
        #expect(reply.code == 400)
        #expect(json["message"]?.string == "partial")
        #expect(json["results"]?["A"]?["error"]?.string == "partial")
        #expect(json["results"]?["A"]?["series"]?.elements?.count == 1)
        #expect(json["results"]?["B"]?["error"]?.string == "x")
        let gone = LegacyQuery.reply(
            to: plan, [.failure(code: 14, message: "gone"), .failure(code: 14, message: "gone")], ledger: &ledger)
        #expect(gone.code == 503)
        #expect(text(gone) == #"{"message":"gone"}"#)
        let broken = LegacyQuery.reply(to: plan, [.reply([0x0a, 0x7f]), .timedOut], ledger: &ledger)
        #expect(broken.code == 400)
        #expect(text(broken).contains("at byte 1"))
        let unknown = CaseInput(refID: "A", tables: [.init(column: "c", [.kind(6)])]).message
        let kind = LegacyQuery.reply(to: plan, [Build.reply([unknown]), Build.reply([])], ledger: &ledger)
        #expect(text(kind).contains("unsupported row value kind 6"))
    }

    @Test("Missing settings are an error of each query, and refused losses too")
    func withoutSettings() throws {
        var bare = request(V2ToV1Resource.legacyQueryPath, "POST", #"{"queries":[{"refId":"A"}]}"#)
        bare.clearPluginContext()
        guard case .query(let missing) = try plan(bare).0 else { throw Unexpected() }
        #expect(missing.calls.isEmpty)
        var ledger = LossLedger()
        let reply = LegacyQuery.reply(to: missing, [], ledger: &ledger)
        #expect(reply.code == 400)
        #expect(try JSONText(validating: reply.body)["results"]?["A"]?["error"]?.string == "data source settings are missing")
        var policies = LossPolicies()
        policies.set("models.Point.value", .refuse)
        guard
            case .query(let strict) = try plan(
                request(V2ToV1Resource.legacyQueryPath, "POST", #"{"queries":[{"refId":"A"}]}"#), options { $0.losses = policies }
            ).0
        else { throw Unexpected() }
        var strictLedger = LossLedger(policies: policies)
        let nan = CaseInput(series: [.init("m", [:], [(1, .nan)])]).message
        #expect(text(LegacyQuery.reply(to: strict, [Build.reply([nan])], ledger: &strictLedger)).contains("refuses to lose"))
    }

    @Test("An answer is sent in pieces; only the first has code and headers")
    func pieces() throws {
        let body = [UInt8](repeating: 0x20, count: 2 * ResourceReply.pieceSize + 5)
        let reply = ResourceReply(code: 200, body: body)
        #expect(reply.messageCount == 3)
        let messages = try (0..<3).map { try Pluginv2_CallResourceResponse(serializedBytes: reply.message(at: $0)) }
        #expect(messages.map(\.code) == [200, 0, 0])
        #expect(messages[0].headers["Content-Type"]?.values == ["application/json"])
        #expect(messages.dropFirst().allSatisfy { $0.headers.isEmpty })
        #expect(messages.flatMap { [UInt8]($0.body) } == body)
        #expect(ResourceReply(code: 204, body: []).messageCount == 1)
    }

    @Test("A reply that is cut off anywhere is an error of its query, and the answer is JSON all the same")
    func truncated() throws {
        let (plan, _) = try legacyPlan(#"{"queries":[{"refId":"A"}]}"#)
        let whole = CaseInput(
            metaJSON: "{}", series: [.init("m", ["k": "v"], [(1, 1), (2, 2)])],
            tables: [.init(["c"], [[.int(1)], [.bytes([1, 2])], [.string("x")]])]
        ).message
        guard case .reply(let bytes) = Build.reply([whole]) else { throw Unexpected() }
        for length in 0..<bytes.count {
            var ledger = LossLedger()
            let reply = LegacyQuery.reply(to: plan, [.reply(Array(bytes[..<length]))], ledger: &ledger)
            #expect(throws: Never.self, "\(length)") { try JSONText(validating: reply.body) }
            #expect(reply.code == (length == 0 ? 200 : 400), "\(length)")
        }
    }
}
