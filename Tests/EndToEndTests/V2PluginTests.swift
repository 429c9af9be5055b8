import Foundation
import Testing

extension EndToEnd {
    /// A v2 plugin (C++) behind the gateway: calls pass byte for byte, in every direction and shape.
    @Suite(.serialized) struct V2Plugin {
        @Test func `the path is relayed, and a reply is the same with and without the gateway`() throws {
            let rig = try V2Rig()
            defer { rig.stop() }
            let plugin = try #require(try rig.gateway.plugins().first)
            #expect(plugin["mode"] as? String == "relayed")
            #expect(plugin["pathReason"] as? String == "host 2 → plugin 2: relayed")
            let answer = try rig.host.query(["A": ["echo": true, "x": "é"]])
            #expect(answer["ok"] as? Bool == true, "\(answer)")
            let frame = try #require(try Responses(answer)["A"]?.frames.first.flatMap { Data(base64Encoded: $0) })
            #expect(try JSON.object(String(decoding: frame, as: UTF8.self))["x"] as? String == "é")
        }

        @Test func `metadata, deadlines, trailers and status details pass both ways`() throws {
            let rig = try V2Rig()
            defer { rig.stop() }
            let result = try rig.v2Host(
                [
                    "QueryData", #"{"queries":[{"refId":"A","json":""}]}"#, "--metadata", "x-test=one", "--metadata",
                    "x-test=two", "--metadata", "x-raw-bin=AAH/", "--deadline-ms", "5000",
                ])
            #expect(result.status["code"] as? Int == 0, "\(result)")
            let reply = try #require(result.replies.first)
            let response = (reply["responses"] as? [String: [String: Any]])?["A"]
            let meta = try JSON.object(
                String(decoding: Data(base64Encoded: response?["jsonMeta"] as? String ?? "") ?? Data(), as: UTF8.self))
            let metadata = meta["metadata"] as? [String: [String]] ?? [:]
            #expect(metadata["x-test"] == ["one", "two"])
            #expect(metadata["x-raw-bin"]?.first?.hasPrefix("AAH/") == true)
            let remaining = meta["deadlineRemainingMs"] as? Int ?? 0
            #expect(remaining > 1000 && remaining <= 5000, "\(remaining)")
            #expect((result.status["initialMetadata"] as? [String: [String]])?["x-peer-initial"] == ["from the plugin"])
            let trailers = result.status["trailers"] as? [String: [String]] ?? [:]
            #expect(trailers["x-peer-trailing"] == ["to the host"])
            #expect(Data(base64Encoded: trailers["x-peer-trailing-bin"]?.first ?? "").map { [UInt8]($0) } == Array(0...255))

            let details = Data("details".utf8).base64EncodedString()
            let control = #"{"grpcError":{"code":9,"message":"größer als 100 % ✓","detailsBase64":"\#(details)"}}"#
            let failed = try rig.v2Host(["CheckHealth", "{}", "--metadata", "x-peer-control=\(Self.ascii(control))"])
            #expect(failed.status["code"] as? Int == 9, "\(failed)")
            #expect(failed.status["message"] as? String == "größer als 100 % ✓")
            #expect(failed.status["detailsBase64"] as? String == details)
        }

