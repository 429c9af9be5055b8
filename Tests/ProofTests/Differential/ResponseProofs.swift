import DataFrames
import GatewayTestKit
import PluginProtocolV1
import PluginProtocolV2
import SwiftProtobuf
import Testing
import Translation

extension Proofs {
    @Suite("Answers: the wire decoder against generated messages") struct Responses {
        @Test("Random answers, in every dress that the encoding allows", arguments: [0, 1], proofParts)
        func random(_ format: Int, _ part: Int) {
            prove("answers in \(Self.word(format))", part: part) { random in
                var exchange = Exchange(&random, format: format)
                exchange.dress { bytes, random in
                    var rewriting = WireRewriting(random, rarity: 20)
                    return rewriting.rewrite(bytes, as: Exchange.replyName)
                }
                try exchange.check()
            }
        }

        @Test("Damaged answers: what a library reads, or an error of the query", arguments: [0, 1], proofParts)
        func damaged(_ format: Int, _ part: Int) {
            prove("answers in \(Self.word(format)) damaged", part: part) { random in
                var exchange = Exchange(&random, format: format)
                exchange.dress { bytes, random in
                    var random = random
                    let other: [UInt8]? = try? random.response(refIDs: ["A"]).serializedBytes()
                    var damage = WireDamage(random)
                    return damage.damage(bytes, as: Exchange.replyName, other: other ?? [])
                }
                try exchange.check()
            }
        }

        @Test("Random and damaged answers in chunks, put together, are those of QueryData", arguments: [0, 1], proofParts)
        func chunked(_ format: Int, _ part: Int) {
            prove("answers in chunks of \(Self.word(format))", part: part) { random in
                var exchange = Exchange(&random, format: format)
                let damaged = random.chance(3)
                exchange.dress { bytes, random in
                    guard damaged else {
                        var rewriting = WireRewriting(random, rarity: 20)
                        return rewriting.rewrite(bytes, as: Exchange.replyName)
                    }
                    var damage = WireDamage(random)
                    return damage.damage(bytes, as: Exchange.replyName, other: bytes)
                }
                try exchange.checkChunks()
            }
        }

        private static func word(_ format: Int) -> String { format == 1 ? "JSON" : "Arrow" }
    }
}

/// A request of a host, the calls it becomes, and how each of them ends.
struct Exchange {
    static let replyName = "models.DatasourceResponse"

    enum Outcome {
        case reply([UInt8])
        case failure(Int, String)
        case timedOut
    }

    let options: TranslationOptions
    let format: Int
    let request: [UInt8]
    private(set) var plan: QueryDataPlan?
    private(set) var outcomes: [Outcome] = []
    private var random: RandomMessages

    /// The format of the frames that come out.
    var answerFormat: Int { format == 1 && !options.arrowOnJSONRequest ? 1 : 0 }

    init(_ random: inout RandomMessages, format: Int) {
        var options = random.options(refusing: random.chance(10))
        options.timeRangePolicy = .split
        self.options = options
        self.format = format
        var request = Pluginv2_QueryDataRequest()
        request.pluginContext.dataSourceInstanceSettings.id = 7
        request.format = format == 1 ? .json : .arrow
        let refIDs = ["A", "B", "C", "é", "e\u{301}", "A", ""]
        for _ in 0...random.number(below: 3) {
            var query = Pluginv2_DataQuery()
            query.refID = random.chance(4) ? random.pick(refIDs) : "ABCD".map { String($0) }[request.queries.count]
            query.timeRange.fromEpochMs = Int64(random.chance(3) ? 2 : 1)
            request.queries.append(query)
        }
        let bytes: [UInt8]? = try? request.serializedBytes()
        self.request = bytes ?? []
        plan = try? V2ToV1QueryData.plan(self.request, options: options).0
        for call in plan?.calls ?? [] { outcomes.append(Self.outcome(of: call.refIDs, &random)) }
        self.random = random
    }

    private static func outcome(of refIDs: [String], _ random: inout RandomMessages) -> Outcome {
        if random.chance(12) { return .failure(random.pick([2, 3, 4, 5, 7, 8, 8, 12, 12, 13, 14, 14, 14, 16, 99]), "é failed") }
        if random.chance(40) { return .timedOut }
        var answered = refIDs
        if random.chance(6) { answered = answered.filter { _ in !random.chance(3) } }
        if random.chance(6) { answered.append(random.pick(["A", "B", "Z", "", "é"])) }
        if random.chance(12) { answered = answered.map { _ in "" } }
        var reply = random.response(refIDs: answered)
        if random.chance(30), let place = reply.results.indices.last {
            reply.results[place].tables.append(random.tableOfUnknownKind())
        }
        let bytes: [UInt8]? = try? reply.serializedBytes()
        return .reply(bytes ?? [])
    }

