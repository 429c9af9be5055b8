import DataFrames
import Foundation
import GatewayTestKit
import PluginProtocolV1
import PluginProtocolV2
import SwiftProtobuf
import Testing

@testable import Translation

@Suite("Everything but data, in front of a v1 plugin")
struct DiagnosticsTests {
    private func health(_ vitals: PluginVitals) throws -> Pluginv2_CheckHealthResponse {
        var request = Pluginv2_CheckHealthRequest()
        request.pluginContext.orgID = 1
        request.headers = ["a": "b"]
        return try Pluginv2_CheckHealthResponse(
            serializedBytes: try V2ToV1CheckHealth.answer(Build.bytes(request), vitals: vitals))
    }

    @Test("Case 87: a plugin that is alive is healthy", arguments: [PluginVitals.GRPCHealth.serving, .unimplemented])
    func alive(_ grpcHealth: PluginVitals.GRPCHealth) throws {
        let answer = try health(
            PluginVitals(
                running: true, pid: 42, uptimeSeconds: 7, grpcHealth: grpcHealth, version: "1.2", lastQueryAt: "3 s ago",
                lastError: "a \"quoted\" error"))
        #expect(answer.status == .ok)
        #expect(answer.message == "Legacy (protocol v1) plugin is running. It cannot test the data source itself.")
        let details = try JSONText(validating: Array(answer.jsonDetails))
        #expect(details["protocol"]?.integer == 1)
        #expect(details["pid"]?.integer == 42)
        #expect(details["uptimeSeconds"]?.integer == 7)
        #expect(details["grpcHealth"]?.string == grpcHealth.rawValue)
        #expect(details["version"]?.string == "1.2")
        #expect(details["lastQueryAt"]?.string == "3 s ago")
        #expect(details["lastError"]?.string == "a \"quoted\" error")
    }

    @Test("Case 88: a dead plugin is an error with its reason")
    func dead() throws {
        let answer = try health(PluginVitals(running: false, reason: "exited with status 3"))
        #expect(answer.status == .error)
        #expect(answer.message == "The legacy plugin process is not running: exited with status 3")
        #expect(try JSONText(validating: Array(answer.jsonDetails)).members != nil)
    }

    @Test("A plugin that does not serve, or a test query that fails, is an error")
    func notServing() throws {
        #expect(try health(PluginVitals(running: true, grpcHealth: .notServing)).status == .error)
        #expect(try health(PluginVitals(running: true, grpcHealth: .unknown)).status == .error)
        let failed = try health(PluginVitals(running: true, grpcHealth: .serving, probe: .failed("no route to host")))
        #expect(failed.status == .error)
        #expect(failed.message == "no route to host")
        #expect(try health(PluginVitals(running: true, grpcHealth: .serving, probe: .succeeded)).status == .ok)
    }

