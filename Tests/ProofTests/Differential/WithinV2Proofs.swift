import DataFrames
import GatewayTestKit
import PluginProtocolV2
import SwiftProtobuf
import Testing
import Translation

extension Proofs {
    @Suite("Within v2: answers of older plugins against generated messages") struct WithinV2 {
        @Test("Arrow frames become JSON frames of the same content, and nothing else changes", arguments: proofParts)
        func conversion(_ part: Int) {
            prove("v2 answers, Arrow to JSON", part: part) { random in try WithinV2Check(&random).conversion() }
        }

        @Test("A QueryData answer becomes the messages of a QueryChunkedData", arguments: proofParts)
        func chunks(_ part: Int) {
            prove("v2 answers as chunks", part: part) { random in try WithinV2Check(&random).chunks() }
        }
    }
}

/// An answer of a v2 plugin, in odd bytes or damaged, and what has to become of it.
struct WithinV2Check {
    private static let name = "pluginv2.QueryDataResponse"

    private let options: TranslationOptions
    private let format: Pluginv2_DataFrameFormat
    private let request: [UInt8]
    private let bytes: [UInt8]

    init(_ random: inout RandomMessages) throws {
        var options = random.options()
        options.convertFrames = random.chance(4) ? .never : .json
        if random.chance(8) { options.losses.set("pluginv2.DataResponse.frames", .refuse) }
        self.options = options
        format = random.chance(4) ? .arrow : .json
        request = try Pluginv2_QueryDataRequest.with { [format] in $0.format = format }.serializedBytes()
        var message = Pluginv2_QueryDataResponse()
        for _ in 0..<random.number(below: 4) { message.responses[random.text()] = try Self.response(&random) }
        let plain: [UInt8] = try message.serializedBytes()
        if random.chance(3) {
            var damage = WireDamage(random)
            bytes = damage.damage(plain, as: Self.name, other: plain)
        } else {
            var rewriting = WireRewriting(random)
            bytes = rewriting.rewrite(plain, as: Self.name)
        }
    }

    private static func response(_ random: inout RandomMessages) throws -> Pluginv2_DataResponse {
        var response = Pluginv2_DataResponse()
        response.format = random.pick([.arrow, .arrow, .arrow, .json, .UNRECOGNIZED(3)])
        for _ in 0..<random.number(below: 4) {
            let frame = random.frame()
            var file = response.format == .json ? try JSONFrame.write(frame) : try ArrowFile.write(frame)
            // Other metadata than frames have, now and then.
            if random.chance(12) {
                let key = Array("tstype".utf8)
                for place in file.indices.dropLast(key.count) where file[place..<place + key.count].elementsEqual(key) {
                    file[place] = UInt8(ascii: "x")
                }
            }
            if random.chance(20) { file = Array("no frame".utf8) }
            response.frames.append(.init(file))
        }
        if random.chance(3) {
            response.error = random.text()
            response.errorSource = random.pick(["", "plugin", "downstream"])
        }
        response.status = random.pick([0, 200, 206, 500, -1])
        if random.chance(4) { response.jsonMeta = .init(random.json()) }
        return response
    }

    private var read: ExactMessage<Pluginv2_QueryDataResponse>? { .read(bytes, as: Self.name) }

    func conversion() throws {
        let wanted = options.convertFrames == .json && format == .json
        try Agreement.same(V2FrameConversion.isWanted(by: request, options: options), wanted, "wanted")
        guard wanted else { return }
        var ledger = LossLedger()
        let converted = V2FrameConversion.unary(bytes, options: options, ledger: &ledger)
        guard let read else {
            // What is no message passes as it is, for the host to say so. Text inside is not looked at, so more than that may be converted.
            return try Agreement.same(converted.isEmpty, bytes.isEmpty, "an unreadable answer")
        }
        var reference = ReferenceWithinV2(format: format, options: options)
        guard let seen = ExactMessage<Pluginv2_QueryDataResponse>.read(converted, as: Self.name) else {
            throw Mismatch("the converted answer is no message")
        }
        try Agreement.same(Set(seen.content.responses.keys), Set(read.content.responses.keys), "refIds")
        for (key, response) in read.content.responses {
            let (frames, answerFormat) = reference.unary(response)
            var rest = response
            rest.format = answerFormat
            guard var answer = seen.content.responses[key] else { throw Mismatch("no answer to \(key)") }
            try Self.same(answer.frames.map { try Self.content($0, answerFormat, frames) }, frames, "frames")
            answer.frames = []
            rest.frames = []
            try Agreement.messages(answer, rest, "everything but the frames")
        }
        if read.side.repeatedKeys.isEmpty { try Agreement.ledgers(ledger, reference.losses) }
    }