    /// Replaces the bytes of the replies.
    mutating func dress(_ alter: ([UInt8], RandomMessages) -> [UInt8]) {
        for place in outcomes.indices {
            guard case .reply(let bytes) = outcomes[place] else { continue }
            random.generator = SeededGenerator(seed: random.generator.next())
            outcomes[place] = .reply(alter(bytes, random))
        }
    }

    private static let malformed = "(malformed)"

    func reference() -> [(refIDs: [String], outcome: ReferenceOutcome)] {
        zip(plan?.calls ?? [], outcomes).map { call, outcome in
            switch outcome {
            case .timedOut: return (call.refIDs, .timedOut)
            case .failure(let code, let text): return (call.refIDs, .failure(code: code, message: text))
            case .reply(let bytes):
                guard let message = ExactMessage<Models_DatasourceResponse>.read(bytes, as: Self.replyName) else {
                    ProofTally.shared.add("verdicts", "answers refused")
                    return (call.refIDs, .malformed(Self.malformed))
                }
                message.side.note()
                return (call.refIDs, .reply(message))
            }
        }
    }

    var given: [CallOutcome] {
        outcomes.map { outcome in
            switch outcome {
            case .reply(let bytes): .reply(bytes)
            case .failure(let code, let text): .failure(code: code, message: text)
            case .timedOut: .timedOut
            }
        }
    }

    func check() throws {
        guard let plan, plan.immediate == nil else { return }
        var ledger = LossLedger()
        let answer = V2ToV1QueryData.merge(plan, given, ledger: &ledger)
        let (expected, losses) = ReferenceTranslator.merge(requested: plan.refIDs, calls: reference(), options: options)
        switch (answer, expected) {
        case (.status(let code, let message, let source), .status(let expectedCode, let expectedMessage)):
            try Agreement.same([code], [expectedCode], "gRPC status")
            try Agreement.text(message, expectedMessage, "message")
            try Agreement.text(source ?? "", "plugin", "error source")
        case (.reply(let bytes, let statistics), .responses(let expected)):
            try Agreement.same(statistics.bytesOut, bytes.count, "statistics")
            try compare(try Answers.read(bytes, format: answerFormat), expected, ledger, losses)
        default: throw Mismatch("\(Agreement.short(answer)), expected \(Agreement.short(expected))")
        }
    }

    func checkChunks() throws {
        let (plan, _) = try V2ToV1QueryChunkedData.plan(request, options: options)
        guard plan.immediate == nil else { return }
        var ledger = LossLedger(policies: options.losses)
        var answer = ChunkedAnswer(plan)
        var messages: [Pluginv2_QueryChunkedDataResponse] = []
        func drain() throws {
            while let message = answer.next(&ledger) {
                messages.append(try Pluginv2_QueryChunkedDataResponse(serializedBytes: message))
            }
        }
        for (place, outcome) in given.enumerated() {
            answer.take(outcome, ofCall: place, &ledger)
            try drain()
        }
        let end = answer.end()
        try drain()
        let (expected, losses) = ReferenceTranslator.stream(calls: reference(), options: options)
        switch (end, expected) {
        case (.status(let code, let message, _)?, .status(let expectedCode, let expectedMessage)):
            try Agreement.same([code, messages.count], [expectedCode, 0], "gRPC status")
            try Agreement.text(message, expectedMessage, "message")
        case (nil, .responses(let expected)):
            let stream = try FrameStream(messages, rowLimit: options.chunkRows > 0 ? options.chunkRows : 50_000)
            if !messages.isEmpty { try Agreement.same(stream.formats, [answerFormat], "format") }
            try chunkCounts(stream)
            try compare(stream.responses, expected, ledger, losses)
        default: throw Mismatch("\(Agreement.short(end as Any)), expected \(Agreement.short(expected))")
        }
    }

    /// No more messages than rows need.
    private func chunkCounts(_ stream: FrameStream) throws {
        let limit = options.chunkRows > 0 ? options.chunkRows : 50_000
        for (refID, counts) in stream.chunkCounts {
            for (frame, count) in zip(stream.responses[refID]?.frames ?? [], counts) {
                try Agreement.same(count, max(1, (frame.rowCount + limit - 1) / limit), "chunks of a frame")
            }
        }
    }

