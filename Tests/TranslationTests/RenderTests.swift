import PluginProtocolV1
import PluginProtocolV2
import Testing

@testable import Translation

@Suite("Rendering in front of v1")
struct RenderTests {
    private func request(_ change: (inout Pluginextensionv2_RenderRequest) -> Void = { _ in }) -> Pluginextensionv2_RenderRequest
    {
        var request = Pluginextensionv2_RenderRequest()
        request.url = "http://localhost:3000/d/x?é"
        request.width = 1000
        request.height = 500
        request.filePath = "/tmp/out.png"
        request.renderKey = "key"
        request.domain = "localhost"
        request.timeout = 60
        request.timezone = "UTC-2"
        change(&request)
        return request
    }

    private func plan(
        _ request: Pluginextensionv2_RenderRequest, _ options: TranslationOptions = .default
    ) throws -> (V2ToV1Render.Plan, LossLedger) {
        try V2ToV1Render.plan(Build.bytes(request), options: options)
    }

    private func error(_ plan: V2ToV1Render.Plan) throws -> String? {
        guard case .answer(let bytes) = plan else { return nil }
        return try Pluginextensionv2_RenderResponse(serializedBytes: bytes).error
    }

    @Test("Case 92: fields get their old numbers, and what v1 does not have is entered")
    func fields() throws {
        let full = request {
            $0.deviceScaleFactor = 2
            $0.headers = ["Accept-Language": .with { $0.values = ["de"] }, "X": .init()]
            $0.authToken = "secret"
        }
        let (plan, ledger) = try plan(full)
        guard case .call(let bytes) = plan else {
            Issue.record("the plugin is not asked")
            return
        }
        let v1 = try Models_RenderRequest(serializedBytes: bytes)
        #expect(v1.url == full.url)
        #expect(v1.width == 1000)
        #expect(v1.height == 500)
        #expect(v1.timeout == 60)
        #expect(v1.timezone == "UTC-2")
        #expect(v1.encoding.isEmpty)
        #expect(v1.filePath == "/tmp/out.png")
        #expect(v1.renderKey == "key")
        #expect(v1.domain == "localhost")
        #expect(!v1.debug)
        #expect(v1.unknownFields.data.isEmpty)
        #expect(ledger.count("pluginextensionv2.RenderRequest.deviceScaleFactor", .noHome) == 1)
        #expect(ledger.count("pluginextensionv2.RenderRequest.headers", .noHome) == 2)
        #expect(ledger.count("pluginextensionv2.RenderRequest.authToken", .noHome) == 1)
        #expect(ledger.losses.count == 3)
    }

    @Test("Scales that a v1 renderer has anyway lose nothing", arguments: [Float(0), 1])
    func ordinaryScale(_ scale: Float) throws {
        #expect(try plan(request { $0.deviceScaleFactor = scale }).1.isEmpty)
    }

    @Test("The encoding is handed on", arguments: ["", "png"])
    func encoding(_ encoding: String) throws {
        guard case .call(let bytes) = try plan(request { $0.encoding = encoding }).0 else {
            Issue.record("the plugin is not asked")
            return
        }
        #expect(try Models_RenderRequest(serializedBytes: bytes).encoding == encoding)
    }

    @Test("Case 93: what a v1 renderer cannot do is an error without asking it")
    func refusals() throws {
        for encoding in ["pdf", "csv", "PDF"] {
            #expect(
                try error(try plan(request { $0.encoding = encoding }).0)?.contains("is not supported by this renderer") == true)
        }
        for height in [-1, 0] as [Int32] {
            #expect(
                try error(try plan(request { $0.height = height }).0) == "full height images are not supported by this renderer")
        }
    }

    @Test("A loss that the operator refuses is an error without asking the plugin")
    func refusedLoss() throws {
        var policies = LossPolicies()
        policies.set("pluginextensionv2.RenderRequest.deviceScaleFactor", .refuse)
        let answer = try error(try plan(request { $0.deviceScaleFactor = 2 }, options { $0.losses = policies }).0)
        #expect(answer?.contains("deviceScaleFactor") == true)
    }

    @Test("A new field of a newer host is entered by its number; bytes that are no request are the host's fault")
    func foreign() throws {
        let bytes = Build.bytes(request()) + [0xa0, 0x06, 0x01]
        #expect(
            try V2ToV1Render.plan(bytes, options: .default).1.count("pluginextensionv2.RenderRequest.#100", .unknownField) == 1)
        #expect(throws: TranslationError.self) { try V2ToV1Render.plan([0x0a, 0x7f], options: .default) }
        #expect(throws: TranslationError.self) { try V2ToV1Render.plan([0x25, 0x00], options: .default) }
    }

    @Test("The plugin's error is the host's; a reply that cannot be read is an error that says where")
    func answers() throws {
        var ledger = LossLedger()
        var reply = Models_RenderResponse()
        reply.error = "no browser"
        let error = try Pluginextensionv2_RenderResponse(
            serializedBytes: V2ToV1Render.answer(Build.bytes(reply), ledger: &ledger))
        #expect(error.error == "no browser")
        #expect(V2ToV1Render.answer([], ledger: &ledger).isEmpty)
        #expect(ledger.isEmpty)
        let broken = try Pluginextensionv2_RenderResponse(serializedBytes: V2ToV1Render.answer([0x0a, 0x7f], ledger: &ledger))
        #expect(broken.error.contains("at byte 1"))
        #expect(ledger.count("models.RenderResponse", .malformedReply) == 1)
    }

    @Test("Case 94: a renderer renders and nothing else")
    func routes() {
        #expect(V2ToV1Route.route(method: "/pluginextensionv2.Renderer/Render", kind: .renderer) == .render)
        #expect(V2ToV1Route.route(method: "/pluginv2.Diagnostics/CheckHealth", kind: .renderer) == .checkHealth)
        for path in [
            "/pluginextensionv2.Renderer/RenderCSV", "/pluginextensionv2.Sanitizer/Sanitize", "/pluginv2.Data/QueryData",
            "/pluginv2.Data/QueryChunkedData",
        ] {
            guard case .unimplemented(let message) = V2ToV1Route.route(method: path, kind: .renderer) else {
                Issue.record("\(path) has a route")
                continue
            }
            #expect(!message.contains("data source"))
        }
    }
}
