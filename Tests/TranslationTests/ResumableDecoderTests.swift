import GatewayTestKit
import PluginProtocolV1
import PluginProtocolV2
import Testing

@testable import Translation

@Suite("A reply that arrives in pieces")
struct ResumableDecoderTests {
    private let plan: QueryDataPlan

    init() throws {
        plan = try Planned(Build.request([Build.query("A"), Build.query("B")])).plan
    }

    private func seen(_ pieces: [ArraySlice<UInt8>]) -> ReplyPieces.Seen { ReplyPieces.seen(ReplyPieces.decode(pieces), plan) }

    /// Answer, losses and errors are those of the reply in one piece, wherever it is cut.
    private func expectSame(_ bytes: [UInt8], _ note: @autoclosure () -> String = "") {
        let whole = seen([bytes[...]])
        #expect(seen(ReplyPieces.single(bytes)) == whole, "byte by byte \(note())")
        for place in 0...bytes.count where seen(ReplyPieces.cut(bytes, at: place)) != whole {
            Issue.record("cut at \(place) of \(bytes.count) \(note())")
            return
        }
    }

    @Test("Every cut of strange replies", arguments: StrangeReplies.all.indices)
    func strange(_ place: Int) { expectSame(StrangeReplies.all[place], "reply \(place)") }

    @Test("Strange replies are faults, or not, as they should be")
    func faults() {
        for (place, bytes) in StrangeReplies.all.enumerated() {
            guard case .malformed = ReplyPieces.decode([bytes[...]]) else {
                #expect(place >= StrangeReplies.faults.count, "reply \(place)")
                continue
            }
            #expect(place < StrangeReplies.faults.count, "reply \(place)")
        }
    }

    @Test("Every cut of the cases of the specification")
    func cases() {
        for testCase in CasesOfSectionG.all {
            let bytes = Build.bytes(Models_DatasourceResponse.with(testCase.input.message))
            if bytes.count <= 1000 { expectSame(bytes, "\(testCase)") }
        }
    }

    @Test("Every cut of small random replies, whole and damaged")
    func smallRandom() {
        var random = RandomMessages(seed: 0x6375_7473)
        var checked = 0
        while checked < 120 {
            var bytes = Build.bytes(random.response(refIDs: ["A", "B"]))
            guard bytes.count <= 400 else { continue }
            if checked % 2 == 1, !bytes.isEmpty {
                bytes[random.number(below: bytes.count)] = UInt8(truncatingIfNeeded: random.generator.next())
            }
            expectSame(bytes, "reply \(checked)")
            checked += 1
        }
    }

    @Test("Random cuts of random replies give what a plain translation of the generated messages gives", arguments: [3, 40, 700])
    func reference(_ largest: Int) throws {
        for seed in UInt64(0)..<250 {
            var random = RandomMessages(seed: seed << 10 | UInt64(largest))
            let response = random.response(refIDs: ["A", "B"])
            let pieces = ReplyPieces.random(Build.bytes(response), largest: largest, &random)
            var planned = try Planned(Build.request([Build.query("A"), Build.query("B")]))
            let merged = try planned.merge([ReplyPieces.decode(pieces)])
            var losses: [Loss] = []
            for result in response.results {
                #expect(
                    try CaseExpectation(try #require(merged?.responses[result.refID])) == ReferenceFrames.expectation(result),
                    "seed \(seed)")
                losses += ReferenceTranslator.response(for: result).1
            }
            var expected = LossLedger()
            for loss in losses { expected.add(loss.path, loss.cause, count: loss.count) }
            #expect(Set(planned.ledger.losses) == Set(expected.losses), "seed \(seed)")
        }
    }

    @Test("Random cuts of damaged replies give the error, or the answer, of the reply in one piece")
    func damaged() {
        var random = RandomMessages(seed: 0x6461_6d61)
        let sources = (0..<60).map { _ in Build.bytes(random.response(refIDs: ["A", "B"])) }
        var malformed = 0
        for round in 0..<6000 {
            var bytes = random.pick(sources)
            for _ in 0...random.number(below: 3) where !bytes.isEmpty {
                let place = random.number(below: bytes.count)
                switch random.number(below: 4) {
                case 0: bytes[place] = UInt8(truncatingIfNeeded: random.generator.next())
                case 1: bytes.remove(at: place)
                case 2: bytes.removeSubrange(place...)
                default: bytes.insert(random.pick([0x00, 0x80, 0xff, 0x0a, 0x1a, 0x22, 0x0b]), at: place)
                }
            }
            let whole = ReplyPieces.decode([bytes[...]])
            if case .malformed = whole { malformed += 1 }
            let largest = random.pick([1, 2, 7, 30, 500])
            let cut = ReplyPieces.decode(ReplyPieces.random(bytes, largest: largest, &random))
            guard ReplyPieces.seen(cut, plan) == ReplyPieces.seen(whole, plan) else {
                Issue.record("round \(round), pieces of up to \(largest)")
                return
            }
        }
        #expect(malformed > 1000 && malformed < 6000)
    }

    @Test("Large series and tables in pieces of the sizes that sockets give")
    func large() throws {
        var random = RandomMessages(seed: 11)
        var response = Models_DatasourceResponse()
        var result = Build.result("A")
        for point in 0..<30_000 {
            var next = Models_Point()
            next.timestamp = 1_600_000_000_000 + Int64(point) * 1000
            next.value = point % 3 == 0 ? 0 : random.double()
            result.series[0].points.append(next)
        }
        result.tables.append(random.table())
        while result.tables[0].columns.isEmpty || result.tables[0].rows.isEmpty { result.tables[0] = random.table() }
        result.tables[0].rows = (0..<3000).map { result.tables[0].rows[$0 % result.tables[0].rows.count] }
        response.results = [result, Build.result("B")]
        let bytes = Build.bytes(response)
        let whole = seen([bytes[...]])
        for size in [1, 13, 1000, 16_384, 65_536] {
            let pieces = stride(from: 0, to: bytes.count, by: size).map { bytes[$0..<min($0 + size, bytes.count)] }
            #expect(seen(pieces) == whole, "pieces of \(size)")
        }
    }

    @Test("A fault is found as soon as its bytes are there, and stays")
    func early() throws {
        // A series that announces a megabyte and begins with a point that cannot be.
        let bytes: [UInt8] = [0x0a, 0x84, 0x80, 0x40, 0x22, 0x80, 0x80, 0x40, 0x1a, 0x01, 0x80]
        var decoder = V1ResponseDecoder(size: 1_048_584, .default, from: nil)
        for _ in 0..<2 {
            #expect(throws: WireError(code: .truncatedVarint, offset: 10)) {
                try bytes.withUnsafeBytes { try decoder.feed($0) }
            }
        }
        #expect(throws: WireError(code: .truncatedVarint, offset: 10)) { try decoder.finish() }
    }

    @Test("More or fewer bytes than announced are no reply")
    func sizes() throws {
        let bytes = Build.bytes(Models_DatasourceResponse.with(Build.result("A")))
        var short = V1ResponseDecoder(size: bytes.count + 1, .default, from: nil)
        try bytes.withUnsafeBytes { try short.feed($0) }
        #expect(throws: WireError(code: .endsTooEarly, offset: bytes.count)) { try short.finish() }
        var long = V1ResponseDecoder(size: bytes.count - 1, .default, from: nil)
        #expect(throws: WireError(code: .lengthBeyondMessage, offset: bytes.count - 1)) {
            try bytes.withUnsafeBytes { try long.feed($0) }
        }
    }
}