    /// Equality that says where two frames differ.
    private static func same(
        _ seen: [ReferenceWithinV2.Content?], _ expected: [ReferenceWithinV2.Content?], _ what: String
    ) throws {
        for case (.json(let seen)?, .json(let expected)?) in zip(seen, expected) { try Agreement.frame(seen, expected, what) }
        try Agreement.same(seen, expected, what)
    }

    /// What is converted is compared as a value, what is not as bytes.
    private static func content(
        _ frame: some Collection<UInt8>, _ format: Pluginv2_DataFrameFormat, _ expected: [ReferenceWithinV2.Content]
    ) throws -> ReferenceWithinV2.Content {
        guard format == .json, case .json? = expected.first else { return .bytes(Array(frame)) }
        return .json(try JSONFrame.read(Array(frame)).asJSON)
    }

    func chunks() throws {
        var ledger = LossLedger()
        var chunks = V2Chunks(request: request, options: options).chunks(of: bytes, &ledger)
        var messages: [WireText: [Pluginv2_QueryChunkedDataResponse]] = [:]
        while let message = chunks.next(&ledger) {
            let chunk = try Pluginv2_QueryChunkedDataResponse(serializedBytes: message)
            messages[WireText(chunk.refID), default: []].append(chunk)
        }
        guard let read else {
            guard chunks.fault != nil, messages.isEmpty else { throw Mismatch("chunks of an answer that no library reads") }
            return
        }
        if let fault = chunks.fault { throw Mismatch("an answer that libraries read is refused: \(fault)") }
        read.side.note()
        var reference = ReferenceWithinV2(format: format, options: options)
        var expected: [WireText: [ReferenceWithinV2.Chunk]] = [:]
        for (key, response) in read.content.responses {
            let list = reference.stream(response)
            if !list.isEmpty { expected[WireText(ExactKey.text(key))] = list }
        }
        try Agreement.same(Set(messages.keys), Set(expected.keys), "refIds")
        for (refID, expected) in expected {
            let seen = try joined(messages[refID] ?? [], expected)
            try Self.same(seen.map(\.content), expected.map(\.content), "messages of \(refID)")
            try Agreement.same(seen, expected, "messages of \(refID)")
        }
        var losses = reference.losses
        losses.add(read.side)
        losses.merge(Self.unknown(read.content))
        if read.side.repeatedKeys.isEmpty { try Agreement.ledgers(ledger, losses) }
    }

    private static func unknown(_ message: Pluginv2_QueryDataResponse) -> LossLedger {
        var ledger = LossLedger()
        ledger.addUnknownFields(of: message, named: name)
        return ledger
    }

    /// The messages with those of one converted frame put together.
    private func joined(
        _ messages: [Pluginv2_QueryChunkedDataResponse], _ expected: [ReferenceWithinV2.Chunk]
    ) throws -> [ReferenceWithinV2.Chunk] {
        var result: [ReferenceWithinV2.Chunk] = []
        var rest = messages[...]
        while let first = rest.first {
            var chunk = ReferenceWithinV2.Chunk(
                frameID: first.frameID, content: .bytes(Array(first.frame)), status: Int(first.status), error: first.error,
                errorSource: first.errorSource, format: first.format.rawValue)
            let isJSON = expected.indices.contains(result.count) && expected[result.count].isConverted
            if !first.error.isEmpty {
                let empty = first.format == .json ? first.frame.isEmpty : try ArrowFile.read(Array(first.frame)).fields.isEmpty
                guard empty else { throw Mismatch("the frame of an error has fields") }
                chunk.content = nil
                rest = rest.dropFirst()
            } else if isJSON {
                let all = rest.prefix { $0.frameID == first.frameID && $0.error.isEmpty }
                rest = rest.dropFirst(all.count)
                let limit = options.chunkRows > 0 ? options.chunkRows : 50_000
                // A stream of its own: frames are counted from 0 there, and have the usual status.
                let stream = try FrameStream(
                    all.map { message in
                        var message = message
                        message.frameID = "0"
                        message.status = 200
                        message.refID = "x"
                        return message
                    }, rowLimit: limit)
                guard let frame = stream.responses[WireText("x")]?.frames.first else { throw Mismatch("no frame") }
                chunk.content = .json(frame.asJSON)
            } else {
                rest = rest.dropFirst()
            }
            result.append(chunk)
        }
        return result
    }
}

extension ReferenceWithinV2.Chunk {
    fileprivate var isConverted: Bool { if case .json? = content { true } else { false } }
}
