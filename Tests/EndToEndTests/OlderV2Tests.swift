import DataFrames
import Foundation
import Testing

extension EndToEnd {
    /// A plugin of the host's own version that is older than the host: no QueryChunkedData, Arrow frames only.
    @Suite(.serialized) struct OlderV2 {
        @Test(arguments: ["unimplemented", "no-handler"])
        func `a plugin without QueryChunkedData is asked with QueryData once its first refusal was seen`(age: String) throws {
            let rig = try V2Rig(environment: ["V2_PLUGIN_CHUNKS": age])
            defer { rig.stop() }
            let file = Data(try ArrowFile.write(Self.frame)).base64EncodedString()
            let request = try HostUnderTest.request([
                "A": ["arrow": [file, file]], "B": ["error": "boom", "errorSource": "downstream"],
            ])
            #expect(try rig.gateway.plugins().first?["mode"] as? String == "relayed")
            // The host sees the refusal of a relayed call itself.
            let first = try rig.host.perform("chunked", ["request": request])
            if age == "unimplemented" { #expect(first["codeNumber"] as? Int == 12, "\(first)") }
            try waitUntil("the host has moved") {
                (try? Chunks(try rig.host.perform("chunked", ["request": request])))?.names.contains("A/0") == true
            }
            #expect(try rig.gateway.plugins().first?["mode"] as? String == "forwarded")
            let before = try rig.host.perform("logs", ["contains": "asked for chunks"])["lines"] as? [Any]
            for _ in 0..<3 {
                let stream = try Chunks(try rig.host.perform("chunked", ["request": request]))
                #expect(stream.names.sorted() == ["A/0", "A/1", "B/0"])
                #expect(stream.all.filter { $0.refID == "A" }.allSatisfy { $0.frame == file && $0.status == 200 && !$0.isJSON })
                let error = try #require(stream.all.first { $0.refID == "B" })
                #expect(error.error == "boom" && error.status == 500 && error.errorSource == "downstream")
                let verdict = try FrameJudge().judge(error.frame, json: false)
                #expect(verdict["ok"] as? Bool == true, "\(verdict)")
            }
            let asked = try rig.host.perform("logs", ["contains": "asked for chunks"])["lines"] as? [Any]
            #expect(asked?.count == before?.count)
        }

        @Test func `a new process is asked again`() throws {
            let rig = try V2Rig(environment: ["V2_PLUGIN_CHUNKS": "unimplemented"])
            defer { rig.stop() }
            let request = ["request": try HostUnderTest.request(["A": [:]])]
            func isServed() throws -> Bool { try rig.host.perform("chunked", request)["ok"] as? Bool == true }
            #expect(try !isServed())
            try waitUntil("the gateway makes up for it") { try isServed() }
            let before = try rig.host.perform("logs", ["contains": "asked for chunks"])["lines"] as? [Any]
            _ = try rig.v2Host(["CheckHealth", "{}", "--metadata", #"x-peer-control={"exit":3}"#])
            try waitUntil("the plugin runs again") { try rig.v2Host(["CheckHealth", "{}"]).status["code"] as? Int == 0 }
            try waitUntil("the gateway makes up for it again") { try isServed() }
            let asked = try rig.host.perform("logs", ["contains": "asked for chunks"])["lines"] as? [Any]
            #expect((asked?.count ?? 0) > (before?.count ?? 0))
        }

        @Test func `a plugin that has QueryChunkedData streams as before, the first call as the others`() throws {
            let rig = try V2Rig()
            defer { rig.stop() }
            for call in 0..<3 {
                let stream = try Chunks(try rig.host.perform("chunked", ["request": HostUnderTest.request(["A": ["chunks": 4]])]))
                #expect(stream.names == ["A/frame", "A/frame", "A/frame", "A/frame"], "call \(call)")
                let result = try rig.v2Host(["QueryChunkedData", #"{"queries":[{"refId":"A"}]}"#])
                #expect((result.status["trailers"] as? [String: [String]])?["x-peer-trailing"] == ["to the host"])
            }
            let failed = try rig.host.perform(
                "chunked", ["request": HostUnderTest.request(["A": ["grpcError": ["code": 7, "message": "no"]]])])
            #expect(failed["codeNumber"] as? Int == 7, "\(failed)")
        }

        @Test func `a refusal that is not about the method is passed on and nothing is remembered`() throws {
            let rig = try V2Rig()
            defer { rig.stop() }
            let denied = try rig.host.perform(
                "chunked", ["request": HostUnderTest.request(["A": ["grpcError": ["code": 7, "message": "no"]]])])
            #expect(denied["codeNumber"] as? Int == 7, "\(denied)")
            let stream = try Chunks(try rig.host.perform("chunked", ["request": HostUnderTest.request(["A": [:]])]))
            #expect(stream.names.first == "A/frame")
        }

        @Test func `Arrow passes untouched to a host that asked for JSON, unless the operator wants it converted`() throws {
            let file = Data(try ArrowFile.write(Self.frame)).base64EncodedString()
            let request = ["request": try HostUnderTest.request(["A": ["arrow": [file]], "J": [:]], format: 1)]
            let plain = try V2Rig()
            let untouched = try #require(try Responses(try plain.host.perform("query", request))["A"])
            #expect(untouched.frames == [file])
            #expect(untouched.format == "ARROW")
            plain.stop()

            let rig = try V2Rig(configuration: "plugins: {v2-datasource: {convert_frames: json}}")
            defer { rig.stop() }
            let judge = try FrameJudge()
            let answer = try rig.host.perform("query", request)
            let responses = try Responses(answer)
            let converted = try #require(responses["A"])
            #expect(converted.format == "JSON")
            let (verdict, original) = (
                try judge.judge(try #require(converted.frames.first), json: true), try judge.judge(file, json: false)
            )
            #expect(verdict["ok"] as? Bool == true, "\(verdict)")
            #expect(try JSON.text(verdict["frame"] ?? "") == JSON.text(original["frame"] ?? ""))
            #expect(responses["J"]?.format == "JSON")
            #expect(converted.jsonMeta != nil)
            #expect((answer["header"] as? [String: Any])?["x-peer-initial"] != nil)
            #expect((answer["trailer"] as? [String: Any])?["x-peer-trailing"] != nil)

            let arrow = try #require(try Responses(try rig.host.query(["A": ["arrow": [file]]], format: 0))["A"])
            #expect(arrow.frames == [file])
            let stream = try Chunks(
                try rig.host.perform("chunked", ["request": HostUnderTest.request(["A": ["arrow": [file, file]]], format: 1)]))
            #expect(stream.all.map(\.isJSON) == [true, true])
            #expect(stream.all.map(\.hasSchema) == [true, false])
            for document in try stream.frames(of: "A") {
                #expect(try judge.judge(document, json: true)["ok"] as? Bool == true)
            }
        }

        private static let frame = Frame(
            name: "f", refID: "A", meta: FrameMeta(type: "timeseries-multi", typeVersion: FrameTypeVersion(0, 1)),
            fields: [
                Field(name: "Time", nullable: false, column: .timestamp(TimestampColumn([1_000_000, 2_000_001] as [Int64]))),
                Field(
                    name: "Value", labels: ["host": "é"], config: FieldConfig(displayNameFromDS: "v"), nullable: true,
                    column: .float64(Float64Column([1.5, nil] as [Double?]))),
            ])
    }
}
