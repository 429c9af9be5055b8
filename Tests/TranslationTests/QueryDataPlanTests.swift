import GatewayTestKit
import PluginProtocolV1
import PluginProtocolV2
import Testing

@testable import Translation

@Suite("Requests down to v1")
struct QueryDataPlanTests {
    @Test("Case 61: queries of one range travel together, with raw times in decimal milliseconds")
    func oneRange() throws {
        let planned = try Planned(Build.request([Build.query("A"), Build.query("B")]))
        #expect(planned.requests.count == 1)
        let request = try #require(planned.requests.first)
        #expect(request.queries.map(\.refID) == ["A", "B"])
        #expect(request.timeRange.fromRaw == "1000")
        #expect(request.timeRange.toRaw == "2000")
        #expect(request.timeRange.fromEpochMs == 1000)
        #expect(request.timeRange.toEpochMs == 2000)
        #expect(request.queries.map(\.intervalMs) == [15_000, 15_000])
        #expect(request.queries.map(\.maxDataPoints) == [100, 100])
        #expect(request.datasource.id == 7)
        #expect(request.datasource.orgID == 1)
        #expect(request.datasource.name == "D")
        #expect(request.datasource.type == "legacy-datasource")
        #expect(request.datasource.url == "http://127.0.0.1:1")
        #expect(planned.ledger.isEmpty)
    }

    @Test("Case 62: another range is another call")
    func twoRanges() throws {
        let queries = [Build.query("A"), Build.query("B", from: 5), Build.query("C")]
        let planned = try Planned(Build.request(queries))
        #expect(planned.plan.calls.map(\.refIDs) == [["A", "C"], ["B"]])
        #expect(planned.requests.map { $0.queries.map(\.refID) } == [["A", "C"], ["B"]])
        #expect(planned.requests.map(\.timeRange.fromEpochMs) == [1000, 5])
        #expect(planned.plan.refIDs == ["A", "B", "C"])
    }

    @Test("One call with the first range, or with the widest, is a loss that is entered")
    func otherPolicies() throws {
        let queries = [Build.query("A", from: 10, to: 20), Build.query("B", from: 5, to: 30), Build.query("C", from: 10, to: 20)]
        let first = try Planned(Build.request(queries), options { $0.timeRangePolicy = .first })
        #expect(first.requests.map(\.timeRange.fromEpochMs) == [10])
        #expect(first.ledger.count("pluginv2.DataQuery.timeRange", .timeRangeReplaced) == 1)
        let union = try Planned(Build.request(queries), options { $0.timeRangePolicy = .union })
        #expect(union.requests.map(\.timeRange.fromEpochMs) == [5])
        #expect(union.requests.map(\.timeRange.toEpochMs) == [30])
        #expect(union.requests.first?.queries.map(\.refID) == ["A", "B", "C"])
        #expect(union.ledger.count("pluginv2.DataQuery.timeRange", .timeRangeReplaced) == 2)
    }

    @Test("Case 66: a query without a range asks for 0 to 0, and both messages are there")
    func noRange() throws {
        var query = Build.query("A")
        query.clearTimeRange()
        let request = try #require(try Planned(Build.request([query])).requests.first)
        #expect(request.hasTimeRange)
        #expect(request.hasDatasource)
        #expect(request.timeRange.fromRaw == "0")
        #expect(request.timeRange.toRaw == "0")
        #expect(request.timeRange.fromEpochMs == 0)
    }

    static let model = #"{"datasource":{"type":"x","uid":"u"},"n":12345678901234567890,"refId":"A"}"#