        @Test func `streams flow, end by themselves, and are cancelled by the host`() throws {
            let rig = try V2Rig()
            defer { rig.stop() }
            let packets = Data(#"{"packets":50,"intervalMs":1}"#.utf8).base64EncodedString()
            let stream = try rig.v2Host(["RunStream", #"{"path":"x","data":"\#(packets)"}"#])
            #expect(stream.status["code"] as? Int == 0)
            #expect(stream.replies.count == 50)
            let chunked = try rig.v2Host([
                "QueryChunkedData",
                #"{"queries":[{"refId":"A","json":"\#(Data(#"{"chunks":5,"bytes":100000}"#.utf8).base64EncodedString())"}]}"#,
            ])
            #expect(chunked.replies.count == 5)
            let resource = try rig.v2Host(["CallResource", #"{"path":"chunks/40/100000"}"#, "--read-delay-ms", "5", "--quiet"])
            #expect(resource.status["code"] as? Int == 0, "\(resource)")
            #expect((resource.status["replyBytes"] as? Int ?? 0) >= 4_000_000)
            let endless = Data(#"{"intervalMs":10}"#.utf8).base64EncodedString()
            let cancelled = try rig.v2Host(["RunStream", #"{"path":"x","data":"\#(endless)"}"#, "--cancel-after-replies", "3"])
            #expect(cancelled.status["code"] as? Int == 1)
            let seen = try rig.host.perform("waitLog", ["contains": "stream cancelled by the host", "waitMs": 10000])
            #expect(seen["ok"] as? Bool == true, "\(seen)")
        }

        @Test
        func `deadlines end calls, compressed messages pass, large messages pass, and larger ones are refused with a reason`()
            throws
        {
            let rig = try V2Rig()
            defer { rig.stop() }
            let late = try rig.v2Host([
                "CheckHealth", "{}", "--metadata", #"x-peer-control={"sleepMs":20000}"#, "--deadline-ms", "300",
            ])
            #expect(late.status["code"] as? Int == 4)
            let gzip = try rig.v2Host(["CheckHealth", "{}", "--gzip", "--metadata", #"x-peer-control={"gzip":true}"#])
            #expect(gzip.status["code"] as? Int == 0, "\(gzip)")
            let large = Data(#"{"bytes":30000000}"#.utf8).base64EncodedString()
            let answer = try rig.v2Host(["QueryData", #"{"queries":[{"refId":"A","json":"\#(large)"}]}"#, "--quiet"])
            #expect(answer.status["code"] as? Int == 0, "\(answer)")
            #expect((answer.status["replyBytes"] as? Int ?? 0) > 30_000_000)
            let unknown = try rig.v2Host(["raw", "no.such.Service/Method", ""])
            #expect(unknown.status["code"] as? Int == 12)
        }

        @Test func `every service of a v2 plugin answers the Go host`() throws {
            let rig = try V2Rig()
            defer { rig.stop() }
            for op in ["health", "metrics", "resource", "subscribe", "publish", "validate", "mutate", "convert", "chunked"] {
                let answer = try rig.host.perform(op, ["request": ["pluginContext": HostUnderTest.context]])
                #expect(answer["ok"] as? Bool == true, "\(op): \(answer)")
            }
            let load = try rig.v2Host(["CheckHealth", "{}", "--count", "2000", "--concurrency", "32"])
            #expect(load.status["errors"] as? Int == 0, "\(load)")
        }

        /// The C++ host takes metadata as it is; JSON with other characters is escaped.
        private static func ascii(_ json: String) -> String {
            json.unicodeScalars.map {
                $0.isASCII ? String($0) : $0.utf16.map { unit in String(format: "\\u%04x", unit) }.joined()
            }.joined()
        }
    }
}

extension Unicode.Scalar {
    fileprivate var utf16: [UInt16] { Array(String(self).utf16) }
}

/// A gateway with the C++ v2 plugin behind it and the Go host in front, whose socket the C++ host shares.
final class V2Rig {
    static let id = "v2-datasource"
    let scratch: Scratch
    let gateway: GatewayUnderTest
    let host: HostUnderTest

    init(configuration: String = "", environment: [String: String] = [:]) throws {
        scratch = try Scratch()
        try scratch.install(Self.id, executable: Places.v2Plugin)
        gateway = try GatewayUnderTest(scratch, configuration: configuration)
        do {
            host = try HostUnderTest(gateway, scratch.executable(of: Self.id), environment: environment)
            guard host.started else { throw HarnessError("the host did not start: \(host.start)\n\(gateway.log)") }
        } catch {
            gateway.stop()
            throw error
        }
    }

    /// One run of the C++ host on the host socket.
    func v2Host(_ arguments: [String]) throws -> CppHost.Result { try CppHost.run(gateway, arguments) }

    func stop() {
        host.stop()
        gateway.stop()
    }
}