    /// The messages that a host gets.
    func written() throws -> [(name: String, bytes: [UInt8])] {
        guard let plan, plan.immediate == nil else { return [] }
        var ledger = LossLedger()
        var messages: [(String, [UInt8])] = []
        if case .reply(let bytes, _) = V2ToV1QueryData.merge(plan, given, ledger: &ledger) {
            messages.append(("pluginv2.QueryDataResponse", bytes))
        }
        var answer = ChunkedAnswer(plan)
        for (place, outcome) in given.enumerated() { answer.take(outcome, ofCall: place, &ledger) }
        _ = answer.end()
        while let chunk = answer.next(&ledger) { messages.append(("pluginv2.QueryChunkedDataResponse", chunk)) }
        return messages
    }

    /// The Arrow files of the answer, each with the frame that must be in it.
    func arrowFrames() -> [(file: [UInt8], expected: Frame)] {
        guard let plan, plan.immediate == nil, !options.losses.canRefuse else { return [] }
        var ledger = LossLedger()
        let (expected, _) = ReferenceTranslator.merge(requested: plan.refIDs, calls: reference(), options: options)
        guard case .reply(let bytes, _) = V2ToV1QueryData.merge(plan, given, ledger: &ledger),
            case .responses(let responses) = expected,
            let answer = ExactMessage<Pluginv2_QueryDataResponse>.read(bytes, as: "pluginv2.QueryDataResponse")
        else { return [] }
        return answer.content.responses.flatMap { key, response in
            Array(zip(response.frames.map { Array($0) }, responses[WireText(ExactKey.text(key))]?.frames ?? []))
        }
    }

    // MARK: Comparison

    private func compare(
        _ seen: [WireText: ReferenceResponse], _ expected: [WireText: ReferenceResponse], _ ledger: LossLedger,
        _ losses: LossLedger
    ) throws {
        var seen = seen
        for (refID, response) in expected where response.error == Self.malformed {
            guard let error = seen[refID]?.error else { continue }
            try checkMalformed(error)
            seen[refID]?.error = Self.malformed
        }
        let refused = losses.losses.filter { options.losses.policy(of: $0.path) == .refuse }
        guard !refused.isEmpty else {
            try Agreement.responses(seen, expected, json: answerFormat == 1)
            return try Agreement.ledgers(ledger, losses)
        }
        try checkRefusals(seen, expected, refused, of: losses.losses)
        ProofTally.shared.add("verdicts", "answers withheld for a policy")
        // What is withheld is not looked into any further.
        for (loss, count) in ledger.amounts where !losses.isFull && !ledger.isFull {
            guard let all = losses.amounts[loss], count <= all else { throw Mismatch("the ledger has \(loss) too often") }
        }
    }

    /// Where the operator refuses a loss, an answer is what it would be, or an error that names a refused loss; and there is one.
    private func checkRefusals(
        _ seen: [WireText: ReferenceResponse], _ expected: [WireText: ReferenceResponse], _ refused: [Loss], of losses: [Loss]
    ) throws {
        var withheld = 0
        for (refID, response) in seen {
            if response.error.contains("the legacy plugin's answer is withheld") {
                withheld += 1
                guard response.frames.isEmpty, response.status == 500, response.errorSource == "plugin",
                    refused.contains(where: { response.error.contains($0.path.name) })
                else { throw Mismatch("a refusal that is none: \(response)") }
            } else {
                guard let expected = expected[refID] else { throw Mismatch("an answer to \(refID) that should not be there") }
                try Agreement.response(response, expected, refID, json: answerFormat == 1)
            }
        }
        for refID in expected.keys where seen[refID] == nil { throw Mismatch("no answer to \(refID)") }
        // What was lost of a result that nobody gets withholds nothing.
        let isPlain =
            plan?.calls.count == 1
            && !losses.contains { [.duplicateRefID, .refIDUnmatched, .malformedReply, .unknownCellKind].contains($0.cause) }
        guard withheld > 0 || !isPlain else { throw Mismatch("nothing is withheld, although \(refused) is refused") }
    }

    private func checkMalformed(_ error: String) throws {
        let words = error.prefix { $0 != ";" }.split(separator: " ")
        guard error.hasPrefix("the legacy plugin's reply is not a models.DatasourceResponse: "), words.count > 4,
            words[words.count - 2] == "of", let offset = Int(words[words.count - 3]), let size = Int(words[words.count - 1]),
            offset <= size
        else { throw Mismatch("an error that does not say where: \(error)") }
        let isSize = outcomes.contains { if case .reply(let bytes) = $0 { bytes.count == size } else { false } }
        guard isSize else { throw Mismatch("an error of a reply that nobody sent: \(error)") }
    }
}