    @Test("Case 67: the model looks like one of an old host, byte-exact elsewhere")
    func legacyModel() throws {
        let planned = try Planned(Build.request([Build.query("A", json: Self.model)]))
        #expect(
            planned.requests.first?.queries.first?.modelJson
                == #"{"datasource":"D","n":12345678901234567890,"refId":"A","datasourceId":7,"intervalMs":15000,"maxDataPoints":100}"#
        )
    }

    @Test("Case 68: verbatim leaves the model alone")
    func verbatimModel() throws {
        let planned = try Planned(Build.request([Build.query("A", json: Self.model)]), options { $0.model = .verbatim })
        #expect(planned.requests.first?.queries.first?.modelJson == Self.model)
    }

    @Test("Case 69: a model that is no object passes unchanged", arguments: ["[1]", "{bad", "3", "null", " ", "{\"a\":1}x"])
    func strangeModel(_ model: String) throws {
        let planned = try Planned(Build.request([Build.query("A", json: model)]))
        #expect(planned.requests.first?.queries.first?.modelJson == model)
    }

    @Test("Case 70: an empty model is generated")
    func emptyModel() throws {
        var query = Build.query("A", json: "")
        query.queryType = "q"
        let planned = try Planned(Build.request([query]))
        #expect(
            planned.requests.first?.queries.first?.modelJson
                == #"{"refId":"A","queryType":"q","intervalMs":15000,"maxDataPoints":100,"datasourceId":7}"#)
        #expect(planned.ledger.isEmpty)
    }

    @Test("Case 71: jsonData is never empty", arguments: ["", "null", "\u{FF}"])
    func jsonData(_ text: String) throws {
        var request = Build.request([Build.query("A")])
        let bytes = text == "\u{FF}" ? [0xff] : Array(text.utf8)
        request.pluginContext.dataSourceInstanceSettings.jsonData.append(contentsOf: bytes)
        #expect(try Planned(request).requests.first?.datasource.jsonData == "{}")
    }

    @Test("jsonData is copied byte for byte")
    func jsonDataIsCopied() throws {
        var request = Build.request([Build.query("A")])
        let text = #" {"b" : 1.0e5,"a":12345678901234567890, "a":2}"#
        request.pluginContext.dataSourceInstanceSettings.jsonData.append(contentsOf: Array(text.utf8))
        #expect(try Planned(request).requests.first?.datasource.jsonData == text)
    }

    @Test("Case 72: a data source without a number gets a stable one of its own")
    func synthesisedID() throws {
        var request = Build.request([Build.query("A")])
        request.pluginContext.orgID = 0
        request.pluginContext.namespace = "stacks-5"
        request.pluginContext.dataSourceInstanceSettings.id = 0
        request.pluginContext.dataSourceInstanceSettings.uid = "u"
        let first = try #require(try Planned(request).requests.first?.datasource)
        let second = try #require(try Planned(request).requests.first?.datasource)
        request.pluginContext.dataSourceInstanceSettings.uid = "v"
        let other = try #require(try Planned(request).requests.first?.datasource)
        #expect(first.id == second.id)
        #expect(first.id != other.id)
        #expect(first.id >= 1 << 32)
        #expect(first.orgID == 1)
        // Pinned: plugins cache by this number, also across versions of the gateway.
        var hash = FNV1a64()
        hash.combine("stacks-5\0u".utf8)
        #expect(first.id == 1 << 32 + Int64(hash.value & 0xf_ffff_ffff_ffff))
    }

    @Test(
        "The organisation comes from the namespace where it must",
        arguments: [("default", 1), ("org-42", 42), ("stacks-9", 1), ("org-x", 0), ("", 0), ("org--3", 0)] as [(String, Int64)])
    func organisation(_ namespace: String, _ expected: Int64) throws {
        var request = Build.request([Build.query("A")])
        request.pluginContext.orgID = 0
        request.pluginContext.namespace = namespace
        #expect(try Planned(request).requests.first?.datasource.orgID == expected)
    }

    @Test("Case 73: without data source settings every refId is an error, and nothing is called")
    func missingSettings() throws {
        var request = Build.request([Build.query("A"), Build.query("B")])
        request.pluginContext.clearDataSourceInstanceSettings()
        var planned = try Planned(request)
        #expect(planned.plan.calls.isEmpty)
        let response = try #require(try planned.merge([]))
        #expect(Set(response.responses.keys) == ["A", "B"])
        for answer in response.responses.values {
            #expect(answer.status == 400)
            #expect(answer.errorSource == "plugin")
            #expect(answer.error == "data source settings are missing")
        }
    }

    @Test("Missing settings may be allowed; an app's settings take their place")
    func allowedMissingSettings() throws {
        var request = Build.request([Build.query("A")])
        request.pluginContext.clearDataSourceInstanceSettings()
        request.pluginContext.appInstanceSettings.jsonData.append(contentsOf: Array(#"{"app":1}"#.utf8))
        request.pluginContext.appInstanceSettings.decryptedSecureJsonData = ["k": "v"]
        let allowed = options { $0.allowMissingSettings = true }
        let info = try #require(try Planned(request, allowed).requests.first?.datasource)
        #expect(info.type == "legacy-datasource")
        #expect(info.orgID == 1)
        #expect(info.jsonData == #"{"app":1}"#)
        #expect(info.decryptedSecureJsonData == ["k": "v"])
        request.pluginContext.clearAppInstanceSettings()
        #expect(try Planned(request, allowed).requests.first?.datasource.jsonData == "{}")
    }

    @Test("A request without queries is answered at once, empty")
    func noQueries() throws {
        var planned = try Planned(Build.request([]))
        #expect(planned.plan.calls.isEmpty)
        #expect(try planned.merge([])?.responses.isEmpty == true)
    }

    @Test("A request that is not protobuf names the byte and the side that must change")
    func malformed() {
        #expect {
            _ = try V2ToV1QueryData.plan([0x0a, 0x05, 0x01], options: .default)
        } throws: { error in
            guard let error = error as? TranslationError else { return false }
            return error.code == .malformedRequest && error.grpcCode == 3 && "\(error)".contains("at byte 1 of 3")
                && error.remedy.contains("host")
        }
    }
}
