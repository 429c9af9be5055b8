import GatewayTestKit
import PluginProtocolV2
import Testing

@testable import Translation

/// What docs/translation.md says of the memory that a reply may take; `Benchmarks` counts the bytes.
@Suite("What a reply of few bytes may ask for")
struct ReplyAllowanceTests {
    /// A field of bytes.
    private func field(_ number: UInt32, _ content: [UInt8]) -> [UInt8] {
        var writer = WireWriter()
        writer.delimited(number, content)
        return writer.bytes
    }

    private func repeated(_ count: Int, _ part: [UInt8]) -> [UInt8] { Array(repeatElement(part, count: count).joined()) }

    private func fault(_ reply: [UInt8]) -> WireError.Code? {
        do throws(WireError) {
            _ = try PluginReply(decoding: reply, .default)
            return nil
        } catch {
            return error.code
        }
    }

    private var free: Int { ReplyAllowance.freeParts }

    @Test("Ten thousand parts may be empty, many more of them are a fault, in every place that there is")
    func emptyParts() {
        let parts: [(String, (Int) -> [UInt8])] = [
            ("results", { repeated($0, [0x0a, 0]) }),
            ("series", { field(1, repeated($0, [0x22, 0])) }),
            ("tables", { field(1, repeated($0, [0x2a, 0])) }),
            ("columns", { field(1, field(5, repeated($0, [0x0a, 0]))) }),
            ("tags", { field(1, field(4, repeated($0, [0x12, 0]))) }),
        ]
        for (name, reply) in parts {
            // One is the result around them.
            #expect(fault(reply(free - 1)) == nil, "\(name)")
            #expect(fault(reply(11 * free)) == .tooManyParts, "\(name)")
        }
    }

    @Test("Any number of parts that hold something passes: a point in each series, a key in each tag")
    func usualParts() throws {
        let point = field(3, [0x08, 0xe8, 0x9d, 0xd9, 0xb8, 0xc7, 0x31, 0x11, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f])
        let series = try PluginReply(decoding: field(1, repeated(5 * free, field(4, point))), .default).results[0].series
        #expect(series.count == 5 * free && series.allSatisfy { $0.points.times.count == 1 })
        #expect(fault(field(1, field(4, repeated(20 * free, field(2, field(1, [0x6b])))))) == nil)
    }

    @Test("The fault names the part that was one too many, and what the plugin must do")
    func words() throws {
        var planned = try Planned(Build.request([Build.query("A")]))
        let answer = try planned.merge([.reply(field(1, repeated(3 * free, [0x22, 0])))])
        let error = try #require(answer?.responses["A"]?.error)
        // 20 bytes are expected of each, 200,000 are free, and the first series begins at byte 4.
        #expect(error.contains("with hardly anything in them at byte 22224 of 60004"), "\(error)")
        #expect(error.hasSuffix("the plugin must be corrected to leave out what holds nothing"))
    }

    @Test("An answer that outgrows the replies is an error of its refId, and no other")
    func growth() throws {
        let plan = try Planned(Build.request([Build.query("A"), Build.query("B")])).plan
        let many = field(1, field(2, [0x41]) + repeated(500, [0x22, 0]))
        let one = field(1, field(2, [0x42]) + [0x22, 0])
        var ledger = LossLedger()
        var merger = ReplyMerger(plan: plan, freeAnswer: 100_000)
        guard case .reply(let bytes, let statistics) = merger.answer([.reply(many + one)], &ledger) else {
            Issue.record("no answer")
            return
        }
        let answer = try Pluginv2_QueryDataResponse(serializedBytes: bytes)
        let error = try #require(answer.responses["A"])
        #expect(error.status == 500 && error.frames.isEmpty && error.errorSource == "plugin")
        #expect(error.error.contains("64 times as large as the \((many + one).count) bytes"))
        #expect(error.error.contains("its 500 series and tables"))
        #expect(answer.responses["B"]?.frames.count == 1)
        #expect(statistics.frames == 1)
    }

    @Test("Lengths of 2³¹ and more are faults, and reserve nothing, at every level and in every cut")
    func lengths() {
        let huge: [[UInt8]] = [
            [0xff, 0xff, 0xff, 0xff, 0x07], [0x80, 0x80, 0x80, 0x80, 0x08],
            [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
        ]
        let paths: [[UInt8]] = [[0x0a], [0x0a, 0x22], [0x0a, 0x22, 0x1a], [0x0a, 0x2a], [0x0a, 0x2a, 0x12]]
        for length in huge {
            for path in paths {
                // The outer lengths are true, the innermost is not.
                var reply = [path[path.count - 1]] + length
                for tag in path.dropLast().reversed() { reply = field(UInt32(tag >> 3), reply) }
                for size in 1...reply.count {
                    let pieces = stride(from: 0, to: reply.count, by: size).map { reply[$0..<min($0 + size, reply.count)] }
                    var held = 0
                    let outcome = ReplyPieces.decode(pieces) { held = max(held, $0.cut.capacity) }
                    guard case .malformed(let error, _) = outcome else {
                        Issue.record("\(reply) was read")
                        continue
                    }
                    #expect(error.code == .lengthBeyondMessage)
                    #expect(held <= 64)
                }
            }
        }
    }

    @Test("A length that the reply can have reserves nothing before its bytes are there")
    func announced() throws {
        // A text of one gibibyte, of which one byte arrives.
        let head: [UInt8] = [0x0a, 0x86, 0x80, 0x80, 0x80, 0x04, 0x0a, 0x80, 0x80, 0x80, 0x80, 0x04, 0x61]
        var decoder = V1ResponseDecoder(size: 1 << 31, .default, from: nil)
        try head.withUnsafeBytes { try decoder.feed($0) }
        #expect(!decoder.cut.isEmpty && decoder.cut.capacity <= 4096)
    }
}