    @Test("A configured test query asks the data source of the request, and its error is the verdict")
    func healthQuery() throws {
        var request = Pluginv2_CheckHealthRequest()
        request.pluginContext = Build.request([]).pluginContext
        let plan = try V2ToV1HealthQuery.plan(
            Build.bytes(request), model: Array(#"{"q":1}"#.utf8), now: 1_000_000, options: .default)
        let call = try Models_DatasourceRequest(serializedBytes: try #require(plan.calls.first).request)
        #expect(call.datasource.id == 7)
        #expect(call.timeRange.fromEpochMs == 700_000)
        #expect(call.timeRange.toEpochMs == 1_000_000)
        #expect(call.queries.first?.modelJson.contains(#""q":1"#) == true)
        var ledger = LossLedger()
        let good = V2ToV1QueryData.merge(plan, [Build.reply([Build.result("health")])], ledger: &ledger)
        #expect(V2ToV1HealthQuery.probe(good) == .succeeded)
        let bad = V2ToV1QueryData.merge(plan, [Build.reply([CaseInput(error: "no route").message])], ledger: &ledger)
        #expect(V2ToV1HealthQuery.probe(bad) == .failed("no route"))
        let gone = V2ToV1QueryData.merge(plan, [.failure(code: 14, message: "gone")], ledger: &ledger)
        #expect(V2ToV1HealthQuery.probe(gone) == .failed("gone"))
    }

    @Test("A health request that is not protobuf is refused")
    func malformedHealth() {
        #expect(throws: TranslationError.self) {
            try V2ToV1CheckHealth.answer([0x0a, 0x7f], vitals: PluginVitals(running: true))
        }
    }

    @Test(
        "Case 89: what v1 does not have is UNIMPLEMENTED, with the plugin's version and a reason",
        arguments: [
            "/pluginv2.Stream/RunStream",
            "/pluginv2.AdmissionControl/ValidateAdmission", "/pluginv2.AdmissionControl/MutateAdmission",
            "/pluginv2.ResourceConversion/ConvertObjects", "/pluginextensionv2.Renderer/Render",
            "/pluginextensionv2.Renderer/RenderCSV", "/pluginextensionv2.Sanitizer/Sanitize",
            "/pluginextensionv2.Provider/ConfigureProvider", "/secretsmanagerplugin.SecretsManager/GetSecret", "/no.such/Method",
            "", "/",
        ])
    func unimplemented(_ path: String) throws {
        guard case .unimplemented(let message) = V2ToV1Route.route(method: path) else {
            Issue.record("\(path) has a route")
            return
        }
        #expect(message.contains("protocol version 1"))
        #expect(message.hasPrefix(String(path.dropFirst())))
    }

    @Test("The methods that are answered")
    func routes() {
        #expect(V2ToV1Route.route(method: "/pluginv2.Data/QueryData") == .queryData)
        #expect(V2ToV1Route.route(method: "/pluginv2.Data/QueryChunkedData") == .queryChunkedData)
        #expect(V2ToV1Route.route(method: "/pluginv2.Resource/CallResource") == .callResource)
        #expect(V2ToV1Route.route(method: "/pluginv2.Diagnostics/CheckHealth") == .checkHealth)
        #expect(V2ToV1Route.route(method: "/pluginv2.Diagnostics/CollectMetrics") == .collectMetrics)
        #expect(V2ToV1Route.route(method: "/pluginv2.Stream/SubscribeStream") == .subscribeStream)
        #expect(V2ToV1Route.route(method: "/pluginv2.Stream/PublishStream") == .publishStream)
    }

    @Test("Case 90: subscribing and publishing find nothing")
    func streams() throws {
        #expect(try Pluginv2_SubscribeStreamResponse(serializedBytes: V2ToV1Stream.subscribeReply).status == .notFound)
        #expect(try Pluginv2_PublishStreamResponse(serializedBytes: V2ToV1Stream.publishReply).status == .notFound)
    }

    @Test("Case 91: metrics are Prometheus text")
    func metrics() throws {
        let text = Array("plugin_gateway_up 1\n".utf8)
        let answer = try Pluginv2_CollectMetricsResponse(serializedBytes: V2ToV1CollectMetrics.answer(prometheus: text))
        #expect(Array(answer.metrics.prometheus) == text)
    }

    @Test("The blame for a gRPC error is in the form that hosts read")
    func errorInfo() throws {
        let bytes = ErrorInfoDetail.statusDetails(code: 14, message: "gone", errorSource: "plugin")
        // google.rpc.Status has an Any in field 3; unpacked here with the well-known type alone.
        var any: [UInt8] = []
        var code: Int64 = 0
        try bytes.readWire { reader throws(WireError) in
            while !reader.isAtEnd {
                let tag = try reader.tag()
                switch tag.number {
                case 1: code = try reader.int64()
                case 3: any = try reader.data()
                default: try reader.skip(tag)
                }
            }
        }
        let packed = try Google_Protobuf_Any(serializedBytes: any)
        #expect(code == 14)
        #expect(packed.typeURL == "type.googleapis.com/google.rpc.ErrorInfo")
        #expect(
            Array(packed.value) == [0x1a, 0x15, 0x0a, 0x0b] + Array("errorSource".utf8) + [0x12, 0x06] + Array("plugin".utf8))
    }
}

@Suite("Paths through the translators")
struct TranslationPathTests {
    @Test("Same version: relayed; older: translated; unreachable: impossible, with a remedy")
    func paths() {
        #expect(TranslationPath.choose(host: 2, plugin: 2).reason == "host 2 → plugin 2: relayed")
        #expect(TranslationPath.choose(host: 2, plugin: 2).mode == .relayed)
        let down = TranslationPath.choose(host: 2, plugin: 1)
        #expect(down.mode == .translated)
        #expect(down.reason == "host 2 → plugin 1: translated through v2→v1")
        let up = TranslationPath.choose(host: 2, plugin: 3)
        #expect(up.mode == .impossible)
        #expect(up.reason.contains("the plugin must offer protocol version 2 or 1"))
        #expect(TranslationPath.reachable(from: 2) == [2, 1])
    }

    @Test("Steps are composed, the shortest way first, and circles end")
    func composition() {
        let steps = [
            TranslationStep(host: 3, plugin: 2), TranslationStep(host: 2, plugin: 1), TranslationStep(host: 1, plugin: 3),
        ]
        let path = TranslationPath.choose(host: 3, plugin: 1, through: steps)
        #expect(path.steps == Array(steps.prefix(2)))
        #expect(path.reason == "host 3 → plugin 1: translated through v3→v2, v2→v1")
        #expect(TranslationPath.choose(host: 3, plugin: 9, through: steps).mode == .impossible)
    }
}
