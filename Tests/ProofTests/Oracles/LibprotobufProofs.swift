import GatewayTestKit
import PluginProtocolV1
import PluginProtocolV2
import SwiftProtobuf
import Testing
import Translation

extension Proofs {
    @Suite("libprotobuf as judge") struct Libprotobuf {
        @Test("What the gateway writes, libprotobuf reads: every field, and none that it does not know")
        func written() throws {
            for batch in proofBatches(of: 2000) { try Self.judge(batch) }
        }

        private static func judge(_ batch: Range<Int>) throws {
            var messages: [(name: String, bytes: [UInt8], seed: UInt64)] = []
            for index in batch {
                let seed = ProofRun.current.seed &+ UInt64(index)
                var random = RandomMessages(seed: seed)
                messages += try written(&random).map { ($0.name, $0.bytes, seed) }
            }
            let verdicts = try Oracle.judge(messages.map { ($0.name, $0.bytes) })
            var failures = 0
            for (message, verdict) in zip(messages, verdicts) where failures < 3 {
                do {
                    guard verdict.isAccepted, verdict.unknownFields == 0 else { throw Mismatch("refused, or not understood") }
                    guard let ours = WireTree.parse(message.bytes, as: message.name)?.tree.canonical,
                        let theirs = WireTree.parse(verdict.canonical, as: message.name)?.tree.canonical
                    else { throw Mismatch("no fields") }
                    try Agreement.same(theirs, ours, "what libprotobuf reads")
                } catch {
                    failures += 1
                    Issue.record("\(message.name), seed \(message.seed): \(error). \(ProofRun.repetition(message.seed))")
                }
            }
        }

        /// Messages of every kind that the gateway sends.
        private static func written(_ random: inout RandomMessages) throws -> [(name: String, bytes: [UInt8])] {
            var messages: [(String, [UInt8])] = []
            let request: [UInt8] = try random.queryDataRequest().serializedBytes()
            let (plan, _) = try V2ToV1QueryData.plan(request, options: random.options())
            messages += plan.calls.map { ("models.DatasourceRequest", $0.request) }
            if let immediate = plan.immediate { messages.append(("pluginv2.QueryDataResponse", immediate)) }
            for format in [0, 1] {
                messages += try Exchange(&random, format: format).written().map { ($0.name, $0.bytes) }
            }
            let picture: [UInt8] = try random.renderRequest().serializedBytes()
            switch try V2ToV1Render.plan(picture, options: .default).0 {
            case .call(let bytes): messages.append(("models.RenderRequest", bytes))
            case .answer(let bytes): messages.append(("pluginextensionv2.RenderResponse", bytes))
            }
            let vitals = PluginVitals(running: random.chance(2), reason: random.text(), version: random.text())
            messages.append(("pluginv2.CheckHealthResponse", try V2ToV1CheckHealth.answer([], vitals: vitals)))
            return messages
        }

        @Test("What libprotobuf writes means to the gateway what it meant before; and they refuse the same requests")
        func requests() throws {
            let name = RequestCheck.name(false)
            try Self.agree(name, { random in try random.queryDataRequest().serializedBytes() }) { bytes in
                guard let plan = try? V2ToV1QueryData.plan(bytes, options: .default).0 else { return nil }
                let calls = plan.calls.map { WireTree.parse($0.request, as: "models.DatasourceRequest")?.tree.canonical }
                let answer = plan.immediate.map { WireTree.parse($0, as: "pluginv2.QueryDataResponse")?.tree.canonical }
                return "\(calls) \(String(describing: answer))"
            }
        }

        @Test("What libprotobuf writes means to the gateway what it meant before; and they refuse the same requests for pictures")
        func render() throws {
            try Self.agree(RenderCheck.name, { random in try random.renderRequest().serializedBytes() }) { bytes in
                switch try? V2ToV1Render.plan(bytes, options: .default).0 {
                case .call(let bytes): "\(bytes)"
                case .answer(let bytes): "\(bytes)"
                case nil: nil
                }
            }
        }

