import GatewayTestKit
import PluginProtocolV2
import SwiftProtobuf
import Testing

@testable import DataFrames
@testable import Translation

@Suite("Within v2: what an older plugin lacks")
struct WithinV2Tests {
    private let converting = options { $0.convertFrames = .json }

    private func frame(_ rows: Int, meta: FrameMeta? = nil) -> Frame {
        Frame(
            name: "f", refID: "A", meta: meta,
            fields: [
                Field(
                    name: "Time", nullable: false, column: .timestamp(TimestampColumn((0..<rows).map { Int64($0) * 1_000_000 }))),
                Field(
                    name: "Value", labels: ["h": "a"], nullable: true,
                    column: .float64(Float64Column((0..<rows).map { $0 % 3 == 2 ? nil : Double($0) } as [Double?]))),
            ])
    }

    private func response(_ frames: [[UInt8]], _ change: (inout Pluginv2_DataResponse) -> Void = { _ in })
        -> Pluginv2_QueryDataResponse
    {
        var answer = Pluginv2_DataResponse()
        answer.status = 200
        for frame in frames { answer.frames.append(.init(frame)) }
        change(&answer)
        return .with { $0.responses = ["A": answer] }
    }

    private func request(_ format: Int) -> [UInt8] {
        Build.bytes(Build.request([Build.query("A")], format: format))
    }

    /// The messages of the fallback.
    private func chunks(
        _ response: Pluginv2_QueryDataResponse, format: Int, _ options: TranslationOptions = .default
    ) throws -> (Streamed, LossLedger) {
        var ledger = LossLedger()
        var chunks = V2Chunks(request: request(format), options: options).chunks(of: Build.bytes(response), &ledger)
        var messages: [Pluginv2_QueryChunkedDataResponse] = []
        while let message = chunks.next(&ledger) {
            messages.append(try Pluginv2_QueryChunkedDataResponse(serializedBytes: message))
        }
        #expect(chunks.fault == nil)
        return (Streamed(messages: messages), ledger)
    }

    // MARK: The fallback

    @Test("An answer becomes one chunk for each frame, bytes untouched", arguments: [0, 1])
    func fallback(_ format: Int) throws {
        let frames: [[UInt8]] = format == 1 ? [[0x7b, 0x7d], [1, 2, 3]] : [try ArrowFile.write(frame(3)), [9]]
        let whole = response(frames) { $0.format = format == 1 ? .json : .arrow }
        let (stream, ledger) = try chunks(whole, format: format)
        #expect(stream.names == ["A/0", "A/1"])
        #expect(stream.messages.map { [UInt8]($0.frame) } == frames)
        #expect(stream.messages.allSatisfy { $0.status == 200 && $0.format == whole.responses["A"]?.format })
        #expect(ledger.isEmpty)
    }

    @Test("An error comes last, with a frame that an Arrow host can decode; an old answer has no status")
    func fallbackError() throws {
        let whole = response([try ArrowFile.write(frame(1))]) {
            $0.error = "boom"
            $0.status = 0
            $0.errorSource = "downstream"
            $0.jsonMeta = .init(Array("{}".utf8))
        }
        let (stream, ledger) = try chunks(whole, format: 0)
        #expect(stream.messages.map(\.error) == ["", "boom"])
        #expect(stream.messages.map(\.status) == [200, 500])
        #expect(stream.messages[1].errorSource == "downstream")
        #expect(try ArrowFile.read([UInt8](stream.messages[1].frame)).fields.isEmpty)
        #expect(ledger.count("pluginv2.DataResponse.jsonMeta", .noHome) == 1)
        let (json, _) = try chunks(response([]) { $0.error = "boom" }, format: 1)
        #expect(json.messages.map(\.format) == [.json])
        #expect(json.messages[0].frame.isEmpty)
    }

    @Test("A refId with nothing in it has no message, and bytes that are no answer are told")
    func fallbackOddities() throws {
        #expect(try chunks(response([]), format: 0).0.messages.isEmpty)
        var ledger = LossLedger()
        let broken = V2Chunks(request: request(0), options: .default).chunks(of: [0x0a, 0x7f], &ledger)
        #expect(broken.fault != nil)
    }

    @Test("Frames that are converted come in chunks of chunk_rows rows, and those that cannot be stay as they came")
    func fallbackConverted() throws {
        let options = options {
            $0.convertFrames = .json
            $0.chunkRows = 2
        }
        let whole = response([try ArrowFile.write(frame(5)), [1, 2, 3], try ArrowFile.write(frame(1))])
        let (stream, ledger) = try chunks(whole, format: 1, options)
        #expect(stream.names == ["A/0", "A/0", "A/0", "A/1", "A/2"])
        #expect(stream.messages.map(\.format) == [.json, .json, .json, .arrow, .json])
        #expect([UInt8](stream.messages[3].frame) == [1, 2, 3])
        #expect(ledger.count("pluginv2.DataResponse.frames", .notConverted) == 1)
        let readable = Streamed(messages: stream.messages.filter { $0.format == .json })
        #expect(try readable.frames("A") == [frame(5), frame(1)])
    }

