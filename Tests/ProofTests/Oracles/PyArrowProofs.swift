import DataFrames
import Foundation
import GatewayTestKit
import PluginProtocolV2
import SwiftProtobuf
import Testing
import Translation

extension Proofs {
    @Suite("pyarrow as judge") struct PyArrow {
        @Test("pyarrow reads every file, and in it the values of the reference")
        func values() throws {
            for batch in proofBatches(of: 1000) { try Self.judge(batch) }
        }

        private static func judge(_ batch: Range<Int>) throws {
            var files: [(bytes: [UInt8], expected: Frame, seed: UInt64)] = []
            for index in batch {
                let seed = ProofRun.current.seed &+ UInt64(index)
                var random = RandomMessages(seed: seed)
                for (bytes, frame) in Exchange(&random, format: 0).arrowFrames() { files.append((bytes, frame, seed)) }
            }
            let lines = files.map { Data($0.bytes).base64EncodedString() + "\n" }.joined()
            let output = try Oracle.run(
                Oracle.root.appendingPathComponent(".build-peers/venv/bin/python"),
                [Oracle.root.appendingPathComponent("Tests/Peers/python/judge_arrow.py").path], input: Array(lines.utf8))
            let answers = output.split(separator: UInt8(ascii: "\n"))
            try #require(answers.count == files.count)
            var failures = 0
            for (file, answer) in zip(files, answers) where failures < 3 {
                do {
                    let judged = try JSONSerialization.jsonObject(with: Data(answer)) as? [String: Any]
                    guard judged?["ok"] as? Bool == true else { throw Mismatch("\(judged ?? [:])") }
                    try Agreement.text(
                        canonical(judged?["frame"] ?? NSNull()), canonical(try file.expected.shown()),
                        "what pyarrow reads")
                } catch {
                    failures += 1
                    Issue.record("seed \(file.seed): \(Agreement.short(error)). \(ProofRun.repetition(file.seed))")
                }
            }
            ProofTally.shared.add("oracles", "files read by pyarrow", files.count)
        }

        /// Written, read and written again: a number that was parsed may be printed in another way than one that was computed.
        private static func canonical(_ value: Any) throws -> String {
            let once = try JSONSerialization.data(withJSONObject: value, options: .fragmentsAllowed)
            let again = try JSONSerialization.jsonObject(with: once, options: .fragmentsAllowed)
            let data = try JSONSerialization.data(withJSONObject: again, options: [.sortedKeys, .fragmentsAllowed])
            return String(decoding: data, as: UTF8.self)
        }
    }
}

extension Frame {
    /// In the form of the judges (Tests/Peers/python/frames.py), without any writer of ours.
    fileprivate func shown() throws -> [String: Any] {
        [
            "name": name, "refId": refID, "rows": rowCount, "meta": try meta?.shown() ?? NSNull(),
            "fields": fields.map { field in
                let (type, values) = field.column.shown()
                return [
                    "name": field.name, "type": type, "nullable": field.nullable, "values": values,
                    "labels": field.labels.map { labels in
                        Dictionary(labels.map { ($0.key, $0.value) }) { $1 } as Any
                    } ?? NSNull(),
                    "config": field.config?.displayNameFromDS.map { ["displayNameFromDS": $0] as Any } ?? NSNull(),
                ] as [String: Any]
            },
        ]
    }
}

extension FrameMeta {
    fileprivate func shown() throws -> [String: Any] {
        var object: [String: Any] = ["typeVersion": [typeVersion.major, typeVersion.minor]]
        object["type"] = type
        object["preferredVisualisationType"] = preferredVisualisationType
        object["executedQueryString"] = executedQueryString
        if let custom {
            object["custom"] = try JSONSerialization.jsonObject(with: Data(custom.bytes), options: .fragmentsAllowed)
        }
        if !notices.isEmpty { object["notices"] = notices.map { ["severity": $0.severity.rawValue, "text": $0.text] } }
        return object
    }
}

extension Column {
    /// The columns that a v1 plugin's answer becomes.
    fileprivate func shown() -> (String, [Any]) {
        switch self {
        case .timestamp(let cells): ("time", (0..<cells.count).map { cells[$0] ?? NSNull() as Any })
        case .int64(let cells): ("int64", (0..<cells.count).map { cells[$0] ?? NSNull() as Any })
        case .bool(let cells): ("bool", (0..<cells.count).map { cells[$0] ?? NSNull() as Any })
        case .utf8(let cells): ("string", (0..<cells.count).map { cells[$0] ?? NSNull() as Any })
        case .float64(let cells):
            (
                "float64",
                (0..<cells.count).map { row in
                    guard let value = cells[row] else { return NSNull() }
                    if value.isNaN { return "NaN" }
                    return value.isInfinite ? (value < 0 ? "-Infinity" : "Infinity") : value
                }
            )
        default: ("unexpected", [])
        }
    }
}
