import DataFrames
import GatewayTestKit
import PluginProtocolV1
import PluginProtocolV2
import Testing

@testable import Translation

/// SwiftProtobuf would merge these keys, so the messages are written and read by hand.
@Suite("Keys that only differ in their bytes")
struct ByteExactKeysTests {
    private let composed = Array("\u{e9}".utf8)
    private let decomposed = Array("e\u{301}".utf8)

    private func entry(_ key: [UInt8], _ value: [UInt8]) -> [UInt8] {
        var writer = WireWriter()
        writer.delimited(1, key)
        writer.delimited(2, value)
        return writer.bytes
    }

    /// Every value of a length-delimited field.
    private func values(_ number: UInt32, _ bytes: [UInt8]) throws -> [[UInt8]] {
        try bytes.readWire { reader throws(WireError) in
            var values: [[UInt8]] = []
            while !reader.isAtEnd {
                let tag = try reader.tag()
                if tag.isField(number, .bytes) { values.append(try reader.data()) } else { try reader.skip(tag) }
            }
            return values
        }
    }

    @Test("Secure settings are copied entry by entry, key before value")
    func secureSettings() throws {
        var settings = WireWriter()
        let unusual: [UInt8] = [0x12, 0x01, 0x78, 0x0a, 0x01, 0x6b]  // value before key
        for entry in [entry(composed, [1]), entry(decomposed, [2]), unusual] { settings.delimited(9, entry) }
        var context = WireWriter()
        context.delimited(5, settings.bytes)
        var request = WireWriter()
        request.delimited(1, context.bytes)
        request.delimited(3, Build.bytes(Build.query("A")))
        let (plan, ledger) = try V2ToV1QueryData.plan(request.bytes, options: .default)
        let call = try #require(plan.calls.first)
        let info = try #require(try values(2, call.request).first)
        #expect(try values(7, info) == [entry(composed, [1]), entry(decomposed, [2]), entry([0x6b], [0x78])])
        #expect(ledger.isEmpty)
    }

    @Test("Secrets are in no description")
    func secretsAreHidden() throws {
        var request = Build.request([Build.query("A")])
        request.pluginContext.dataSourceInstanceSettings.decryptedSecureJsonData = ["password": "canary-7f3a"]
        request.pluginContext.dataSourceInstanceSettings.jsonData.append(contentsOf: Array("canary-7f3a".utf8))
        let planned = try Planned(request)
        var dumped = ""
        dump(planned.plan, to: &dumped)
        #expect(!"\(planned.plan)\(dumped)\(planned.ledger)".contains("canary-7f3a"))
    }

    @Test("refIds of requests and results stay two")
    func refIDs() throws {
        var request = Build.request([Build.query("\u{e9}"), Build.query("e\u{301}")])
        request.pluginContext.dataSourceInstanceSettings.id = 1
        let (plan, _) = try V2ToV1QueryData.plan(Build.bytes(request), options: .default)
        var ledger = LossLedger()
        let reply = Build.reply([Build.result("e\u{301}", "decomposed"), Build.result("\u{e9}", "composed")])
        guard case .reply(let answer, _) = V2ToV1QueryData.merge(plan, [reply], ledger: &ledger) else {
            Issue.record("no reply")
            return
        }
        let keys = try values(1, answer).map { try values(1, $0) }
        #expect(keys == [[composed], [decomposed]])
        let names = try values(1, answer).map { entry in
            try values(2, entry).flatMap { try Pluginv2_DataResponse(serializedBytes: $0).frameNames() }
        }
        #expect(names == [["composed"], ["decomposed"]])
        #expect(ledger.isEmpty)
    }

    @Test("Labels stay two, and series that differ only there keep their marker", arguments: [0, 1])
    func labels(_ format: Int) throws {
        func series(_ tags: [[UInt8]]) -> [UInt8] {
            var writer = WireWriter()
            writer.string(1, "m")
            for tag in tags { writer.delimited(2, tag) }
            return writer.bytes
        }
        var result = WireWriter()
        result.string(2, "A")
        result.delimited(4, series([entry(composed, [0x31]), entry(decomposed, [0x32])]))
        result.delimited(4, series([entry(composed, [0x31])]))
        result.delimited(4, series([entry(decomposed, [0x31])]))
        var response = WireWriter()
        response.delimited(1, result.bytes)
        var planned = try Planned(Build.request([Build.query("A")], format: format))
        let answer = try #require(try planned.merge([.reply(response.bytes)])?.responses["A"])
        let frames = try answer.frames.map { format == 1 ? try JSONFrame.read(Array($0)) : try ArrowFile.read(Array($0)) }
        let labels = frames.map { frame in
            (frame.fields[1].labels ?? Labels()).map { [Array($0.key.utf8), Array($0.value.utf8)] }
        }
        #expect(labels == [[[decomposed, [0x32]], [composed, [0x31]]], [[composed, [0x31]]], [[decomposed, [0x31]]]])
        #expect(frames.allSatisfy { $0.meta?.type == "timeseries-multi" })
    }
}