        @Test("What libprotobuf writes means to the gateway what it meant before; and they refuse the same answers")
        func answers() throws {
            let request: [UInt8] = try Pluginv2_QueryDataRequest.with {
                $0.pluginContext.dataSourceInstanceSettings.id = 7
                $0.queries = [.with { $0.refID = "A" }, .with { $0.refID = "B" }]
            }.serializedBytes()
            let (plan, _) = try V2ToV1QueryData.plan(request, options: .default)
            let make = { (random: inout RandomMessages) throws -> [UInt8] in
                try random.response(refIDs: ["A", "B"]).serializedBytes()
            }
            try Self.agree(Exchange.replyName, make) { bytes in
                var ledger = LossLedger()
                guard case .reply(let answer, _) = V2ToV1QueryData.merge(plan, [.reply(bytes)], ledger: &ledger) else {
                    return nil
                }
                if ledger.count("models.DatasourceResponse", .malformedReply) > 0 { return nil }
                return "\(answer)"
            }
        }

        /// Messages in odd bytes, and damaged ones.
        private static func bytes(
            _ name: String, _ batch: Range<Int>, _ make: (inout RandomMessages) throws -> [UInt8]
        ) throws -> [(bytes: [UInt8], seed: UInt64)] {
            try batch.map { index in
                let seed = ProofRun.current.seed &+ UInt64(index)
                var random = RandomMessages(seed: seed)
                let (message, other) = try (make(&random), make(&random))
                if random.chance(2) {
                    var damage = WireDamage(random)
                    return (damage.damage(message, as: name, other: other), seed)
                }
                var rewriting = WireRewriting(random)
                return (rewriting.rewrite(message, as: name), seed)
            }
        }

        /// - Parameter meaning: what the gateway makes of a message; nil when it refuses it.
        private static func agree(
            _ name: String, _ make: (inout RandomMessages) throws -> [UInt8], _ meaning: ([UInt8]) throws -> String?
        ) throws {
            for batch in proofBatches(of: 4000) { try agree(name, try bytes(name, batch, make), meaning) }
        }

        private static func agree(
            _ name: String, _ cases: [(bytes: [UInt8], seed: UInt64)], _ meaning: ([UInt8]) throws -> String?
        ) throws {
            let verdicts = try Oracle.judge(cases.map { (name, $0.bytes) })
            var failures = 0
            for (example, verdict) in zip(cases, verdicts) where failures < 3 {
                do {
                    let seen = try meaning(example.bytes)
                    if verdict.isAccepted == (seen != nil) {
                        ProofTally.shared.add("oracles", verdict.isAccepted ? "accepted by both" : "refused by both")
                        if let seen { try Agreement.same(meaning(verdict.canonical) ?? "(refused)", seen, "meaning") }
                        continue
                    }
                    let differences = differences(example.bytes, name, accepted: verdict.isAccepted)
                    guard !differences.isEmpty else {
                        throw Mismatch(
                            verdict.isAccepted ? "libprotobuf reads it, the gateway refuses it" : "libprotobuf refuses it")
                    }
                    for difference in differences { ProofTally.shared.add("oracles", "differ: \(difference.rawValue)") }
                } catch {
                    failures += 1
                    Issue.record("\(name), seed \(example.seed): \(error). \(ProofRun.repetition(example.seed))")
                }
            }
        }

        /// Why the verdicts may differ.
        private static func differences(_ bytes: [UInt8], _ name: String, accepted: Bool) -> Set<KnownDifference> {
            guard let (tree, oddities) = WireTree.parse(bytes, as: name) else { return [] }
            var result: Set<KnownDifference> = []
            if accepted {
                if oddities.groupDepth > 64 { result.insert(.deepGroups) }
                if oddities.hasWideTag { result.insert(.wideTags) }
                if oddities.hasVarintBeyond64Bits { result.insert(.wideVarint) }
                return result
            }
            if oddities.hasLongTag { result.insert(.longTags) }
            if oddities.hasLongLength { result.insert(.longLengths) }
            if tree.hasInvalidText { result.insert(.invalidUTF8) }
            return result
        }
    }
}

extension WireTree {
    /// Whether a string of the schema is not UTF-8.
    fileprivate var hasInvalidText: Bool {
        fields.contains { field in
            switch (field.value, ProofSchema.all.field(field.number, of: message)?.shape) {
            case (.bytes(let text), .string?): String(validating: text, as: UTF8.self) == nil
            case (.message(let nested), _): nested.hasInvalidText
            default: false
            }
        }
    }
}
