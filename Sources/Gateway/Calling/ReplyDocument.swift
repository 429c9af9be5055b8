internal import DataFrames
internal import Foundation
internal import PluginProtocolV2
internal import SwiftProtobuf

/// A reply, readable: JSON with frames decoded, and tables for a terminal.
package struct ReplyDocument: @unchecked Sendable {
    // Holds only what JSONSerialization makes of it (strings, numbers, dictionaries, arrays), and is never changed after its making.
    let json: [String: Any]
    let tables: [String]

    init(json: [String: Any], tables: [String] = []) {
        self.json = json
        self.tables = tables
    }

    /// The same document with what the gateway lost on the way, as its trailing metadata names it.
    func adding(losses: String?) -> ReplyDocument {
        guard let losses = losses?.split(separator: ",").map({ DisplayText.plain(String($0), limit: 400) }), !losses.isEmpty
        else {
            return self
        }
        let text = tables.isEmpty ? [jsonText] : tables
        return ReplyDocument(
            json: json.merging(["losses": losses]) { own, _ in own },
            tables: text + ["lost or altered on the way (path:cause:count):"] + losses.map { "  \($0)" })
    }

    /// Pretty JSON with sorted keys.
    package var jsonText: String {
        let options: JSONSerialization.WritingOptions = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let data = (try? JSONSerialization.data(withJSONObject: json, options: options)) ?? Data("{}".utf8)
        return String(decoding: data, as: UTF8.self)
    }

    /// For a terminal: tables where the reply has frames, JSON elsewhere.
    package var terminalText: String {
        tables.isEmpty ? jsonText : tables.joined(separator: "\n")
    }

    // MARK: Replies with frames

    static func of(_ response: Pluginv2_QueryDataResponse) -> ReplyDocument {
        var responses: [String: Any] = [:]
        var tables: [String] = []
        for (refID, answer) in response.responses.sorted(by: { $0.key < $1.key }) {
            var entry: [String: Any] = ["status": Int(answer.status), "format": answer.format == .json ? "JSON" : "ARROW"]
            if !answer.error.isEmpty { entry["error"] = answer.error }
            if !answer.errorSource.isEmpty { entry["errorSource"] = answer.errorSource }
            if !answer.jsonMeta.isEmpty { entry["jsonMeta"] = parsed(answer.jsonMeta) }
            let frames = answer.frames.map { DecodedFrame.of([UInt8]($0)) }
            entry["frames"] = frames.map(\.json)
            responses[refID] = entry
            tables.append(
                "refId \(DisplayText.plain(refID)): status \(answer.status), \(frames.count) frame(s), \(answer.format == .json ? "JSON" : "Arrow")"
            )
            if !answer.error.isEmpty {
                tables.append(
                    "  error (\(answer.errorSource.isEmpty ? "source unknown" : DisplayText.plain(answer.errorSource))): \(DisplayText.plain(answer.error, limit: 2000))"
                )
            }
            tables += frames.map(\.table)
        }
        return ReplyDocument(json: ["responses": responses], tables: tables.isEmpty ? ["no responses"] : tables)
    }

    static func of(_ chunk: Pluginv2_QueryChunkedDataResponse) -> ReplyDocument {
        var entry: [String: Any] = ["refId": chunk.refID, "frameId": chunk.frameID, "status": Int(chunk.status)]
        if !chunk.error.isEmpty { entry["error"] = chunk.error }
        if !chunk.errorSource.isEmpty { entry["errorSource"] = chunk.errorSource }
        var tables = [
            "refId \(DisplayText.plain(chunk.refID)), frame \(DisplayText.plain(chunk.frameID)): status \(chunk.status) \(DisplayText.plain(chunk.error, limit: 2000))"
        ]
        if !chunk.frame.isEmpty {
            let frame = DecodedFrame.of([UInt8](chunk.frame))
            entry["frame"] = frame.json
            tables.append(frame.table)
        }
        return ReplyDocument(json: entry, tables: tables)
    }

    // MARK: Other replies

    /// The protobuf JSON of a message; byte fields that hold JSON or text are shown as that.
    static func of(_ message: some SwiftProtobuf.Message, inlining fields: Set<String> = []) throws -> ReplyDocument {
        guard var json = try JSONSerialization.jsonObject(with: message.jsonUTF8Bytes() as Data) as? [String: Any] else {
            return ReplyDocument(json: [:])
        }
        for field in fields {
            if let text = json[field] as? String, let data = Data(base64Encoded: text) { json[field] = parsed(data) }
        }
        return ReplyDocument(json: json)
    }

    private static func parsed(_ data: Data) -> Any {
        if let value = try? JSONSerialization.jsonObject(with: data, options: [.fragmentsAllowed]) { return value }
        return String(data: data, encoding: .utf8) ?? data.base64EncodedString()
    }
}

/// One frame of either encoding.
private struct DecodedFrame {
    let json: Any
    let table: String

    static func of(_ bytes: [UInt8]) -> DecodedFrame {
        do {
            let frame = bytes.first == UInt8(ascii: "{") ? try JSONFrame.read(bytes) : try ArrowFile.read(bytes)
            let document = try JSONFrame.write(frame)
            return DecodedFrame(
                json: try JSONSerialization.jsonObject(with: Data(document)), table: FrameTable.render(frame, maxRows: 20))
        } catch {
            return DecodedFrame(
                json: [
                    "undecodable": DisplayText.plain("\(error)"), "base64": Data(bytes.prefix(1 << 20)).base64EncodedString(),
                ],
                table: "  a frame of \(bytes.count) bytes that cannot be decoded: \(DisplayText.plain("\(error)"))")
        }
    }
}
