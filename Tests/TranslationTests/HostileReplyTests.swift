import GatewayTestKit
import PluginProtocolV1
import PluginProtocolV2
import Testing

@testable import Translation

@Suite("Replies that are wrong")
struct HostileReplyTests {
    private func answer(_ reply: [UInt8], refIDs: [String] = ["A"], format: Int = 0) throws -> Pluginv2_QueryDataResponse {
        var planned = try Planned(Build.request(refIDs.map { Build.query($0) }, format: format))
        return try #require(try planned.merge([.reply(reply)]))
    }

    @Test("A truncated reply is an error of every refId that names the side and the byte")
    func truncated() throws {
        var response = Models_DatasourceResponse()
        response.results = [Build.result("A"), Build.result("B")]
        let bytes = Build.bytes(response)
        let cut = Array(bytes.dropLast())
        let answer = try answer(cut, refIDs: ["A", "B"])
        #expect(answer.responses.count == 2)
        for refID in ["A", "B"] {
            let response = try #require(answer.responses[refID])
            #expect(response.status == 500)
            #expect(response.errorSource == "plugin")
            #expect(response.frames.isEmpty)
            #expect(
                response.error
                    == "the legacy plugin's reply is not a models.DatasourceResponse: a length points beyond its message "
                    + "at byte \(Build.bytes(Build.result("A")).count + 3) of \(cut.count); the plugin must be corrected to send valid protobuf"
            )
        }
    }

    @Test("What a malformed reply held before its fault is not used, and does not count as lost")
    func nothingOfIt() throws {
        var planned = try Planned(Build.request([Build.query("A")]))
        let input = CaseInput(series: [.init("m", [(.max, 1)])])
        var response = Models_DatasourceResponse()
        response.results = [input.message]
        _ = try planned.merge([.reply(Build.bytes(response) + [0x0a, 0x7f])])
        #expect(planned.ledger.losses == [Loss("models.DatasourceResponse", .malformedReply, count: 1)])
    }

    @Test("Every prefix of a reply has an answer")
    func prefixes() throws {
        var random = RandomMessages(seed: 1)
        let bytes = Build.bytes(random.response(refIDs: ["A", "B"]))
        for length in 0..<min(bytes.count, 1500) { #expect(try answer(Array(bytes[..<length])).responses["A"] != nil) }
    }

    @Test("Mutated replies: an error or an answer, never a crash, always readable frames", arguments: [0, 1])
    func mutations(_ format: Int) throws {
        var random = RandomMessages(seed: 0x6675_7a7a + UInt64(format))
        let plan = try Planned(Build.request([Build.query("A"), Build.query("B")], format: format)).plan
        var sources = (0..<50).map { _ in Build.bytes(random.response(refIDs: ["A", "B"])) }
        sources.append(contentsOf: CasesOfSectionG.all.map { Build.bytes(Models_DatasourceResponse.with($0.input.message)) })
        var readable = 0
        for _ in 0..<10_000 {
            var bytes = random.pick(sources)
            for _ in 0...random.number(below: 3) where !bytes.isEmpty {
                let place = random.number(below: bytes.count)
                switch random.number(below: 5) {
                case 0: bytes[place] = UInt8(truncatingIfNeeded: random.generator.next())
                case 1: bytes[place] ^= 1 << UInt8(random.number(below: 8))
                case 2: bytes.remove(at: place)
                case 3: bytes.removeSubrange(place...)
                default: bytes.insert(random.pick([0x00, 0x80, 0xff, 0x0a, 0x1a, 0x22, 0x0b]), at: place)
                }
            }
            var ledger = LossLedger()
            guard case .reply(let answer, _) = V2ToV1QueryData.merge(plan, [.reply(bytes)], ledger: &ledger) else {
                Issue.record("a reply became a status")
                continue
            }
            let decoded = try Pluginv2_QueryDataResponse(serializedBytes: answer)
            for (_, response) in decoded.responses {
                #expect((100...599).contains(response.status))
                #expect((response.status == 200) == response.error.isEmpty)
                readable += try CaseExpectation(response).frames.count
            }
        }
        #expect(readable > 1000)
    }

    @Test("Random bytes are answered")
    func noise() throws {
        var random = RandomMessages(seed: 7)
        for _ in 0..<5_000 {
            let bytes = (0..<random.number(below: 60)).map { _ in UInt8(truncatingIfNeeded: random.generator.next()) }
            #expect(try answer(bytes).responses["A"] != nil)
        }
    }

    @Test("A table of few bytes that asks for many cells is refused")
    func cellBomb() throws {
        var table = WireWriter()
        for _ in 0..<5_000 { table.delimited(1, []) }
        for _ in 0..<5_000 { table.delimited(2, []) }
        let response = try #require(try answer(reply(table)).responses["A"])
        #expect(response.status == 500)
        #expect(response.error.contains("5000 rows and 5000 columns"))
        var wide = WireWriter()
        for _ in 0...TableDecoder.maximumColumns { wide.delimited(1, []) }
        #expect(try answer(reply(wide)).responses["A"]?.error.contains("columns") == true)
    }

    private func reply(_ table: WireWriter) -> [UInt8] {
        var result = WireWriter()
        result.string(2, "A")
        result.delimited(5, table.bytes)
        var response = WireWriter()
        response.delimited(1, result.bytes)
        return response.bytes
    }

    @Test("Fields out of order, repeated, with the wrong wire type, or unknown, do not confuse the columns")
    func strangeFields() throws {
        var point = WireWriter()
        point.tag(2, .fixed64)
        point.raw(Array(repeating: 0, count: 8))
        point.int64(9, 5)
        point.int64(1, 3)
        point.delimited(1, [1, 2])
        point.int64(1, 4)
        var series = WireWriter()
        series.delimited(3, point.bytes)
        series.int64(3, 1)
        series.delimited(3, [])
        series.string(1, "first")
        series.string(1, "last")
        var result = WireWriter()
        result.delimited(4, series.bytes)
        result.string(2, "A")
        var response = WireWriter()
        response.delimited(1, result.bytes)
        var planned = try Planned(Build.request([Build.query("A")]))
        let merged = try planned.merge([.reply(response.bytes)])
        let answer = try #require(merged?.responses["A"])
        let frame = try #require(try CaseExpectation(answer).frames.first)
        #expect(frame.name == "last")
        #expect(frame.fields[0].values == [.time(4_000_000), .time(0)])
        #expect(planned.ledger.count("models.Point.#9", .unknownField) == 1)
        #expect(planned.ledger.count("models.Point.#1", .unknownField) == 1)
        #expect(planned.ledger.count("models.TimeSeries.#3", .unknownField) == 1)
    }

    @Test("Text that is not UTF-8 is shown with U+FFFD and entered")
    func invalidUTF8() throws {
        var tag = WireWriter()
        tag.delimited(1, [0x6b, 0xff])
        tag.delimited(2, [0xfe])
        var series = WireWriter()
        series.delimited(1, [0x6e, 0xff])
        series.delimited(2, tag.bytes)
        var result = WireWriter()
        result.string(2, "A")
        result.delimited(1, [0x65, 0xc3])
        result.delimited(4, series.bytes)
        var response = WireWriter()
        response.delimited(1, result.bytes)
        var planned = try Planned(Build.request([Build.query("A")]))
        let answer = try #require(try planned.merge([.reply(response.bytes)])?.responses["A"])
        let frame = try #require(try CaseExpectation(answer).frames.first)
        #expect(answer.error == "e\u{FFFD}")
        #expect(frame.name == "n\u{FFFD}")
        #expect(frame.fields[1].labels == ["k\u{FFFD}": "\u{FFFD}"])
        #expect(planned.ledger.count("models.TimeSeries.tags", .invalidUTF8) == 2)
        #expect(planned.ledger.count("models.TimeSeries.name", .invalidUTF8) == 1)
        #expect(planned.ledger.count("models.QueryResult.error", .invalidUTF8) == 1)
    }
}

extension Models_DatasourceResponse {
    static func with(_ result: Models_QueryResult) -> Models_DatasourceResponse {
        var response = Models_DatasourceResponse()
        response.results = [result]
        return response
    }
}
