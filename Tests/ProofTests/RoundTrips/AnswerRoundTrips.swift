import DataFrames
import GatewayTestKit
import PluginProtocolV1
import PluginProtocolV2
import SwiftProtobuf
import Testing
import Translation

extension Proofs.RoundTrips {
    /// Answers with everything that the schema has, of which what is carried comes back.
    @Test("v1 → v2 → v1, carried fields of answers", arguments: [0, 1])
    func carried(_ format: Int) throws {
        let coverage = CarriedCoverage()
        for part in proofParts {
            prove("models.DatasourceResponse there and back", part: part, of: 5000) { random in
                var trees = RandomTree(random)
                var result = trees.message("models.QueryResult")
                result.fields.removeAll { $0.number == 2 }
                result.fields.append(WireTree.Field(2, .bytes([0x41])))
                let original = WireTree("models.DatasourceResponse", [WireTree.Field(1, .message(result))])
                let response = try AnswerRoundTrip.response(original.encoded, format)
                // A table that cannot be shown, which the schema allows, is an error instead of data.
                guard response.errorSource != "plugin" else { return }
                let v1: [UInt8] = try FramesToV1.result(response, refID: "A").serializedBytes()
                guard let (back, _) = WireTree.parse(v1, as: "models.QueryResult") else { throw Mismatch("no message") }
                for field in CarriedField.ofAnswers where field.message != "models.RenderResponse" {
                    coverage.note(field, field.values(in: original))
                    try Agreement.same(field.values(in: back), field.values(in: original), field.path)
                }
            }
        }
        let fields = CarriedField.ofAnswers.filter { $0.message != "models.RenderResponse" }
        #expect(fields.count >= 2, "the rules carry hardly anything")
        if ProofRun.current.cases >= 1000 { #expect(coverage.missing(of: fields) == []) }
    }

    /// Answers with nothing in them that has to change: series and tables come back as they were, bit for bit.
    @Test("v1 → v2 → v1, series and tables", arguments: [0, 1])
    func whole(_ format: Int) throws {
        for part in proofParts {
            prove("series and tables there and back", part: part) { random in
                let original = random.cleanResult()
                let reply: [UInt8] = try Models_DatasourceResponse.with { $0.results = [original] }.serializedBytes()
                let response = try AnswerRoundTrip.response(reply, format)
                try Agreement.messages(FramesToV1.result(response, refID: "A"), original, "the result")
            }
        }
    }

    @Test("v2 → v2: what the rules call carried is in the chunks that take the place of an answer")
    func withinV2() throws {
        let rules = try #require(RuleBook.withinV2.message("pluginv2.DataResponse"))
        let carried = rules.fields.filter { $0.kind == .carried }.map(\.name).sorted()
        #expect(carried == ["error", "errorSource", "status"], "a field that this proof does not compare yet")
        prove("pluginv2.DataResponse in chunks and back", part: 0) { random in
            let answer = try Pluginv2_DataResponse.with {
                $0.error = "\(random.text())!"
                $0.errorSource = random.pick(["plugin", "downstream"])
                $0.status = random.pick([200, 400, 500, 207])
                $0.frames = try [.init(ArrowFile.write(random.frame()))]
            }
            let bytes: [UInt8] = try Pluginv2_QueryDataResponse.with { $0.responses["é"] = answer }.serializedBytes()
            var ledger = LossLedger()
            var chunks = V2Chunks(request: [], options: .default).chunks(of: bytes, &ledger)
            var last: Pluginv2_QueryChunkedDataResponse?
            var frames: [[UInt8]] = []
            while let message = chunks.next(&ledger) {
                let chunk = try Pluginv2_QueryChunkedDataResponse(serializedBytes: message)
                if chunk.error.isEmpty { frames.append(Array(chunk.frame)) }
                last = chunk
            }
            try Agreement.same(frames, answer.frames.map { Array($0) }, "frames")
            try Agreement.text(last?.error ?? "", answer.error, "error")
            try Agreement.text(last?.errorSource ?? "", answer.errorSource, "errorSource")
            try Agreement.same(last?.status, answer.status, "status")
        }
    }
}

private enum AnswerRoundTrip {
    /// The answer to a query `A`.
    static func response(_ reply: [UInt8], _ format: Int) throws -> ReferenceResponse {
        let request = Pluginv2_QueryDataRequest.with {
            $0.pluginContext.dataSourceInstanceSettings.id = 7
            $0.queries = [.with { $0.refID = "A" }]
            $0.format = format == 1 ? .json : .arrow
        }
        let (plan, _) = try V2ToV1QueryData.plan(request.serializedBytes(), options: .default)
        var ledger = LossLedger()
        guard case .reply(let bytes, _) = V2ToV1QueryData.merge(plan, [.reply(reply)], ledger: &ledger) else {
            throw Mismatch("no answer")
        }
        guard let response = try Answers.read(bytes, format: format)[WireText("A")] else { throw Mismatch("no answer to A") }
        return response
    }
}

extension RandomMessages {
    /// A result that v2 can say completely, and that can be said back: distinct labels, times that fit, one kind a column.
    fileprivate mutating func cleanResult() -> Models_QueryResult {
        var result = Models_QueryResult()
        result.refID = "A"
        if chance(8) { result.error = "\(text())!" }
        if chance(3) { result.metaJson = pick(["{}", #"{"a":[1,"é"]}"#, #"{"sql":"SELECT 1","n":12345678901234567890}"#]) }
        for number in 0..<number(below: 4) {
            var series = series()
            series.tags["n"] = "\(number)"
            series.points = series.points.filter { (-9_223_372_036_854...9_223_372_036_854).contains($0.timestamp) }
            result.series.append(series)
        }
        for _ in 0..<number(below: 3) { result.tables.append(cleanTable()) }
        return result
    }

    private mutating func cleanTable() -> Models_Table {
        var table = Models_Table()
        let kinds = (0..<(1 + number(below: 5))).map { _ in 1 + number(below: 4) }
        let times = kinds.map { _ in chance(5) }
        for (kind, isTime) in zip(kinds, times) {
            // Of times, only whole milliseconds are something to say back.
            table.columns.append(.with { $0.name = isTime && kind == 2 ? "Time" : "c\(text())" })
        }
        for _ in 0..<number(below: 12) {
            var row = Models_TableRow()
            for (kind, isTime) in zip(kinds, times) {
                var cell = Models_RowValue()
                if !chance(4) {
                    cell.kind = Models_RowValue.Kind(rawValue: kind) ?? .typeNull
                    switch kind {
                    case 1: cell.doubleValue = double()
                    case 2:
                        cell.int64Value =
                            isTime ? Int64.random(in: -9_223_372_036_854...9_223_372_036_854, using: &generator) : integer()
                    case 3: cell.boolValue = chance(2)
                    default: cell.stringValue = text()
                    }
                }
                row.values.append(cell)
            }
            table.rows.append(row)
        }
        return table
    }
}
