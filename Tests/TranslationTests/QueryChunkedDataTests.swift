import DataFrames
import GatewayTestKit
import PluginProtocolV1
import PluginProtocolV2
import Testing

@testable import Translation

@Suite("QueryChunkedData in front of v1")
struct QueryChunkedDataTests {
    private let split = [Build.query("A"), Build.query("B", from: 5), Build.query("C")]

    private func rows(_ refID: String, _ count: Int) -> Models_QueryResult {
        CaseInput(refID: refID, series: [.init("m", [:], (0..<count).map { (Int64($0), Double($0) / 4) })]).message
    }

    @Test("Case 83: two series and an error in Arrow are frames 0 and 1, and then the error with a frame that can be decoded")
    func arrowWithError() throws {
        let result = CaseInput(error: "partial", series: [.init("a", [:], [(1, 1)]), .init("b", [:], [(1, 2)])]).message
        let stream = try Streamed(Build.request([Build.query("A")]), [(0, Build.reply([result]))])
        #expect(stream.names == ["A/0", "A/1", "A/2"])
        #expect(stream.messages.map(\.status) == [200, 200, 500])
        #expect(stream.messages.map(\.error) == ["", "", "partial"])
        #expect(stream.messages.map(\.errorSource) == ["", "", "downstream"])
        #expect(stream.messages.allSatisfy { $0.format == .arrow })
        let last = try ArrowFile.read([UInt8](stream.messages[2].frame))
        #expect(last.fields.isEmpty)
        #expect(try stream.frames("A").map(\.name) == ["a", "b"])
    }

    @Test("An error in JSON comes without a frame")
    func jsonWithError() throws {
        let result = CaseInput(error: "boom").message
        let stream = try Streamed(Build.request([Build.query("A")], format: 1), [(0, Build.reply([result]))])
        #expect(stream.names == ["A/0"])
        #expect(stream.messages[0].frame.isEmpty)
        #expect(stream.messages[0].format == .json)
        #expect(stream.messages[0].status == 500)
    }

    @Test("Case 84: 120,000 rows are three chunks of one frame; put together they are the unary answer", arguments: [0, 1])
    func large(_ format: Int) throws {
        let request = Build.request([Build.query("A")], format: format)
        let reply = Build.reply([rows("A", 120_000)])
        let stream = try Streamed(request, [(0, reply)])
        #expect(stream.names == ["A/0", "A/0", "A/0"])
        if format == 1 {
            let heads = stream.messages.map { String(decoding: $0.frame.prefix(10), as: UTF8.self) }
            #expect(heads == ["{\"schema\":", "{\"data\":{\"", "{\"data\":{\""])
        }
        var planned = try Planned(request)
        let unary = try #require(try planned.merge([reply])?.responses["A"])
        #expect(try stream.frames("A") == unary.decodedFrames())
        #expect(stream.statistics.points == 120_000)
        #expect(stream.statistics.frames == 1)
    }

    @Test("Chunks have exactly chunk_rows rows, the last one the rest", arguments: [0, 1], [(1, 7), (3, 3), (7, 1), (8, 1)])
    func boundaries(_ format: Int, _ size: (rows: Int, chunks: Int)) throws {
        let options = options { $0.chunkRows = size.rows }
        let stream = try Streamed(Build.request([Build.query("A")], format: format), options, [(0, Build.reply([rows("A", 7)]))])
        #expect(stream.messages.count == size.chunks)
        #expect(try stream.frames("A").first?.rowCount == 7)
    }

    @Test("Case 85: nothing to say is a stream without a message, and what is empty is still a frame")
    func empty() throws {
        let request = Build.request([Build.query("A"), Build.query("B")])
        let nothing = try Streamed(request, [(0, Build.reply([CaseInput(refID: "A").message]))])
        #expect(nothing.messages.isEmpty)
        #expect(nothing.status == nil)
        #expect(nothing.ledger.count("models.DatasourceResponse.results", .refIDUnanswered) == 1)
        let noRows = try Streamed(request, [(0, Build.reply([CaseInput(refID: "A", series: [.init("m", [:], [])]).message]))])
        #expect(noRows.names == ["A/0"])
        let noQueries = try Streamed(Build.request([]), [])
        #expect(noQueries.messages.isEmpty)
    }

    @Test("metaJson without a frame has no place in a stream and is entered")
    func metaWithoutFrames() throws {
        let stream = try Streamed(
            Build.request([Build.query("A")]), [(0, Build.reply([CaseInput(metaJSON: "{\"a\":1}").message]))])
        #expect(stream.messages.isEmpty)
        #expect(stream.ledger.count("models.QueryResult.metaJson", .noHome) == 1)
    }

