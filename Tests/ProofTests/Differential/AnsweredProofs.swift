import Foundation
import GatewayTestKit
import PluginProtocolV1
import PluginProtocolV2
import SwiftProtobuf
import Testing
import Translation

extension Proofs {
    @Suite("Answers of the gateway's own against generated messages") struct Answered {
        @Test("Unknown fields of requests are found at every depth", arguments: proofParts)
        func unknownFields(_ part: Int) {
            prove("pluginv2.CheckHealthRequest", part: part) { random in
                let name = "pluginv2.CheckHealthRequest"
                let message: [UInt8] = try random.healthRequest().serializedBytes()
                let bytes: [UInt8]
                if random.chance(2) {
                    var rewriting = WireRewriting(random, rarity: 5)
                    bytes = rewriting.rewrite(message, as: name)
                } else {
                    var damage = WireDamage(random)
                    bytes = damage.damage(message, as: name, other: message)
                }
                let read = ExactMessage<Pluginv2_CheckHealthRequest>.read(bytes, as: name)
                var ledger = LossLedger()
                do throws(TranslationError) {
                    try UnknownFields.enter(of: bytes, as: name, in: .v2ToV1, &ledger)
                } catch {
                    guard read == nil, ledger.isEmpty else { throw Mismatch("refused although a library reads it: \(error)") }
                    return
                }
                guard let read else { throw Mismatch("accepted although a library refuses it") }
                read.side.note()
                var expected = LossLedger()
                expected.addUnknownFields(of: read.content, named: name)
                expected.addUnknownFields(ofContext: read.content.pluginContext)
                // Of a request that is not translated, only the schema is looked at.
                for loss in read.side.losses where loss.cause == .unknownField { expected.add(loss.path, loss.cause) }
                try Agreement.ledgers(ledger, expected)
            }
        }

        @Test("A health check says what is known, and its details are an object", arguments: proofParts)
        func health(_ part: Int) {
            prove("pluginv2.CheckHealthResponse", part: part) { random in
                let vitals = random.vitals()
                let request: [UInt8] = try random.healthRequest().serializedBytes()
                let bytes = try V2ToV1CheckHealth.answer(request, vitals: vitals)
                let answer = try Pluginv2_CheckHealthResponse(serializedBytes: bytes)
                let isWell =
                    vitals.running && [.serving, .unimplemented].contains(vitals.grpcHealth)
                    && [.notConfigured, .succeeded].contains(vitals.probe)
                try Agreement.same(answer.status, isWell ? .ok : .error, "status")
                if vitals.running, case .failed(let text) = vitals.probe, [.serving, .unimplemented].contains(vitals.grpcHealth) {
                    try Agreement.text(answer.message, text, "message")
                }
                if !vitals.running, let reason = vitals.reason, !answer.message.hasSuffix(reason) { throw Mismatch("no reason") }
                guard let details = try JSONSerialization.jsonObject(with: answer.jsonDetails) as? [String: Any] else {
                    throw Mismatch("the details are no object")
                }
                try Agreement.same(details["protocol"] as? Int, 1, "protocol")
                try Agreement.same(details["pid"] as? Int, vitals.pid.map { Int($0) }, "pid")
                try Agreement.same(details["uptimeSeconds"] as? Int64, vitals.uptimeSeconds, "uptime")
                for (key, value) in [
                    ("version", vitals.version), ("lastQueryAt", vitals.lastQueryAt), ("lastError", vitals.lastError),
                ] {
                    try Agreement.text(details[key] as? String ?? "(none)", value ?? "(none)", key)
                }
            }
        }

