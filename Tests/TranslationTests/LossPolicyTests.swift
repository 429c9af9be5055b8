import GatewayTestKit
import PluginProtocolV1
import PluginProtocolV2
import Testing

@testable import Translation

/// Options that refuse the given paths, or beginnings of paths.
private func refusing(_ patterns: String..., change: (inout TranslationOptions) -> Void = { _ in }) -> TranslationOptions {
    options {
        for pattern in patterns { $0.losses.set(pattern, .refuse) }
        change(&$0)
    }
}

@Suite("Policies of losses")
struct LossPolicyTests {
    @Test("The whole path decides, else the longest beginning, else the default")
    func precedence() {
        var policies = LossPolicies()
        #expect(policies.policy(of: "a.B.c") == .warn)
        #expect(!policies.canRefuse)
        policies.standard = .allow
        policies.set("a.*", .warn)
        policies.set("a.B.*", .refuse)
        policies.set("a.B.c", .allow)
        #expect(policies.policy(of: "a.B.c") == .allow)
        #expect(policies.policy(of: "a.B.d") == .refuse)
        #expect(policies.policy(of: "a.C.d") == .warn)
        #expect(policies.policy(of: "b.C.d") == .allow)
        #expect(policies.canRefuse)
        policies.set("a.B.*", .warn)
        #expect(!policies.canRefuse)
    }

    private func request(_ refIDs: [String] = ["A", "B"]) -> Pluginv2_QueryDataRequest {
        var request = Build.request(refIDs.map { Build.query($0) })
        request.pluginContext.user.email = "someone@example.org"
        return request
    }

    @Test(
        "A refused loss of the request is an error of every refId, and the plugin is not asked",
        arguments: [
            "pluginv2.User.email", "pluginv2.User.*", "pluginv2.*", "*",
        ])
    func refusedRequest(_ pattern: String) throws {
        var planned = try Planned(request(), refusing(pattern))
        #expect(planned.plan.calls.isEmpty)
        let response = try #require(try planned.merge([]))
        #expect(Set(response.responses.keys) == ["A", "B"])
        for answer in response.responses.values {
            #expect(answer.status == 400)
            #expect(answer.errorSource == "plugin")
            #expect(answer.error.contains("pluginv2.User.email (no-home, 1): the other version has no field for it"))
            #expect(answer.error.contains("speaks protocol version 2"))
            #expect(!answer.error.contains("someone"))
        }
        #expect(planned.ledger.count("pluginv2.User.email", .noHome) == 1)
    }

    @Test("A default that refuses leaves out what is allowed by its path")
    func refusingDefault() throws {
        let strict = options {
            $0.losses.standard = .refuse
            $0.losses.set("pluginv2.User.email", .allow)
        }
        #expect(try Planned(request(), strict).plan.calls.count == 1)
        var other = request()
        other.pluginContext.user.name = "name"
        #expect(try Planned(other, strict).plan.calls.isEmpty)
    }

    @Test("A request that loses nothing of what is refused is sent")
    func unaffected() throws {
        #expect(try Planned(request(), refusing("pluginv2.User.name", "models.*")).plan.calls.count == 1)
    }

