import PluginProtocolV1
import PluginProtocolV2
import SwiftProtobuf
import Testing

@testable import Translation

/// Builds a message of the rules' schema with every field present, and one field that no schema has at every depth.
struct NewerMessage {
    static let number: UInt32 = 1234
    let book: RuleBook
    /// What must be found.
    private(set) var expected: [LossPath: Int] = [:]

    init(_ book: RuleBook) {
        self.book = book
    }

    mutating func encoded(_ message: String, depth: Int = 0) -> [UInt8] {
        var writer = WireWriter()
        for field in book.message(message)?.fields ?? [] {
            guard let shape = book.shapes[message]?[field.number]?.shape else { continue }
            switch shape {
            case .scalar(let types):
                switch types.first {
                case .varint: writer.int64(field.number, 1)
                case .fixed64:
                    writer.tag(field.number, .fixed64)
                    writer.raw([UInt8](repeating: 0, count: 8))
                case .fixed32:
                    writer.tag(field.number, .fixed32)
                    writer.raw([UInt8](repeating: 0, count: 4))
                default: writer.string(field.number, field.name == "refId" ? "A" : "{}")
                }
            case .message(let nested): writer.delimited(field.number, encoded(nested, depth: depth + 1))
            case .map(let value):
                var entry = WireWriter()
                entry.string(1, "A")
                if book.message(value) != nil {
                    entry.delimited(2, encoded(value, depth: depth + 2))
                } else {
                    entry.string(2, "v")
                }
                addUnknown("\(message).\(field.name)", to: &entry)
                writer.delimited(field.number, entry.bytes)
            }
        }
        addUnknown(message, to: &writer)
        return writer.bytes
    }

    private mutating func addUnknown(_ place: String, to writer: inout WireWriter) {
        writer.string(Self.number, "newer")
        expected[.unknown(Self.number, in: place), default: 0] += 1
    }
}

private func unknown(_ ledger: LossLedger) -> [LossPath: Int] {
    Dictionary(ledger.losses.filter { $0.cause == .unknownField }.map { ($0.path, $0.count) }, uniquingKeysWith: +)
}

@Suite("Fields of a newer peer")
struct UnknownFieldTests {
    @Test(
        "Every message of the schemas is searched at every depth, entries of maps included",
        arguments: RuleBook.v2ToV1.messages.map(\.name))
    func everyMessage(_ message: String) throws {
        var newer = NewerMessage(.v2ToV1)
        let bytes = newer.encoded(message)
        var ledger = LossLedger()
        try UnknownFields.enter(of: bytes, as: message, in: .v2ToV1, &ledger)
        #expect(unknown(ledger) == newer.expected)
    }

    @Test("A request is searched at every depth while it is planned")
    func request() throws {
        var newer = NewerMessage(.v2ToV1)
        let bytes = newer.encoded("pluginv2.QueryDataRequest")
        let (_, ledger) = try V2ToV1QueryData.plan(bytes, options: .default)
        #expect(unknown(ledger) == newer.expected)
        #expect(newer.expected.count > 10)
    }

    @Test("So is a request in chunks")
    func chunkedRequest() throws {
        var newer = NewerMessage(.v2ToV1)
        let bytes = newer.encoded("pluginv2.QueryChunkedDataRequest")
        let (_, ledger) = try V2ToV1QueryChunkedData.plan(bytes, options: .default)
        #expect(unknown(ledger) == newer.expected)
    }

    @Test("So is a render request")
    func renderRequest() throws {
        var newer = NewerMessage(.v2ToV1)
        let bytes = newer.encoded("pluginextensionv2.RenderRequest")
        let (_, ledger) = try V2ToV1Render.plan(bytes, options: .default)
        #expect(unknown(ledger) == newer.expected)
    }

    @Test("A plugin's reply is searched at every depth while its columns are filled")
    func reply() throws {
        var newer = NewerMessage(.v2ToV1)
        let bytes = newer.encoded("models.DatasourceResponse")
        var (plan, ledger) = try V2ToV1QueryData.plan(Build.bytes(Build.request([Build.query("A")])), options: .default)
        _ = V2ToV1QueryData.merge(plan, [.reply(bytes)], ledger: &ledger)
        plan.calls = []
        #expect(unknown(ledger) == newer.expected)
        #expect(newer.expected.count == 9)
    }

    @Test("They are counted, once for each occurrence")
    func counts() throws {
        var point = Models_Point()
        try point.merge(serializedBytes: [0xa2, 0x06, 0x01, 0x61])
        var series = Models_TimeSeries()
        series.points = [Models_Point](repeating: point, count: 1000)
        var result = Models_QueryResult()
        result.refID = "A"
        result.series = [series]
        var planned = try Planned(Build.request([Build.query("A")]))
        _ = try planned.merge([Build.reply([result])])
        #expect(planned.ledger.losses == [Loss("models.Point.#100", .unknownField, count: 1000)])
    }

    @Test("A known number with another wire type is a field of another schema")
    func wireType() throws {
        var ledger = LossLedger()
        try UnknownFields.enter(of: [0x0d, 1, 2, 3, 4], as: "pluginv2.CheckHealthRequest", in: .v2ToV1, &ledger)
        #expect(ledger.losses == [Loss("pluginv2.CheckHealthRequest.#1", .unknownField, count: 1)])
    }

    @Test(
        "Bytes that are no message are an error without entries",
        arguments: [[0x0a], [0x0a, 0x05, 0x01], [0x07], [0x12, 0x02, 0x0a, 0x09]] as [[UInt8]])
    func malformed(_ bytes: [UInt8]) {
        var ledger = LossLedger()
        #expect(throws: TranslationError.self) {
            try UnknownFields.enter(of: [0xa2, 0x06, 0x00] + bytes, as: "pluginv2.CheckHealthRequest", in: .v2ToV1, &ledger)
        }
        #expect(ledger.isEmpty)
    }
}
