import DataFrames
import Foundation
import GatewayTestKit
import PluginProtocolV1
import PluginProtocolV2
import SwiftProtobuf
import Translation

/// A worked example that has bytes: what goes in, and what came out on the day when the files were written.
struct GoldenCase: Sendable {
    enum Kind: Sendable {
        /// A request of `QueryData`, with what each call of the plugin brings.
        case query
        case queryChunked
        case render
        /// The answer to one query in both formats, with the frames as files of their own.
        case frames
        /// Bytes that depend on nothing.
        case fixed(@Sendable () throws -> [UInt8])
    }

    var number: Int
    var name: String
    var kind: Kind
    var options = TranslationOptions.default
    /// Calls that fail, by place; the others get their reply.
    var failures: [Int: Int] = [:]
    /// What goes in, by the name of the file.
    var inputs: [String: [UInt8]] = [:]

    /// `007-no-series-no-tables`
    var prefix: String {
        let digits = String(number)
        let words = name.lowercased().map { $0.isLetter && $0.isASCII || $0.isNumber ? String($0) : " " }.joined().split(
            separator: " ")
        return String(repeating: "0", count: max(0, 3 - digits.count)) + digits + "-" + words.joined(separator: "-")
    }

    /// What comes out for these inputs, by the name of the file.
    func outputs(_ inputs: [String: [UInt8]]) throws -> [String: [UInt8]] {
        switch kind {
        case .fixed(let bytes): return ["answer.binpb": try bytes()]
        case .render: return try renderOutputs(inputs)
        case .frames: return try frameOutputs(inputs)
        case .query:
            let (plan, _) = try V2ToV1QueryData.plan(inputs["request.binpb"] ?? [], options: options)
            var files = Self.calls(plan)
            var ledger = LossLedger()
            let answer = V2ToV1QueryData.merge(plan, outcomes(inputs, plan.calls.count), ledger: &ledger)
            if case .reply(let bytes, _) = answer { files["answer.binpb"] = bytes }
            return files
        case .queryChunked:
            let (plan, _) = try V2ToV1QueryChunkedData.plan(inputs["request.binpb"] ?? [], options: options)
            var files = Self.calls(plan)
            var ledger = LossLedger()
            var answer = ChunkedAnswer(plan)
            for (place, outcome) in outcomes(inputs, plan.calls.count).enumerated() {
                answer.take(outcome, ofCall: place, &ledger)
            }
            _ = answer.end()
            var count = 0
            while let chunk = answer.next(&ledger) {
                files["chunk-\(count).binpb"] = chunk
                count += 1
            }
            return files
        }
    }

    private static func calls(_ plan: QueryDataPlan) -> [String: [UInt8]] {
        Dictionary(uniqueKeysWithValues: plan.calls.enumerated().map { ("call-\($0).binpb", $1.request) })
    }

    private func outcomes(_ inputs: [String: [UInt8]], _ count: Int) -> [CallOutcome] {
        (0..<count).map { place in
            failures[place].map { .failure(code: $0, message: "x") } ?? .reply(inputs["reply-\(place).binpb"] ?? [])
        }
    }

    private func renderOutputs(_ inputs: [String: [UInt8]]) throws -> [String: [UInt8]] {
        switch try V2ToV1Render.plan(inputs["request.binpb"] ?? [], options: options).0 {
        case .answer(let bytes): return ["answer.binpb": bytes]
        case .call(let bytes):
            var ledger = LossLedger()
            return ["call-0.binpb": bytes, "answer.binpb": V2ToV1Render.answer(inputs["reply-0.binpb"] ?? [], ledger: &ledger)]
        }
    }

    private func frameOutputs(_ inputs: [String: [UInt8]]) throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for (format, word) in [(0, "arrow"), (1, "json")] {
            let request = Pluginv2_QueryDataRequest.with {
                $0.pluginContext.dataSourceInstanceSettings.id = 7
                $0.queries = [.with { $0.refID = "A" }]
                $0.format = format == 1 ? .json : .arrow
            }
            let (plan, _) = try V2ToV1QueryData.plan(request.serializedBytes(), options: options)
            var ledger = LossLedger()
            guard case .reply(let bytes, _) = V2ToV1QueryData.merge(plan, outcomes(inputs, 1), ledger: &ledger) else { continue }
            files["answer-\(word).binpb"] = bytes
            let frames = try Pluginv2_QueryDataResponse(serializedBytes: bytes).responses["A"]?.frames ?? []
            for (place, frame) in frames.enumerated() { files["frame-\(place).\(word)"] = Array(frame) }
        }
        return files
    }
}

/// What files say, for comparing those of an older translator with today's.
enum GoldenMeaning {
    static func compare(_ seen: [String: [UInt8]], _ expected: [String: [UInt8]], _ kind: GoldenCase.Kind) throws {
        try Agreement.same(Set(seen.keys).sorted(), Set(expected.keys).sorted(), "files")
        for (name, bytes) in expected where !name.hasPrefix("chunk-") {
            guard let other = seen[name] else { continue }
            do {
                try compare(other, bytes, name, kind)
            } catch {
                throw Mismatch("\(name): \(error)")
            }
        }
        let (left, right) = try (chunks(seen), chunks(expected))
        try Agreement.responses(left.responses, right.responses, json: false)
    }

    private static func compare(_ seen: [UInt8], _ expected: [UInt8], _ name: String, _ kind: GoldenCase.Kind) throws {
        func same<Content: Message>(_ type: Content.Type) throws {
            try Agreement.messages(try Content(serializedBytes: seen), try Content(serializedBytes: expected), name)
        }
        if name.hasSuffix(".arrow") { return try Agreement.frame(ArrowFile.read(seen), ArrowFile.read(expected), name) }
        if name.hasSuffix(".json") { return try Agreement.frame(JSONFrame.read(seen), JSONFrame.read(expected), name) }
        switch kind {
        case .fixed: try Agreement.same(seen, expected, name)
        case .render where name.hasPrefix("call"): try same(Models_RenderRequest.self)
        case .render: try same(Pluginextensionv2_RenderResponse.self)
        default:
            guard !name.hasPrefix("call") else { return try same(Models_DatasourceRequest.self) }
            let format = try Pluginv2_QueryDataResponse(serializedBytes: expected).responses.values.first?.format.rawValue ?? 0
            try Agreement.responses(Answers.read(seen, format: format), Answers.read(expected, format: format), json: false)
        }
    }

    private static func chunks(_ files: [String: [UInt8]]) throws -> FrameStream {
        let names = files.keys.filter { $0.hasPrefix("chunk-") }.sorted { ($0.count, $0) < ($1.count, $1) }
        return try FrameStream(names.compactMap { files[$0] }.map { try Pluginv2_QueryChunkedDataResponse(serializedBytes: $0) })
    }
}