    @Test("Each group is out as soon as it has answered, whatever the order")
    func groups() throws {
        let stream = try Streamed(
            Build.request(split),
            [(1, Build.reply([Build.result("B")])), (0, Build.reply([Build.result("A"), Build.result("C")]))])
        #expect(stream.names == ["B/0", "A/0", "C/0"])
        #expect(stream.counts == [1, 3])
    }

    @Test("A group that fails is an error of its refIds only; what may concern the whole plugin comes last")
    func oneGroupFails() throws {
        let unknown = try Streamed(
            Build.request(split), [(0, .failure(code: 2, message: "x")), (1, Build.reply([Build.result("B")]))])
        #expect(unknown.names == ["A/0", "C/0", "B/0"])
        #expect(unknown.messages.map(\.error) == ["x", "x", ""])
        #expect(unknown.messages.map(\.errorSource) == ["plugin", "plugin", ""])
        let unavailable = try Streamed(
            Build.request(split), [(0, .failure(code: 14, message: "gone")), (1, Build.reply([Build.result("B")]))])
        #expect(unavailable.names == ["B/0", "A/0", "C/0"])
        #expect(unavailable.messages.map(\.status) == [200, 503, 503])
        #expect(unavailable.status == nil)
        let late = try Streamed(Build.request(split), [(0, .timedOut), (1, Build.reply([Build.result("B")]))])
        #expect(late.messages.map(\.status) == [504, 504, 200])
    }

    @Test("Where all groups fail alike, the call has the gRPC status and no message", arguments: [14, 8, 12])
    func allFail(_ code: Int) throws {
        let stream = try Streamed(
            Build.request(split), [(1, .failure(code: code, message: "gone")), (0, .failure(code: code, message: "gone"))])
        #expect(stream.messages.isEmpty)
        #expect(stream.status?.code == code)
        #expect(stream.status?.source == "plugin")
        let mixed = try Streamed(
            Build.request(split), [(1, .failure(code: 14, message: "gone")), (0, .failure(code: 8, message: "large"))])
        #expect(mixed.status == nil)
        #expect(mixed.messages.map(\.status) == [413, 413, 503])
    }

    @Test("A refId in two groups counts with the answer of the later group, as in QueryData")
    func askedTwice() throws {
        let twice = Build.request([Build.query("A"), Build.query("A", from: 5)])
        for order in [[0, 1], [1, 0]] {
            let replies = [Build.reply([Build.result("A", "first")]), Build.reply([Build.result("A", "second")])]
            let stream = try Streamed(twice, order.map { ($0, replies[$0]) })
            #expect(try stream.frames("A").map(\.name) == ["second"])
            #expect(stream.ledger.count("models.QueryResult.refId", .duplicateRefID) == 1)
        }
    }

    @Test("Two results with one refId: the last one, or both with merge; a stray refId counts once")
    func duplicates() throws {
        let request = Build.request([Build.query("A"), Build.query("C"), Build.query("B", from: 5)])
        let replies = [
            (
                0,
                Build.reply([
                    Build.result("A", "1"), Build.result("A", "2"), Build.result("Z", "stray"), Build.result("", "nameless"),
                ])
            ),
            (1, Build.reply([Build.result("B"), Build.result("Z", "again")])),
        ]
        let last = try Streamed(request, replies)
        #expect(last.names == ["A/0", "Z/0", "B/0"])
        #expect(try last.frames("A").map(\.name) == ["2"])
        #expect(try last.frames("Z").map(\.name) == ["stray"])
        let merged = try Streamed(request, options { $0.duplicates = .merge }, replies)
        #expect(merged.names == ["A/0", "A/1", "Z/0", "B/0"])
    }

