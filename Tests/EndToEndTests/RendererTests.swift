import Foundation
import Testing

extension EndToEnd {
    /// A real v1 renderer behind the gateway (cases 92–94). It writes what it was asked into the file that it is told to.
    @Suite(.serialized) struct Renderer {
        @Test func `fields arrive under their old numbers, the file is where the host wants it, and losses are named`() throws {
            let rig = try RendererRig()
            defer { rig.stop() }
            let file = rig.scratch.directory + "/picture é.png"
            let result = try rig.render(
                [
                    "url": "http://localhost:3000/d-solo/x?a=1", "width": 1000, "height": 500, "deviceScaleFactor": 2,
                    "filePath": file,
                    "renderKey": "secret-key", "domain": "localhost", "timeout": 60, "timezone": "UTC-2",
                    "headers": ["Accept-Language": ["values": ["de"]]], "authToken": "secret-token",
                ], ["--metadata", "traceparent=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"])
            #expect(result.status["code"] as? Int == 0, "\(result)")
            #expect(result.replies.first?["error"] as? String ?? "" == "")
            let asked = try JSON.object(String(contentsOfFile: file, encoding: .utf8))
            #expect(asked["url"] as? String == "http://localhost:3000/d-solo/x?a=1")
            #expect(asked["width"] as? Int == 1000)
            #expect(asked["height"] as? Int == 500)
            #expect(asked["filePath"] as? String == file)
            #expect(asked["renderKey"] as? String == "secret-key")
            #expect(asked["domain"] as? String == "localhost")
            #expect(asked["timeout"] as? Int == 60)
            #expect(asked["timezone"] as? String == "UTC-2")
            #expect(asked["encoding"] as? String == "")
            #expect(asked["debug"] as? Bool == false)
            #expect(asked["unknownBytes"] as? Int == 0)
            #expect((asked["traceparent"] as? [String])?.count == 1)
            let trailer = (result.status["trailers"] as? [String: [String]])?["plugin-gateway-loss"]?.first ?? ""
            for field in ["deviceScaleFactor", "headers", "authToken"] {
                #expect(trailer.contains("pluginextensionv2.RenderRequest.\(field):no-home:1"), "\(trailer)")
            }
            #expect(!rig.gateway.log.contains("secret-key") && !rig.gateway.log.contains("secret-token"))
        }

        @Test func `what a v1 renderer cannot do is an error of the answer, and the renderer is not asked`() throws {
            let rig = try RendererRig()
            defer { rig.stop() }
            for (change, text) in [
                (["encoding": "pdf"], "pdf"), (["encoding": "csv"], "csv"),
                (["height": -1], "full height images are not supported"),
            ] as [([String: Any], String)] {
                let result = try rig.render(change)
                #expect(result.status["code"] as? Int == 0, "\(result)")
                #expect((result.replies.first?["error"] as? String)?.contains(text) == true, "\(result)")
            }
            #expect(try rig.render([:]).replies.first?["error"] as? String ?? "" == "")
            let asked = try rig.host.perform("logs", ["contains": "asked to render"])["lines"] as? [Any]
            #expect(asked?.count == 1)
        }

        @Test func `errors of the renderer are the host's, gRPC codes and messages too, and cancelling reaches it`() throws {
            let rig = try RendererRig()
            defer { rig.stop() }
            let error = try rig.render(["url": "http://x/?error=no+browser"])
            #expect(error.replies.first?["error"] as? String == "no browser")
            let status = try rig.render(["url": "http://x/?code=9&message=not+now"])
            #expect(status.status["code"] as? Int == 9, "\(status)")
            #expect(status.status["message"] as? String == "not now")
            let late = try rig.render(["url": "http://x/?sleepMs=60000"], ["--deadline-ms", "300"])
            #expect(late.status["code"] as? Int == 4, "\(late)")
            let seen = try rig.host.perform("waitLog", ["contains": "rendering cancelled", "waitMs": 10_000])
            #expect(seen["ok"] as? Bool == true, "\(seen)")
        }

        @Test func `other methods are unimplemented with a reason, and health is that of a renderer`() throws {
            let rig = try RendererRig()
            defer { rig.stop() }
            for method in [
                "pluginextensionv2.Renderer/RenderCSV", "pluginextensionv2.Sanitizer/Sanitize", "pluginv2.Data/QueryData",
            ] {
                let result = try rig.v2Host(["call", method, "{}"])
                #expect(result.status["code"] as? Int == 12, "\(method): \(result)")
                #expect((result.status["message"] as? String)?.contains("data source") == false)
            }
            let health = try rig.v2Host(["call", "pluginv2.Diagnostics/CheckHealth", "{}"])
            #expect(health.replies.first?["message"] as? String == "Legacy (protocol v1) renderer is running.")
        }

        @Test func `a host of v2 starts it with the cookie of data sources, which the operator can set right`() throws {
            let wrong = try Scratch()
            try wrong.install(RendererRig.id, executable: Places.legacyRenderer)
            let gateway = try GatewayUnderTest(wrong)
            let host = try HostUnderTest(gateway, wrong.executable(of: RendererRig.id))
            #expect(!host.started)
            host.stop()
            gateway.stop()
            let rig = try RendererRig(cookie: "datasource", configuration: "plugins: {legacy-renderer: {magic_cookie: renderer}}")
            defer { rig.stop() }
            #expect(try rig.render([:]).status["code"] as? Int == 0)
        }
    }
}

/// A gateway with the legacy renderer behind it. The Go host starts it; the C++ host calls.
final class RendererRig {
    static let id = "legacy-renderer"
    let scratch: Scratch
    let gateway: GatewayUnderTest
    let host: HostUnderTest

    init(cookie: String = "renderer", configuration: String = "") throws {
        scratch = try Scratch()
        try scratch.install(Self.id, executable: Places.legacyRenderer)
        gateway = try GatewayUnderTest(scratch, configuration: configuration)
        do {
            host = try HostUnderTest(gateway, scratch.executable(of: Self.id), options: ["--cookie-value", cookie])
            guard host.started else { throw HarnessError("the host did not start: \(host.start)\n\(gateway.log)") }
        } catch {
            gateway.stop()
            throw error
        }
    }

    func v2Host(_ arguments: [String]) throws -> CppHost.Result { try CppHost.run(gateway, arguments) }

    /// A plain picture, changed.
    func render(_ change: [String: Any], _ flags: [String] = []) throws -> CppHost.Result {
        let plain: [String: Any] = ["url": "http://x/", "width": 100, "height": 100, "filePath": scratch.directory + "/out.png"]
        let request = try JSON.text(plain.merging(change) { _, new in new })
        return try v2Host(["call", "pluginextensionv2.Renderer/Render", request] + flags)
    }

    func stop() {
        host.stop()
        gateway.stop()
    }
}

/// The C++ host on the host socket of a gateway's only attachment.
enum CppHost {
    struct Result {
        let replies: [[String: Any]]
        let status: [String: Any]
    }

    static func run(_ gateway: GatewayUnderTest, _ arguments: [String]) throws -> Result {
        guard let socket = try gateway.plugins().first?["hostSocket"] as? String else {
            throw HarnessError("nothing is attached")
        }
        let result = try Command.run(Places.v2Host, [socket] + arguments)
        let lines = try result.output.split(separator: "\n").map { try JSON.object(String($0)) }
        guard let last = lines.last else { throw HarnessError("v2-host printed nothing: \(result.error)") }
        return Result(replies: lines.dropLast().compactMap { $0["reply"] as? [String: Any] }, status: last)
    }
}
