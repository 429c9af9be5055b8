import PluginProtocolV1
import PluginProtocolV2
import SwiftProtobuf
import Testing

@testable import DataFrames
@testable import Translation

/// A `QueryChunkedData` answered in a test: the messages in order, and what a host makes of them.
struct Streamed {
    var messages: [Pluginv2_QueryChunkedDataResponse] = []
    /// How many messages there were when each call had been taken.
    var counts: [Int] = []
    var status: (code: Int, message: String, source: String?)?
    var ledger: LossLedger
    var statistics: TranslationStatistics

    /// - Parameter outcomes: by place of the call, in the order in which they come.
    init(
        _ request: Pluginv2_QueryDataRequest, _ options: TranslationOptions = .default,
        _ outcomes: [(place: Int, outcome: CallOutcome)]
    ) throws {
        // The same fields under the same numbers.
        let chunked = try Pluginv2_QueryChunkedDataRequest(serializedBytes: Build.bytes(request))
        var (plan, ledger) = try V2ToV1QueryChunkedData.plan(Build.bytes(chunked), options: options)
        var answer = ChunkedAnswer(plan)
        self.ledger = ledger
        statistics = TranslationStatistics()
        func drain() throws {
            while let message = answer.next(&ledger) {
                messages.append(try Pluginv2_QueryChunkedDataResponse(serializedBytes: message))
            }
        }
        try drain()
        for (place, outcome) in outcomes {
            answer.take(outcome, ofCall: place, &ledger)
            try drain()
            counts.append(messages.count)
        }
        if case .status(let code, let message, let source)? = answer.end() { status = (code, message, source) }
        try drain()
        self.ledger = ledger
        statistics = answer.statistics
    }

    init(messages: [Pluginv2_QueryChunkedDataResponse]) {
        self.messages = messages
        ledger = LossLedger()
        statistics = TranslationStatistics()
    }

    /// `refId/frameId` of every message.
    var names: [String] { messages.map { "\($0.refID)/\($0.frameID)" } }

    /// The frames of a refId, put together as hosts do; fails where one would stumble.
    func frames(_ refID: String) throws -> [Frame] {
        var frames: [Frame] = []
        var current: String?
        var finished: Set<String> = []
        var schema: [UInt8]?
        for message in messages where message.refID == refID && message.error.isEmpty {
            try #require(!message.frame.isEmpty && !message.frameID.isEmpty)
            if current != message.frameID {
                try #require(finished.insert(message.frameID).inserted, "the chunks of a frame must be contiguous")
                current = message.frameID
                frames.append(try Self.frame([UInt8](message.frame), message.format))
                schema = message.format == .json ? try Self.schema([UInt8](message.frame)) : nil
            } else {
                let part = try Self.frame(
                    schema.map { Self.document($0, [UInt8](message.frame)) } ?? [UInt8](message.frame), message.format)
                try #require(part.fields.count == frames[frames.count - 1].fields.count)
                for place in part.fields.indices {
                    let isAppended = frames[frames.count - 1].fields[place].column.append(part.fields[place].column)
                    try #require(isAppended, "the types of a field must agree")
                }
            }
        }
        return frames
    }

    private static func frame(_ bytes: [UInt8], _ format: Pluginv2_DataFrameFormat) throws -> Frame {
        format == .json ? try JSONFrame.read(bytes) : try ArrowFile.read(bytes)
    }

    private static func schema(_ document: [UInt8]) throws -> [UInt8] {
        try #require(try JSONText(validating: document)["schema"]).bytes
    }

    /// A later chunk has data alone.
    private static func document(_ schema: [UInt8], _ chunk: [UInt8]) -> [UInt8] {
        Array("{\"schema\":".utf8) + schema + Array(",".utf8) + chunk.dropFirst()
    }
}

extension Pluginv2_DataResponse {
    func decodedFrames() throws -> [Frame] {
        try frames.map { format == .json ? try JSONFrame.read([UInt8]($0)) : try ArrowFile.read([UInt8]($0)) }
    }
}