    @Test("Many refused losses make a bounded error text")
    func boundedText() throws {
        var bytes = Build.bytes(request(["A"]))
        for number in 100..<400 { bytes += varint(UInt64(number) << 3) + [1] }
        let (plan, ledger) = try V2ToV1QueryData.plan(bytes, options: refusing("*"))
        var spent = ledger
        guard case .reply(let reply, _) = V2ToV1QueryData.merge(plan, [], ledger: &spent) else { return #expect(Bool(false)) }
        let error = try #require(try Pluginv2_QueryDataResponse(serializedBytes: reply).responses["A"]?.error)
        #expect(error.utf8.count < 3000)
    }

    private func varint(_ value: UInt64) -> [UInt8] {
        var writer = WireWriter()
        writer.varint(value)
        return writer.bytes
    }

    // MARK: Answers

    private static let lossy = CaseInput(series: [.init("m", [(.max, 1), (5, 3)])])

    @Test("A refused loss of a result makes the answer to its refId an error, and leaves the others alone")
    func refusedAnswer() throws {
        var planned = try Planned(Build.request([Build.query("A"), Build.query("B")]), refusing("models.TimeSeries.points"))
        var bad = Self.lossy.message
        bad.refID = "A"
        let response = try #require(try planned.merge([Build.reply([bad, Build.result("B")])]))
        let refused = try #require(response.responses["A"])
        #expect(refused.status == 500)
        #expect(refused.errorSource == "plugin")
        #expect(refused.frames.isEmpty)
        #expect(refused.error.contains("models.TimeSeries.points (timestamp-out-of-range, 1)"))
        #expect(refused.error.contains("the plugin must send milliseconds since 1970"))
        #expect(response.responses["B"]?.status == 200)
        #expect(response.responses["B"]?.frames.count == 1)
        #expect(planned.ledger.count("models.TimeSeries.points", .timestampOutOfRange) == 1)
    }

    @Test("Losses that show while frames are made, results are matched, or queries stay unanswered are refused as well")
    func laterLosses() throws {
        let nan = CaseInput(refID: "A", series: [.init("m", [(1, .nan)])]).message
        var planned = try Planned(Build.request([Build.query("A")]), refusing("models.Point.value") { $0.nan = .null })
        #expect(try planned.merge([Build.reply([nan])])?.responses["A"]?.error.contains("nan-to-null") == true)

        planned = try Planned(Build.request([Build.query("A")]), refusing("models.QueryResult.refId"))
        #expect(try planned.merge([Build.reply([Build.result("Z")])])?.responses["A"]?.error.contains("refid-reassigned") == true)
        planned = try Planned(Build.request([Build.query("A")]), refusing("models.QueryResult.refId"))
        let twice = try #require(try planned.merge([Build.reply([Build.result("A"), Build.result("A")])]))
        #expect(twice.responses["A"]?.error.contains("duplicate-refid") == true)

        planned = try Planned(Build.request([Build.query("A"), Build.query("B")]), refusing("models.DatasourceResponse.results"))
        let unanswered = try #require(try planned.merge([Build.reply([Build.result("A")])]))
        #expect(unanswered.responses["A"]?.status == 200)
        #expect(unanswered.responses["B"]?.error.contains("refid-unanswered") == true)
    }

    @Test("What a reply loses outside of its results is refused for every refId of the call")
    func commonLosses() throws {
        let queries = [Build.query("A"), Build.query("B", from: 5)]
        var planned = try Planned(Build.request(queries), refusing("models.DatasourceResponse.#100"))
        var reply = Models_DatasourceResponse()
        reply.results = [Build.result("A")]
        let bytes = Build.bytes(reply) + [0xa2, 0x06, 0x01, 0x61]
        let response = try #require(try planned.merge([.reply(bytes), Build.reply([Build.result("B")])]))
        #expect(response.responses["A"]?.error.contains("models.DatasourceResponse.#100 (unknown-field, 1)") == true)
        #expect(response.responses["B"]?.status == 200)
    }

    @Test("In chunks, too, a query that stays unanswered has the error, and its neighbour the data")
    func chunks() throws {
        let request = Build.request([Build.query("A"), Build.query("B")])
        let outcome = (place: 0, outcome: Build.reply([Build.result("B")]))
        let streamed = try Streamed(request, refusing("models.DatasourceResponse.results"), [outcome])
        #expect(streamed.messages.map(\.refID) == ["A", "B"])
        #expect(streamed.messages[0].error.contains("models.DatasourceResponse.results"))
        #expect(streamed.messages[1].error.isEmpty)
        #expect(try streamed.frames("B").count == 1)
    }

    @Test("The plugin's own error stays in front of a refusal, and a reply that cannot be decoded keeps its words")
    func otherErrors() throws {
        var planned = try Planned(Build.request([Build.query("A")]), refusing("*"))
        var bad = Self.lossy.message
        bad.refID = "A"
        bad.error = "boom"
        #expect(
            try planned.merge([Build.reply([bad])])?.responses["A"]?.error.hasPrefix(
                "boom; the legacy plugin's answer is withheld") == true)
        planned = try Planned(Build.request([Build.query("A")]), refusing("*"))
        #expect(
            try planned.merge([.reply([0x0a, 0xff])])?.responses["A"]?.error.contains("is not a models.DatasourceResponse")
                == true)
    }

    @Test("An answer in JSON format that the operator replaces by Arrow can be refused before the plugin is asked")
    func format() throws {
        let request = Build.request([Build.query("A")], format: 1)
        let planned = try Planned(request, refusing("pluginv2.QueryDataRequest.format") { $0.arrowOnJSONRequest = true })
        #expect(planned.plan.calls.isEmpty)
        #expect(planned.ledger.count("pluginv2.QueryDataRequest.format", .formatReplaced) == 1)
    }
}

@Suite("The trailing metadata that names losses")
struct LossTrailerTests {
    @Test("It names path, cause and count of every loss")
    func value() {
        #expect(LossTrailer.value([]) == nil)
        let losses = [
            Loss("pluginv2.User.email", .noHome, count: 1), Loss(.unknown(7, in: "models.Table"), .unknownField, count: 12),
        ]
        #expect(LossTrailer.value(losses) == "pluginv2.User.email:no-home:1,models.Table.#7:unknown-field:12")
    }

    @Test("Whatever a path holds, the value is printable ASCII, and its separators stay unambiguous")
    func encoding() throws {
        let value = try #require(
            LossTrailer.value([Loss("a,b:c%é\n", .noHome, count: 1), Loss(LossLedger.overflow, .noHome, count: 2)]))
        #expect(value == "a%2Cb%3Ac%25%C3%A9%0A:no-home:1,%28more%29:no-home:2")
    }

    @Test("It is bounded in entries and bytes, and says how many are left out")
    func bounds() throws {
        let many = (1...1000).map { Loss(.unknown(UInt32($0), in: "m"), .unknownField, count: $0) }
        let value = try #require(LossTrailer.value(many))
        #expect(value.utf8.count <= LossTrailer.maximumBytes)
        #expect(value.split(separator: ",").count == LossTrailer.maximumEntries + 1)
        #expect(value.hasSuffix(",more:omitted:936"))
        let long = try #require(LossTrailer.value([Loss(LossPath(String(repeating: "x", count: 10_000)), .noHome, count: 1)]))
        #expect(long == "more:omitted:1")
        let wide = (1...1000).map { Loss(LossPath(String(repeating: "y", count: 200) + "\($0)"), .noHome, count: 1) }
        #expect(try #require(LossTrailer.value(wide)).utf8.count <= LossTrailer.maximumBytes)
    }
}
