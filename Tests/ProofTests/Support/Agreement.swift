import DataFrames
import Foundation
import GatewayTestKit
import PluginProtocolV2
import SwiftProtobuf
import Translation

/// Comparisons that say what differs.
enum Agreement {
    static func ledgers(_ seen: LossLedger, _ expected: LossLedger) throws {
        if seen.isFull || expected.isFull {
            ProofTally.shared.add("exceptions", KnownDifference.ledgerOverflow.rawValue)
            try same(seen.amountsByCause, expected.amountsByCause, "losses by cause")
        } else if seen.amounts != expected.amounts {
            let (seen, expected) = (seen.amounts, expected.amounts)
            let paths = Set(seen.keys).union(expected.keys).filter { seen[$0] != expected[$0] }
            let list = paths.map { "\($0.path) (\($0.cause)): \(seen[$0] ?? 0), expected \(expected[$0] ?? 0)" }
            throw Mismatch("the ledgers differ: \(list.sorted().joined(separator: "; "))")
        }
    }

    static func same<Value: Equatable>(_ seen: Value, _ expected: Value, _ what: String) throws {
        if seen != expected { throw Mismatch("\(what): \(short(seen)), expected \(short(expected))") }
    }

    static func text(_ seen: String, _ expected: String, _ what: String) throws {
        if !seen.hasSameBytes(as: expected) {
            throw Mismatch("\(what): \(seen.debugDescription), expected \(expected.debugDescription)")
        }
    }

    /// Equality of generated messages by their bytes; `==` would take two spellings of a letter for one. Unknown fields are kept as they came, and
    /// may be encoded in another way.
    static func messages<Content: Message>(_ seen: Content, _ expected: Content, _ what: String) throws {
        let (left, right) = try (canonical(seen), canonical(expected))
        if left == right { return }
        if let left = WireTree.parse(left, as: Content.protoMessageName),
            let right = WireTree.parse(right, as: Content.protoMessageName),
            left.tree.canonical == right.tree.canonical
        {
            return
        }
        throw Mismatch("\(what):\n\(seen.textFormatString())\nexpected\n\(expected.textFormatString())")
    }

    static func canonical(_ message: some Message) throws -> [UInt8] {
        var options = BinaryEncodingOptions()
        options.useDeterministicOrdering = true
        return try message.serializedBytes(options: options)
    }

    static func short(_ value: Any) -> String {
        let text = "\(value)"
        return text.count > 1500 ? text.prefix(1500) + "…" : text
    }
}

extension Agreement {
    /// - Parameter json: whether the frames came as JSON.
    static func responses(
        _ seen: [WireText: ReferenceResponse], _ expected: [WireText: ReferenceResponse], json: Bool
    ) throws {
        try same(Set(seen.keys), Set(expected.keys), "refIds")
        for (refID, expected) in expected { try response(seen[refID] ?? .empty, expected, refID, json: json) }
    }

    static func response(
        _ seen: ReferenceResponse, _ expected: ReferenceResponse, _ refID: WireText, json: Bool
    ) throws {
        let place = "refId \(refID.string.debugDescription)"
        try text(seen.error, expected.error, "\(place), error")
        try same(seen.status, expected.status, "\(place), status")
        try text(seen.errorSource, expected.errorSource, "\(place), errorSource")
        try same(seen.jsonMeta, expected.jsonMeta, "\(place), jsonMeta")
        try same(seen.frames.count, expected.frames.count, "\(place), frames")
        for (index, pair) in zip(seen.frames, expected.frames).enumerated() {
            var wanted = pair.1
            if json {
                wanted = wanted.asJSON
                if wanted != pair.1 { ProofTally.shared.add("exceptions", KnownDifference.nanPayload.rawValue) }
            }
            try frame(pair.0, wanted, "\(place), frame \(index)")
        }
    }

    static func frame(_ seen: Frame, _ expected: Frame, _ place: String) throws {
        guard seen != expected else { return }
        try text(seen.name, expected.name, "\(place), name")
        try text(seen.refID, expected.refID, "\(place), refId")
        try same(seen.meta, expected.meta, "\(place), meta")
        try same(seen.fields.count, expected.fields.count, "\(place), fields")
        for (index, pair) in zip(seen.fields, expected.fields).enumerated() where pair.0 != pair.1 {
            throw Mismatch("\(place), field \(index): \(short(pair.0)), expected \(short(pair.1))")
        }
        throw Mismatch("\(place) differs")
    }
}

/// The answers that bytes of the gateway hold.
enum Answers {
    /// - Parameter format: the format that all of them must have.
    static func read(_ bytes: [UInt8], format: Int) throws -> [WireText: ReferenceResponse] {
        guard let answer = ExactMessage<Pluginv2_QueryDataResponse>.read(bytes, as: "pluginv2.QueryDataResponse"),
            answer.side.losses.isEmpty, answer.side.repeatedKeys.isEmpty
        else { throw Mismatch("the answer is no QueryDataResponse, or one with oddities") }
        var responses: [WireText: ReferenceResponse] = [:]
        for (key, response) in answer.content.responses {
            try Agreement.same(response.format.rawValue, format, "format")
            if response.frames.contains(where: \.isEmpty) { throw Mismatch("an empty frame") }
            responses[WireText(ExactKey.text(key))] = try ReferenceResponse(response)
        }
        return responses
    }
}
