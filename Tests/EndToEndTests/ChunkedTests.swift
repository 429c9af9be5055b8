import Foundation
import Testing

extension EndToEnd {
    /// QueryChunkedData in front of the real legacy plugin (cases 83–85): the Go host and the C++ host read, Python judges.
    @Suite(.serialized) struct Chunked {
        @Test func `two series and an error in Arrow: frames 0 and 1, then the error with a frame that decodes`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            let model: [String: Any] = [
                "scenario": "literal",
                "result": [
                    "error": "partial", "series": [["name": "a", "points": [[1, 1]]], ["name": "b", "points": [[1, 2]]]],
                ],
            ]
            let stream = try Chunks(try rig.host.perform("chunked", ["request": HostUnderTest.request(["A": model])]))
            #expect(stream.names == ["A/0", "A/1", "A/2"])
            #expect(stream.all.map(\.status) == [200, 200, 500])
            #expect(stream.all.map(\.error) == ["", "", "partial"])
            #expect(stream.all[2].errorSource == "downstream")
            let judge = try FrameJudge()
            for (chunk, name) in zip(stream.all, ["a", "b", ""]) {
                let verdict = try judge.judge(chunk.frame, json: false)
                #expect(verdict["ok"] as? Bool == true, "\(verdict)")
                #expect((verdict["frame"] as? [String: Any])?["name"] as? String ?? "" == name)
            }
        }

        @Test func `120,000 rows are three chunks whose rows are those of the unary answer, in Arrow and in JSON`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            let judge = try FrameJudge()
            for format in [0, 1] {
                let request = try HostUnderTest.request(["A": ["scenario": "points", "points": 120_000]], format: format)
                let answer = try Responses(try rig.host.perform("query", ["request": request]))
                let whole = try judge.judge(try #require(answer["A"]?.frames.first), json: format == 1)
                let stream = try Chunks(try rig.host.perform("chunked", ["request": request]))
                #expect(stream.names == ["A/0", "A/0", "A/0"])
                #expect(stream.all.allSatisfy { $0.status == 200 && $0.isJSON == (format == 1) })
                #expect(stream.all.map(\.hasSchema) == (format == 1 ? [true, false, false] : [false, false, false]))
                let parts = try stream.frames(of: "A").map { try judge.judge($0, json: format == 1) }
                #expect(parts.allSatisfy { $0["ok"] as? Bool == true }, "\(parts.map { $0["errors"] ?? "" })")
                for field in 0..<2 {
                    let put = parts.flatMap { Self.values($0, field) }
                    #expect(put.count == 120_000)
                    #expect(put.map { "\($0)" } == Self.values(whole, field).map { "\($0)" })
                }
            }
            print("proof: 120,000 rows in 3 chunks equal the unary answer, in Arrow (pyarrow) and JSON")
        }

        @Test func `nothing to say ends without a message; chunk_rows is configured, and 0 switches the method off`() throws {
            let rig = try LegacyRig(configuration: "plugins: {legacy-datasource: {chunk_rows: 2}}")
            let empty = try rig.host.perform(
                "chunked", ["request": HostUnderTest.request(["A": ["scenario": "literal", "result": [:]]])])
            #expect(empty["ok"] as? Bool == true, "\(empty)")
            #expect((empty["messages"] as? [Any])?.isEmpty == true)
            let small = try Chunks(try rig.host.perform("chunked", ["request": HostUnderTest.request(["A": ["points": 5]])]))
            #expect(small.names == ["A/0", "A/0", "A/0"])
            rig.stop()
            let off = try LegacyRig(configuration: "plugins: {legacy-datasource: {chunk_rows: 0}}")
            defer { off.stop() }
            let refused = try off.host.perform("chunked", ["request": HostUnderTest.request(["A": [:]])])
            #expect(refused["codeNumber"] as? Int == 12, "\(refused)")
            #expect((refused["messages"] as? [Any])?.isEmpty == true)
        }

        @Test func `a group that is ready is read while a slower one is still asked, and a failed one is its own error`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            let request = try Self.split(["A": ["scenario": "sleep", "ms": 60_000], "B": ["scenario": "series"]])
            // The first message ends the call: it can only come while A sleeps.
            let stream = try rig.host.perform("chunked", ["request": request, "maxMessages": 1])
            #expect(try Chunks(stream, ended: false).names == ["B/0"])
            #expect(stream["codeNumber"] as? Int == 1, "\(stream)")
            let seen = try rig.host.perform("waitLog", ["contains": "query cancelled", "waitMs": 10_000])
            #expect(seen["ok"] as? Bool == true, "the host's cancellation must reach the plugin: \(seen)")