        @Test("The test query of a health check is planned like a query of the host", arguments: proofParts)
        func healthQuery(_ part: Int) {
            prove("pluginv2.CheckHealthRequest as query", part: part) { random in
                let request = random.healthRequest()
                let model = random.json()
                let now = Int64(random.number(below: 2_000_000_000_000))
                let options = random.options()
                var query = Pluginv2_DataQuery()
                query.refID = "health"
                query.maxDataPoints = 100
                query.intervalMs = 1000
                query.timeRange.fromEpochMs = now - 300_000
                query.timeRange.toEpochMs = now
                query.json = .init(model)
                let whole = Pluginv2_QueryDataRequest.with {
                    if request.hasPluginContext { $0.pluginContext = request.pluginContext }
                    $0.queries = [query]
                }
                let seen = try V2ToV1HealthQuery.plan(request.serializedBytes(), model: model, now: now, options: options)
                let expected = ReferenceRequest.plan(whole, options: options)
                try Agreement.same(seen.calls.count, expected.calls.count, "calls")
                for (call, expected) in zip(seen.calls, expected.calls) {
                    guard let sent = ExactMessage<Models_DatasourceRequest>.read(call.request, as: "models.DatasourceRequest"),
                        let wanted = ExactMessage<Models_DatasourceRequest>.read(
                            try expected.request.serializedBytes(), as: "models.DatasourceRequest")
                    else { throw Mismatch("a v1 request that a library does not read") }
                    try Agreement.messages(sent.content, wanted.content, "v1 request")
                }
            }
        }

        @Test("A renderer's answer keeps its text, or says why it cannot be read", arguments: proofParts)
        func renderAnswer(_ part: Int) {
            prove("models.RenderResponse", part: part) { random in
                let name = "models.RenderResponse"
                let message: [UInt8] = try Models_RenderResponse.with { $0.error = random.text() + random.text() }
                    .serializedBytes()
                let bytes: [UInt8]
                if random.chance(2) {
                    var rewriting = WireRewriting(random, rarity: 2)
                    bytes = rewriting.rewrite(message, as: name)
                } else {
                    var damage = WireDamage(random)
                    bytes = damage.damage(message, as: name, other: message)
                }
                var ledger = LossLedger()
                let answer = try Pluginextensionv2_RenderResponse(
                    serializedBytes: V2ToV1Render.answer(bytes, ledger: &ledger))
                guard let read = ExactMessage<Models_RenderResponse>.read(bytes, as: name) else {
                    guard answer.error.hasPrefix("the legacy renderer's reply is not a models.RenderResponse: ") else {
                        throw Mismatch("accepted although a library refuses it")
                    }
                    return try Agreement.same(ledger.amounts, [Loss(LossPath(name), .malformedReply, count: 0): 1], "losses")
                }
                read.side.note()
                try Agreement.text(answer.error, read.content.error, "error")
                var expected = LossLedger()
                expected.add(read.side)
                expected.addUnknownFields(of: read.content, named: name)
                try Agreement.ledgers(ledger, expected)
            }
        }

        @Test("Metrics and streams are answered with the messages that they should be")
        func small() throws {
            let text = Array("a 1\n".utf8)
            let metrics = try Pluginv2_CollectMetricsResponse(serializedBytes: V2ToV1CollectMetrics.answer(prometheus: text))
            #expect(Array(metrics.metrics.prometheus) == text)
            #expect(try Pluginv2_SubscribeStreamResponse(serializedBytes: V2ToV1Stream.subscribeReply).status == .notFound)
            #expect(try Pluginv2_PublishStreamResponse(serializedBytes: V2ToV1Stream.publishReply).status == .notFound)
        }
    }
}

extension RandomMessages {
    fileprivate mutating func vitals() -> PluginVitals {
        var vitals = PluginVitals(
            running: !chance(4), reason: chance(2) ? nil : text(), pid: chance(2) ? nil : 4711,
            uptimeSeconds: chance(2) ? nil : abs(integer() / 2), grpcHealth: pick(PluginVitals.GRPCHealth.allCases),
            version: chance(2) ? nil : text(), lastQueryAt: chance(2) ? nil : text(), lastError: chance(2) ? nil : text(),
            probe: pick([.notConfigured, .succeeded, .failed("boom \(text())")]))
        if chance(4) { vitals.kind = .renderer }
        return vitals
    }
}
