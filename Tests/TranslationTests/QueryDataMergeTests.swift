import GatewayTestKit
import PluginProtocolV1
import PluginProtocolV2
import Testing

@testable import Translation

@Suite("Replies up to v2")
struct QueryDataMergeTests {
    private let split = [Build.query("A"), Build.query("B", from: 5), Build.query("C")]

    private func grpcStatus(_ answer: QueryDataAnswer) -> (code: Int, message: String, source: String?)? {
        guard case .status(let code, let message, let source) = answer else { return nil }
        return (code, message, source)
    }

    @Test("Case 63: a call that fails is an error of its refIds only")
    func oneGroupFails() throws {
        var planned = try Planned(Build.request(split))
        let merged = try planned.merge([
            Build.reply([Build.result("A"), Build.result("C")]), .failure(code: 2, message: "x"),
        ])
        let response = try #require(merged)
        #expect(response.responses["A"]?.status == 200)
        #expect(response.responses["C"]?.status == 200)
        #expect(response.responses["B"]?.status == 500)
        #expect(response.responses["B"]?.error == "x")
        #expect(response.responses["B"]?.errorSource == "plugin")
    }

    @Test("Cases 64 and 65: where all calls fail alike, hosts get the gRPC status", arguments: [14, 8, 12])
    func allGroupsFail(_ code: Int) throws {
        var planned = try Planned(Build.request(split))
        let all = V2ToV1QueryData.merge(
            planned.plan, [.failure(code: code, message: "gone"), .failure(code: code, message: "gone")], ledger: &planned.ledger)
        let status = try #require(grpcStatus(all))
        #expect(status.code == code)
        #expect(status.message == "gone")
        #expect(status.source == "plugin")

        var single = try Planned(Build.request([Build.query("A")]))
        let one = V2ToV1QueryData.merge(single.plan, [.failure(code: code, message: "")], ledger: &single.ledger)
        #expect(grpcStatus(one)?.code == code)
        #expect(grpcStatus(one)?.message.isEmpty == false)
    }

    @Test(
        "Each code has its HTTP status",
        arguments: [
            (2, 500), (13, 500), (1, 500), (3, 400), (5, 404), (7, 403), (16, 401), (4, 504), (14, 503), (8, 413), (12, 501),
            (99, 500),
        ])
    func codes(_ code: Int, _ expected: Int32) throws {
        var planned = try Planned(Build.request(split))
        let merged = try planned.merge([Build.reply([]), .failure(code: code, message: "why")])
        let answer = try #require(merged?.responses["B"])
        #expect(answer.status == expected)
        #expect(answer.error == "why")
        #expect(answer.errorSource == "plugin")
    }

    @Test("The gateway's own time limit is a 504 of the group")
    func timedOut() throws {
        var planned = try Planned(Build.request([Build.query("A")]))
        let answer = try #require(try planned.merge([.timedOut])?.responses["A"])
        #expect(answer.status == 504)
        #expect(answer.error.contains("time limit"))
    }

    @Test("Case 74: a result without refId answers the only query")
    func emptyRefID() throws {
        var planned = try Planned(Build.request([Build.query("B")]))
        let response = try #require(try planned.merge([Build.reply([Build.result("")])]))
        #expect(response.responses.keys.sorted() == ["B"])
        #expect(response.responses["B"]?.frames.count == 1)
        #expect(planned.ledger.count("models.QueryResult.refId", .refIDReassigned) == 1)
    }

    @Test("Case 75: as many nameless results as queries answer by position")
    func byPosition() throws {
        var planned = try Planned(Build.request([Build.query("A"), Build.query("B")]))
        let response = try #require(try planned.merge([Build.reply([Build.result("", "first"), Build.result("", "second")])]))
        #expect(try response.responses["A"]?.frameNames() == ["first"])
        #expect(try response.responses["B"]?.frameNames() == ["second"])
    }

    @Test("Case 76: one nameless result for two queries is kept apart")
    func namelessForTwo() throws {
        var planned = try Planned(Build.request([Build.query("A"), Build.query("B")]))
        let response = try #require(try planned.merge([Build.reply([Build.result("")])]))
        #expect(response.responses.keys.sorted() == ["", "A", "B"])
        #expect(response.responses[""]?.frames.count == 1)
        #expect(response.responses["A"]?.frames.isEmpty == true)
        #expect(response.responses["A"]?.status == 200)
        #expect(response.responses["B"]?.status == 200)
        #expect(planned.ledger.count("models.QueryResult.refId", .refIDUnmatched) == 1)
        #expect(planned.ledger.count("models.DatasourceResponse.results", .refIDUnanswered) == 2)
    }

    @Test("Case 77: the only result answers the only query")
    func otherRefID() throws {
        var planned = try Planned(Build.request([Build.query("B")]))
        let response = try #require(try planned.merge([Build.reply([Build.result("A")])]))
        #expect(response.responses.keys.sorted() == ["B"])
        #expect(response.responses["B"]?.frames.count == 1)
    }