    // MARK: Conversion

    @Test("Arrow frames become JSON frames of the same content; every other byte is copied")
    func conversion() throws {
        let meta = FrameMeta(
            custom: try JSONText(validating: Array(#"{"a":[1]}"#.utf8)),
            other: [JSONMember(key: "dataTopic", value: JSONText(string: "x"))])
        var whole = response([try ArrowFile.write(frame(4, meta: meta)), try ArrowFile.write(frame(0))]) {
            $0.jsonMeta = .init(Array("{}".utf8))
            $0.errorSource = "plugin"
            $0.error = "partial"
            $0.status = 206
        }
        whole.responses["é"] = .with {
            $0.status = 200
            $0.format = .json
            $0.frames = [.init([1])]
        }
        whole.responses["empty"] = .with { $0.status = 200 }
        var bytes = Build.bytes(whole)
        // A field of a newer plugin.
        bytes += [0xa2, 0x06, 0x01, 0x61]
        var ledger = LossLedger()
        let converted = V2FrameConversion.unary(bytes, options: converting, ledger: &ledger)
        let answer = try Pluginv2_QueryDataResponse(serializedBytes: converted)
        #expect(try answer.responses["A"]?.decodedFrames() == [frame(4, meta: meta), frame(0)])
        var rest = try #require(answer.responses["A"])
        #expect(rest.format == .json)
        rest.frames = whole.responses["A"]?.frames ?? []
        rest.format = .arrow
        #expect(rest == whole.responses["A"])
        #expect(answer.responses["é"] == whole.responses["é"])
        #expect(answer.responses["empty"] == whole.responses["empty"])
        #expect(answer.unknownFields.data.count == 4)
        #expect(ledger.isEmpty)
    }

    @Test("Without a wish or without policy nothing is converted")
    func notWanted() throws {
        #expect(V2FrameConversion.isWanted(by: request(1), options: converting))
        #expect(!V2FrameConversion.isWanted(by: request(0), options: converting))
        #expect(!V2FrameConversion.isWanted(by: request(1), options: .default))
        #expect(!V2FrameConversion.isWanted(by: [0x0a, 0x7f], options: converting))
    }

    @Test("An answer with one frame that cannot be read, or that is no message, passes byte for byte")
    func unreadable() throws {
        let mixed = Build.bytes(response([try ArrowFile.write(frame(1)), [1, 2]]))
        var ledger = LossLedger()
        #expect(V2FrameConversion.unary(mixed, options: converting, ledger: &ledger) == mixed)
        #expect(ledger.count("pluginv2.DataResponse.frames", .notConverted) == 1)
        for garbage in [[0x0a, 0x7f], [0xff], []] as [[UInt8]] {
            #expect(V2FrameConversion.unary(garbage, options: converting, ledger: &ledger) == garbage)
        }
    }

    @Test("Metadata of an Arrow file that JSON frames have no place for is entered, or keeps the file")
    func surplusMetadata() throws {
        var file = try ArrowFile.write(frame(1))
        #expect(try ArrowFile.unknownMetadata(in: file) == 0)
        // The key of the footer's own copy of the schema: another name for the same length.
        let key = Array("tstype".utf8)
        let places = file.indices.dropLast(key.count).filter { file[$0..<$0 + key.count].elementsEqual(key) }
        for place in places { file[place] = UInt8(ascii: "x") }
        let surplus = try ArrowFile.unknownMetadata(in: file)
        #expect(surplus == 2)
        var ledger = LossLedger()
        let bytes = Build.bytes(response([file]))
        let converted = V2FrameConversion.unary(bytes, options: converting, ledger: &ledger)
        #expect(try Pluginv2_QueryDataResponse(serializedBytes: converted).responses["A"]?.format == .json)
        #expect(ledger.count("pluginv2.DataResponse.frames", .frameMetadata) == 2)
        var policies = LossPolicies()
        policies.set("pluginv2.DataResponse.frames", .refuse)
        let strict = options {
            $0.convertFrames = .json
            $0.losses = policies
        }
        #expect(V2FrameConversion.unary(bytes, options: strict, ledger: &ledger) == bytes)
    }

    @Test(
        "Cells of a JSON column that are not JSON become null, with an entry and a notice, or keep the file; null and JSON do not count"
    )
    func brokenCells() throws {
        var cells = TextColumn()
        for cell in ["{\"a\":1}", "{", "null", "", "[1]x"] { cells.appendBytes(Array(cell.utf8)) }
        cells.appendNull()
        let sent = Frame(
            name: "f", refID: "A",
            fields: [
                Field(name: "whole", nullable: true, column: .json(TextColumn(["1", nil, "true", "[]", "{}", "2"]))),
                Field(name: "broken", nullable: true, column: .json(cells)),
            ])
        let whole = response([try ArrowFile.write(sent)])
        var ledger = LossLedger()
        let converted = V2FrameConversion.unary(Build.bytes(whole), options: converting, ledger: &ledger)
        let answer = try Pluginv2_QueryDataResponse(serializedBytes: converted)
        let frame = try #require(try answer.responses["A"]?.decodedFrames().first)
        #expect(ledger.losses == [Loss("pluginv2.DataResponse.frames", .unusableJSON, count: 3)])
        #expect(
            frame.meta?.notices == [
                Notice(severity: .warning, text: "column \"broken\": 3 cell(s) that are not JSON became null")
            ])
        #expect(frame.fields[1].column == .json(TextColumn(["{\"a\":1}", nil, nil, nil, nil, nil])))
        let (stream, streamLedger) = try chunks(whole, format: 1, converting)
        #expect(try stream.frames("A") == [frame])
        #expect(streamLedger.losses == ledger.losses)
        let strict = options {
            $0.convertFrames = .json
            $0.losses.set("pluginv2.DataResponse.frames", .refuse)
        }
        #expect(V2FrameConversion.unary(Build.bytes(whole), options: strict, ledger: &ledger) == Build.bytes(whole))
    }

    // MARK: Streams of the plugin's own

    private func chunk(_ frame: [UInt8], _ frameID: String = "x", error: String = "") -> Pluginv2_QueryChunkedDataResponse {
        .with {
            $0.refID = "A"
            $0.frameID = frameID
            $0.frame = .init(frame)
            $0.status = error.isEmpty ? 200 : 500
            $0.error = error
        }
    }

    @Test("Chunks of a plugin are converted one by one: only the first of a frame has the schema")
    func streams() throws {
        let messages = [
            chunk(try ArrowFile.write(frame(2))), chunk(try ArrowFile.write(frame(3))), chunk(try ArrowFile.write(frame(1)), "y"),
            chunk(try ArrowFile.write(Frame()), "z", error: "boom"), chunk([], "", error: "again"),
        ]
        var chunks = V2Chunks(request: request(1), options: converting)
        var ledger = LossLedger()
        let passed = try messages.map { message -> Pluginv2_QueryChunkedDataResponse in
            guard case .converted(let bytes) = chunks.pass(Build.bytes(message), &ledger) else { return message }
            return try Pluginv2_QueryChunkedDataResponse(serializedBytes: bytes)
        }
        #expect(passed.allSatisfy { $0.format == .json })
        #expect(passed.map { $0.frame.prefix(8).last.map { $0 == UInt8(ascii: "m") } } == [false, false, false, nil, nil])
        #expect(String(decoding: passed[1].frame.prefix(8), as: UTF8.self) == "{\"data\":")
        #expect(passed.suffix(2).map(\.error) == ["boom", "again"])
        let frames = try Streamed(messages: Array(passed.prefix(3))).frames("A")
        #expect(frames.map(\.rowCount) == [5, 1])
    }

    @Test("A stream that needs nothing passes as it came")
    func untouchedStream() throws {
        var ledger = LossLedger()
        let arrow = Build.bytes(chunk(try ArrowFile.write(frame(1))))
        var other = V2Chunks(request: request(0), options: converting)
        #expect(other.pass(arrow, &ledger) == .unchanged)
        var off = V2Chunks(request: request(1), options: .default)
        #expect(off.pass(arrow, &ledger) == .unchanged)
        var on = V2Chunks(request: request(1), options: converting)
        for message in [Build.bytes(chunk([1, 2])), [0x0a, 0x7f], Build.bytes(chunk([]))] {
            #expect(on.pass(message, &ledger) == .unchanged)
        }
    }

    @Test("What the plugin SDK sends for a plugin without a handler is known")
    func noHandler() {
        #expect(V2Chunks.isNotImplemented(Build.bytes(Pluginv2_QueryChunkedDataResponse.with { $0.status = 501 })))
        #expect(!V2Chunks.isNotImplemented(Build.bytes(Pluginv2_QueryChunkedDataResponse.with { $0.status = 200 })))
        #expect(
            !V2Chunks.isNotImplemented(
                Build.bytes(
                    Pluginv2_QueryChunkedDataResponse.with {
                        $0.status = 501
                        $0.refID = "A"
                    })))
        #expect(!V2Chunks.isNotImplemented([0x0a, 0x7f]))
    }

    @Test("Damaged answers, chunks and requests neither crash nor grow: they pass, or what could be read of them does")
    func damaged() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix(state: seed)
        let whole = Build.bytes(response([try ArrowFile.write(frame(4)), try ArrowFile.write(frame(2))]) { $0.error = "e" })
        let message = Build.bytes(chunk(try ArrowFile.write(frame(4))))
        let asked = request(1)
        var passed = 0
        for _ in 0..<3000 {
            var (bytes, part) = (whole, message)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                part[Int.random(in: 0..<part.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
            var ledger = LossLedger()
            let converted = V2FrameConversion.unary(bytes, options: converting, ledger: &ledger)
            #expect(converted.count <= 16 * whole.count, "seed \(seed)")
            var chunks = V2Chunks(request: asked, options: converting)
            if chunks.pass(part, &ledger) == .unchanged { passed += 1 }
            var fallback = chunks.chunks(of: bytes, &ledger)
            var count = 0
            while fallback.next(&ledger) != nil { count += 1 }
            #expect(count <= bytes.count, "seed \(seed)")
        }
        #expect(passed > 0)
    }
}

private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