    @Test("A request that is refused or lacks settings is an error of each refId, without a call")
    func immediate() throws {
        var request = Build.request([Build.query("A"), Build.query("B")])
        request.pluginContext.clearDataSourceInstanceSettings()
        let missing = try Streamed(request, [])
        #expect(missing.names == ["A/0", "B/0"])
        #expect(
            missing.messages.allSatisfy { $0.status == 400 && $0.error.contains("settings are missing") && !$0.frame.isEmpty })
        var withHeaders = Build.request([Build.query("A")], format: 1)
        withHeaders.headers = ["FromAlert": "true"]
        var policies = LossPolicies()
        policies.set("pluginv2.QueryChunkedDataRequest.headers", .refuse)
        let refused = try Streamed(withHeaders, options { $0.losses = policies }, [])
        #expect(refused.names == ["A/0"])
        #expect(refused.messages[0].error.contains("pluginv2.QueryChunkedDataRequest.headers"))
        #expect(refused.messages[0].frame.isEmpty)
    }

    @Test("A loss that is refused withholds every frame of its refId, also the ones before it")
    func refusedAnswer() throws {
        var policies = LossPolicies()
        policies.set("models.Point.value", .refuse)
        let nan = CaseInput(series: [.init("a", ["h": "1"], [(1, 1)]), .init("b", ["h": "2"], [(1, .nan)])]).message
        let options = options {
            $0.losses = policies
            $0.nan = .null
        }
        let request = Build.request([Build.query("A"), Build.query("B")])
        let stream = try Streamed(request, options, [(0, Build.reply([nan, Build.result("B")]))])
        #expect(stream.names.sorted() == ["A/0", "B/0"])
        let refused = try #require(stream.messages.first { $0.refID == "A" })
        #expect(refused.error.contains("models.Point.value"))
        #expect(refused.status == 500)
    }

    @Test("A reply that cannot be decoded, and a kind that is not known, are errors")
    func malformed() throws {
        let broken = try Streamed(Build.request([Build.query("A")]), [(0, .reply([0x0a, 0x7f]))])
        #expect(broken.messages.map(\.status) == [500])
        #expect(broken.messages[0].error.contains("at byte"))
        let unknown = CaseInput(tables: [.init(column: "c", [.kind(6)])]).message
        let kind = try Streamed(Build.request([Build.query("A")]), [(0, Build.reply([unknown]))])
        #expect(kind.messages.map(\.error) == ["unsupported row value kind 6"])
    }

    @Test("Every case of section G is the same as a stream and as one answer", arguments: [0, 1])
    func sameAsUnary(_ format: Int) throws {
        let options = options { $0.chunkRows = 2 }
        for example in CasesOfSectionG.all {
            let request = Build.request([Build.query("A")], format: format)
            let reply = Build.reply([example.input.message])
            let stream = try Streamed(request, options, [(0, reply)])
            var planned = try Planned(request, options)
            let unary = try #require(try planned.merge([reply])?.responses["A"])
            #expect(try stream.frames("A") == unary.decodedFrames(), "case \(example)")
            #expect((stream.messages.last { !$0.error.isEmpty }?.error ?? "") == unary.error, "case \(example)")
        }
    }

    @Test("Few rows that are too long for one message become chunks of fewer rows", arguments: [FrameFormat.arrow, .json])
    func longRows(_ format: FrameFormat) throws {
        let text = String(repeating: "x", count: 1000)
        let frame = Frame(fields: [
            Field(name: "c", nullable: true, column: .utf8(TextColumn((0..<64).map { _ in text as String? })))
        ])
        var chunks = FrameChunks(frame, format, .default, maximumSize: 10_000)
        var sizes: [Int] = []
        while let chunk = try chunks.next() { sizes.append(chunk.count) }
        #expect(sizes.count >= 7)
        #expect(sizes.allSatisfy { $0 <= 10_000 })
        // A single row cannot be divided.
        var single = FrameChunks(frame, format, .default, maximumSize: 10)
        var count = 0
        while try single.next() != nil { count += 1 }
        #expect(count == 64)
    }

    @Test("Case 99: an Arrow body over the limit of readers is split into several batches, in one answer and in a stream")
    func largeBody() throws {
        let options = options { $0.arrowBodyLimit = 4096 }
        let request = Build.request([Build.query("A")])
        let reply = Build.reply([rows("A", 1000)])
        var planned = try Planned(request, options)
        let file = try #require(try planned.merge([reply])?.responses["A"]?.frames.first)
        #expect(try ArrowFile.read([UInt8](file)).rowCount == 1000)
        // Two columns of 8 bytes: 16,000 bytes of cells are at least four bodies of 4,096 bytes, in front of each a message of its own.
        #expect(Self.recordBatches([UInt8](file)) >= 4)
        let stream = try Streamed(request, options, [(0, reply)])
        #expect([UInt8](stream.messages[0].frame) == [UInt8](file))
        var standard = try Planned(request)
        let whole = try #require(try standard.merge([reply])?.responses["A"]?.frames.first)
        #expect(Self.recordBatches([UInt8](whole)) == 1)
    }

    /// Encapsulated messages of a file, the schema's and the end left out.
    private static func recordBatches(_ file: [UInt8]) -> Int {
        var count = 0
        var place = 8
        while place + 8 <= file.count, file[place..<place + 4].allSatisfy({ $0 == 0xff }) {
            let length = file[place + 4..<place + 8].reversed().reduce(0) { $0 << 8 | Int($1) }
            if length == 0 { break }
            count += 1
            place += 8 + length
            // The body: up to the next marker, which stands on the 8-byte grid.
            while place + 8 <= file.count, !isMessage(file, at: place) { place += 8 }
        }
        return count - 1
    }

    private static func isMessage(_ file: [UInt8], at place: Int) -> Bool {
        file[place..<place + 4].allSatisfy { $0 == 0xff } && file[place + 6] == 0 && file[place + 7] == 0
    }
}

extension Streamed {
    fileprivate init(_ request: Pluginv2_QueryDataRequest, _ outcomes: [(place: Int, outcome: CallOutcome)]) throws {
        try self.init(request, .default, outcomes)
    }
}