    @Test("Case 78: of two results the second wins, or both are merged")
    func duplicates() throws {
        let outcome = Build.reply([Build.result("A", "first"), Build.result("A", "second")])
        var last = try Planned(Build.request([Build.query("A")]))
        #expect(try last.merge([outcome])?.responses["A"]?.frameNames() == ["second"])
        #expect(last.ledger.count("models.QueryResult.refId", .duplicateRefID) == 1)

        var merged = try Planned(Build.request([Build.query("A")]), options { $0.duplicates = .merge })
        let response = try #require(try merged.merge([outcome])?.responses["A"])
        #expect(try response.frameNames() == ["first", "second"])
        // Their series now share a refId, so their labels must differ.
        #expect(try CaseExpectation(response).frames.map { $0.fields[1].labels } == [["name": "first"], ["name": "second"]])
        #expect(merged.ledger.isEmpty)
    }

    @Test("Merged duplicates join their errors")
    func mergedErrors() throws {
        let results = [CaseInput(error: "one").message, CaseInput(error: "two").message]
        var planned = try Planned(Build.request([Build.query("A")]), options { $0.duplicates = .merge })
        #expect(try planned.merge([Build.reply(results)])?.responses["A"]?.error == "one; two")
    }

    @Test("Case 79: a result nobody asked for passes")
    func unrequested() throws {
        var planned = try Planned(Build.request([Build.query("A")]))
        let response = try #require(try planned.merge([Build.reply([Build.result("Z"), Build.result("A")])]))
        #expect(response.responses.keys.sorted() == ["A", "Z"])
    }

    @Test("A stray result does not replace the answer of the call that asked for it", arguments: [false, true])
    func strayAcrossGroups(_ strayFirst: Bool) throws {
        let queries = strayFirst ? [Build.query("A"), Build.query("B", from: 5)] : [Build.query("B", from: 5), Build.query("A")]
        let stray = Build.reply([Build.result("A"), Build.result("B", "stray")])
        let own = Build.reply([Build.result("B", "own")])
        var planned = try Planned(Build.request(queries))
        let response = try #require(try planned.merge(strayFirst ? [stray, own] : [own, stray]))
        #expect(try response.responses["B"]?.frameNames() == ["own"])
        #expect(planned.ledger.count("models.QueryResult.refId", .duplicateRefID) == 1)
    }

    @Test("A refId that the host sent twice is sent twice; the later result wins")
    func duplicateQueries() throws {
        let same = try Planned(Build.request([Build.query("A"), Build.query("A")]))
        #expect(same.requests.first?.queries.map(\.refID) == ["A", "A"])
        var split = try Planned(Build.request([Build.query("A"), Build.query("A", from: 5)]))
        let response = try split.merge([Build.reply([Build.result("A", "1")]), Build.reply([Build.result("A", "2")])])
        #expect(try response?.responses["A"]?.frameNames() == ["2"])
    }

    @Test("Case 80: a query without a result is empty and well")
    func unanswered() throws {
        var planned = try Planned(Build.request([Build.query("A"), Build.query("B")]))
        let response = try #require(try planned.merge([Build.reply([Build.result("A")])])?.responses["B"])
        #expect(response.status == 200)
        #expect(response.frames.isEmpty)
        #expect(response.error.isEmpty)
    }

    @Test("Case 81: JSON when asked for JSON, with the same frame inside")
    func json() throws {
        var json = try Planned(Build.request([Build.query("A")], format: 1))
        var arrow = try Planned(Build.request([Build.query("A")]))
        let outcome = Build.reply([Build.result("A")])
        let jsonAnswer = try #require(try json.merge([outcome])?.responses["A"])
        let arrowAnswer = try #require(try arrow.merge([outcome])?.responses["A"])
        #expect(jsonAnswer.format == .json)
        #expect(jsonAnswer.frames.first?.first == UInt8(ascii: "{"))
        #expect(arrowAnswer.format == .arrow)
        #expect(try CaseExpectation(jsonAnswer) == CaseExpectation(arrowAnswer))
    }

    @Test("Case 82: an unknown format is answered in Arrow, and entered")
    func unknownFormat() throws {
        var planned = try Planned(Build.request([Build.query("A")], format: 7))
        let answer = try #require(try planned.merge([Build.reply([Build.result("A")])])?.responses["A"])
        #expect(answer.format == .arrow)
        #expect(Array(answer.frames.first ?? .init()).starts(with: Array("ARROW1".utf8)))
        #expect(planned.ledger.count("pluginv2.QueryDataRequest.format", .unknownValue) == 1)
    }

    @Test("Arrow may be forced on hosts that ask for JSON")
    func arrowOnJSONRequest() throws {
        var planned = try Planned(Build.request([Build.query("A")], format: 1), options { $0.arrowOnJSONRequest = true })
        #expect(try planned.merge([Build.reply([Build.result("A")])])?.responses["A"]?.format == .arrow)
        #expect(planned.ledger.count("pluginv2.QueryDataRequest.format", .formatReplaced) == 1)
    }

    @Test("What was carried is counted")
    func statistics() throws {
        var planned = try Planned(Build.request([Build.query("A")]))
        let result = CaseInput(
            series: [.init("m", [(1, 1), (2, 2), (.max, 3)])], tables: [.init(["a", "b"], [[.int(1)], [.int(2), .int(3)]])])
        guard
            case .reply(let bytes, let statistics) = V2ToV1QueryData.merge(
                planned.plan, [Build.reply([result.message])], ledger: &planned.ledger)
        else {
            Issue.record("no reply")
            return
        }
        #expect(statistics.points == 2)
        #expect(statistics.cells == 4)
        #expect(statistics.frames == 2)
        #expect(statistics.bytesOut == bytes.count)
        #expect(statistics.bytesIn > 0)
    }
}