            let mixed = try Chunks(
                try rig.host.perform(
                    "chunked",
                    ["request": Self.split(["A": ["scenario": "goerror", "message": "x"], "B": ["scenario": "series"]])]))
            #expect(Set(mixed.names) == ["A/0", "B/0"])
            #expect(mixed.all.first { $0.refID == "A" }?.error == "x")
            let gone = try rig.host.perform(
                "chunked", ["request": Self.split(["A": Self.unavailable, "B": Self.unavailable])])
            #expect(gone["codeNumber"] as? Int == 14, "\(gone)")
        }

        @Test func `a host that reads slowly slows the gateway down, which holds no more than a few chunks`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            let json = Data(#"{"scenario":"points","points":200000,"series":4}"#.utf8).base64EncodedString()
            let context = try JSON.text(HostUnderTest.context)
            let request =
                #"{"pluginContext":\#(context),"queries":[{"refId":"A","json":"\#(json)","timeRange":{"fromEpochMS":"1","toEpochMS":"2"}}]}"#
            let result = try Command.run(
                Places.v2Host, [rig.hostSocket, "QueryChunkedData", request, "--read-delay-ms", "50", "--quiet"], within: 120)
            let status = try JSON.object(String(result.output.split(separator: "\n").last ?? "{}"))
            #expect(status["code"] as? Int == 0, "\(status)")
            #expect(status["replies"] as? Int == 16)
            #expect(rig.gateway.residentKiB < 1_000_000)
        }

        @Test func `the losses of a stream are in its trailing metadata and counters`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            var request = try HostUnderTest.request(["A": [:]])
            request["headers"] = ["FromAlert": "true"]
            let stream = try rig.host.perform("chunked", ["request": request])
            let trailer = (stream["trailer"] as? [String: [String]])?["plugin-gateway-loss"]?.first ?? ""
            #expect(trailer.contains("pluginv2.QueryChunkedDataRequest.headers:no-home:1"), "\(stream)")
        }

        private static var unavailable: [String: Any] { ["scenario": "goerror", "code": 14, "message": "gone"] }

        /// One range for each query, so one v1 call for each.
        private static func split(_ models: [String: [String: Any]]) throws -> [String: Any] {
            var request = try HostUnderTest.request(models)
            var queries = request["queries"] as? [[String: Any]] ?? []
            for place in queries.indices { queries[place]["timeRange"] = ["fromEpochMS": "\(place + 5)", "toEpochMS": "100"] }
            request["queries"] = queries
            return request
        }

        private static func values(_ verdict: [String: Any], _ field: Int) -> [Any] {
            let fields = (verdict["frame"] as? [String: Any])?["fields"] as? [[String: Any]] ?? []
            return fields.indices.contains(field) ? fields[field]["values"] as? [Any] ?? [] : []
        }
    }
}

/// The messages of a QueryChunkedData as the Go host prints them.
struct Chunks {
    struct Chunk {
        let refID: String
        let frameID: String
        let status: Int
        let error: String
        let errorSource: String
        let isJSON: Bool
        /// Base64.
        let frame: String

        var hasSchema: Bool { text.hasPrefix("{\"schema\":") }
        fileprivate var text: String { String(decoding: Data(base64Encoded: frame) ?? Data(), as: UTF8.self) }
    }
    let all: [Chunk]

    /// - Parameter ended: whether the stream must have ended well.
    init(_ answer: [String: Any], ended: Bool = true) throws {
        if ended, answer["ok"] as? Bool != true { throw HarnessError("the stream failed: \(answer)") }
        all = (answer["messages"] as? [[String: Any]] ?? []).map { message in
            let chunk = message["response"] as? [String: Any] ?? [:]
            return Chunk(
                refID: chunk["refId"] as? String ?? "", frameID: chunk["frameId"] as? String ?? "",
                status: chunk["status"] as? Int ?? 0,
                error: chunk["error"] as? String ?? "", errorSource: chunk["errorSource"] as? String ?? "",
                isJSON: "\(chunk["format"] ?? "")" == "JSON" || "\(chunk["format"] ?? "")" == "1",
                frame: chunk["frame"] as? String ?? "")
        }
    }

    var names: [String] { all.map { "\($0.refID)/\($0.frameID)" } }

    /// The frames of a refId, each as a document of its own (base64): later JSON chunks get the schema of the first.
    func frames(of refID: String) throws -> [String] {
        var schema = ""
        return try all.filter { $0.refID == refID }.map { chunk in
            guard chunk.isJSON else { return chunk.frame }
            if chunk.hasSchema {
                guard let end = chunk.text.range(of: ",\"data\":", options: .backwards) else {
                    throw HarnessError("no data: \(chunk.text.prefix(200))")
                }
                schema = String(chunk.text[..<end.lowerBound])
                return chunk.frame
            }
            return Data((schema + "," + chunk.text.dropFirst()).utf8).base64EncodedString()
        }
    }
}
