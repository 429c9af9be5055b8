import GatewayTestKit
import PluginProtocolV1
import PluginProtocolV2
import SwiftProtobuf
import Testing
import Translation

extension Proofs {
    @Suite("Requests: the wire planner against generated messages") struct Requests {
        @Test("Random requests, in every dress that the encoding allows", arguments: [false, true], proofParts)
        func random(_ chunked: Bool, _ part: Int) {
            prove(RequestCheck.name(chunked), part: part) { random in
                let options = random.options(refusing: random.chance(6))
                let message: [UInt8] = try random.queryDataRequest().serializedBytes()
                var rewriting = WireRewriting(random)
                try RequestCheck.check(rewriting.rewrite(message, as: RequestCheck.name(chunked)), chunked, options)
            }
        }

        @Test("Damaged requests: what a library reads, or a clean error", arguments: [false, true], proofParts)
        func damaged(_ chunked: Bool, _ part: Int) {
            prove("\(RequestCheck.name(chunked)) damaged", part: part) { random in
                let options = random.options(refusing: random.chance(20))
                let (message, other) = (random.queryDataRequest(), random.queryDataRequest())
                var damage = WireDamage(random)
                let bytes = try damage.damage(
                    message.serializedBytes(), as: RequestCheck.name(chunked), other: other.serializedBytes())
                try RequestCheck.check(bytes, chunked, options)
            }
        }

        @Test("Random and damaged requests for pictures", arguments: proofParts)
        func render(_ part: Int) {
            prove("pluginextensionv2.RenderRequest", part: part) { random in
                let options = random.options(refusing: random.chance(6))
                let message: [UInt8] = try random.renderRequest().serializedBytes()
                var rewriting = WireRewriting(random, rarity: 6)
                try RenderCheck.check(rewriting.rewrite(message, as: RenderCheck.name), options)
            }
            prove("pluginextensionv2.RenderRequest damaged", part: part) { random in
                let (message, other) = (random.renderRequest(), random.renderRequest())
                var damage = WireDamage(random)
                let bytes = try damage.damage(
                    message.serializedBytes(), as: RenderCheck.name, other: other.serializedBytes())
                try RenderCheck.check(bytes, random.options())
            }
        }
    }
}

enum RequestCheck {
    static func name(_ chunked: Bool) -> String { chunked ? "pluginv2.QueryChunkedDataRequest" : "pluginv2.QueryDataRequest" }

    /// Everything that the planner makes of `bytes`, against the reference.
    static func check(_ bytes: [UInt8], _ chunked: Bool, _ options: TranslationOptions) throws {
        let read = ExactMessage<Pluginv2_QueryDataRequest>.read(bytes, as: name(chunked))
        let (plan, ledger): (QueryDataPlan, LossLedger)
        do throws(TranslationError) {
            (plan, ledger) =
                try chunked
                ? V2ToV1QueryChunkedData.plan(bytes, options: options) : V2ToV1QueryData.plan(bytes, options: options)
        } catch {
            guard read == nil else { throw Mismatch("refused although a library reads it: \(error)") }
            guard let cause = error.cause, (0...bytes.count).contains(cause.offset) else {
                throw Mismatch("the error names no place in the message: \(error)")
            }
            ProofTally.shared.add("verdicts", "requests refused")
            return
        }
        guard let read else { throw Mismatch("accepted although a library refuses it") }
        read.side.note()
        let expected = ReferenceRequest.plan(read.content, side: read.side, chunked: chunked, options: options)
        try Agreement.ledgers(ledger, expected.losses)
        try immediate(plan.immediate, expected)
        try Agreement.same(plan.calls.count, expected.calls.count, "calls")
        for (call, expected) in zip(plan.calls, expected.calls) {
            guard let sent = ExactMessage<Models_DatasourceRequest>.read(call.request, as: "models.DatasourceRequest"),
                sent.side.losses.isEmpty
            else { throw Mismatch("a v1 request that a library does not read") }
            try Agreement.messages(sent.content, expected.request, "v1 request")
            let refIDs = expected.request.queries.map { WireText($0.refID) }
            try Agreement.same(call.refIDs.map { WireText($0) }, refIDs, "refIds of a call")
            let pairs = call.metadata.map { WireText("\($0.name): \($0.value)") }.sorted()
            try Agreement.same(pairs, expected.metadata.map { WireText($0) }.sorted(), "metadata")
            guard sent.content.hasDatasource, sent.content.hasTimeRange else {
                throw Mismatch("a part that v1 plugins need is not there")
            }
        }
    }

    private static func immediate(_ seen: [UInt8]?, _ expected: ReferencePlan) throws {
        try Agreement.same(seen != nil, expected.immediate != nil, "answered without the plugin")
        guard let seen, var expected = expected.immediate.map({ ($0, expected.refused) }) else { return }
        let responses = try Answers.read(seen, format: 0)
        if !expected.1.isEmpty {
            for (refID, response) in responses {
                guard response.error.hasPrefix("the legacy plugin was not asked, because"),
                    expected.1.contains(where: { response.error.contains($0.path.name) })
                else { throw Mismatch("a refusal that does not say what for: \(response.error)") }
                expected.0[refID]?.error = response.error
            }
        }
        try Agreement.responses(responses, expected.0, json: false)
    }
}

enum RenderCheck {
    static let name = "pluginextensionv2.RenderRequest"

    static func check(_ bytes: [UInt8], _ options: TranslationOptions) throws {
        let read = ExactMessage<Pluginextensionv2_RenderRequest>.read(bytes, as: name)
        let (plan, ledger): (V2ToV1Render.Plan, LossLedger)
        do throws(TranslationError) {
            (plan, ledger) = try V2ToV1Render.plan(bytes, options: options)
        } catch {
            guard read == nil else { throw Mismatch("refused although a library reads it: \(error)") }
            return
        }
        guard let read else { throw Mismatch("accepted although a library refuses it") }
        read.side.note()
        let expected = ReferenceRender(read, options: options)
        try Agreement.ledgers(ledger, expected.losses)
        switch (plan, expected.plan) {
        case (.call(let seen), .call(let expected)):
            try Agreement.messages(try Models_RenderRequest(serializedBytes: seen), expected, "v1 request")
        case (.answer(let seen), .answer(let beginning)):
            let error = try Pluginextensionv2_RenderResponse(serializedBytes: seen).error
            guard error.hasPrefix(beginning) else { throw Mismatch("\(error), expected \(beginning)") }
        default: throw Mismatch("\(plan), expected \(expected.plan)")
        }
    }
}
