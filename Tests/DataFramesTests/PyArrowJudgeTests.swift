import DataFrames
import Foundation
import Testing

/// Our files before judges that share no code with them: pyarrow for Arrow, Python's `json` for documents.
@Suite struct PyArrowJudgeTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private struct JudgeFailure: Error, CustomStringConvertible {
        let description: String
    }

    /// Hands one line of base64 per item to a judge and gives its lines of JSON back.
    private func judge(_ script: String, _ items: [[UInt8]]) throws -> [[String: Any]] {
        let python = Self.root.appendingPathComponent(".build-peers/venv/bin/python")
        let script = Self.root.appendingPathComponent("Tests/Peers/python/\(script)")
        guard FileManager.default.isExecutableFile(atPath: python.path),
            FileManager.default.fileExists(atPath: script.path)
        else {
            throw JudgeFailure(description: "The Python judge is missing. `make test` installs it, then runs all tests.")
        }
        let work = FileManager.default.temporaryDirectory.appendingPathComponent("frames-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: work) }
        let input = work.appendingPathComponent("in")
        let output = work.appendingPathComponent("out")
        let lines = items.map { Data($0).base64EncodedString() + "\n" }.joined()
        try Data(lines.utf8).write(to: input)
        try Data().write(to: output)

        let process = Process()
        process.executableURL = python
        process.arguments = [script.path]
        process.standardInput = try FileHandle(forReadingFrom: input)
        process.standardOutput = try FileHandle(forWritingTo: output)
        try process.run()
        process.waitUntilExit()

        let answers = try Data(contentsOf: output).split(separator: UInt8(ascii: "\n"))
        guard answers.count == items.count else {
            throw JudgeFailure(description: "The judge answered \(answers.count) of \(items.count) frames.")
        }
        return try answers.map { line in
            guard let answer = try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any] else {
                throw JudgeFailure(description: "The judge's answer is no object.")
            }
            return answer
        }
    }

    private func canonical(_ value: Any?) throws -> String {
        let data = try JSONSerialization.data(withJSONObject: value ?? NSNull(), options: [.sortedKeys, .fragmentsAllowed])
        return String(decoding: data, as: UTF8.self)
    }

    @Test func bothJudgesAcceptAndReadTheSame() throws {
        var frames = RandomFrames(numbers: .fresh())
        var batch = [Samples.series(), Samples.allTypes(), Frame(), Samples.series(milliseconds: [], values: [])]
        for _ in 0..<150 { batch.append(frames.frame()) }
        // JSON leaves empty label sets out, and a JSON cell that holds null is null there.
        let files = try batch.map { try ArrowFile.write($0) }
        let documents = try batch.map { try JSONFrame.write($0) }
        let arrow = try judge("judge_arrow.py", files)
        let json = try judge("judge_json.py", documents)
        for index in batch.indices {
            let place: Comment = "seed \(frames.numbers.seed), frame \(index)"
            try #require(arrow[index]["ok"] as? Bool == true, "\(place): \(arrow[index])")
            try #require(json[index]["ok"] as? Bool == true, "\(place): \(json[index])")
            try #require((json[index]["style"] as? [String])?.isEmpty == true, "\(place): \(json[index])")
            let fromArrow = try canonical(arrow[index]["frame"])
            let fromJSON = try canonical(json[index]["frame"])
            try #require(fromArrow == fromJSON, place)
        }
    }

    @Test func filesOfManyBatchesAreReadWhole() throws {
        var frames = RandomFrames(numbers: .fresh())
        let batch = (0..<60).map { _ in frames.frame(maximumRows: 200, maximumFields: 4) }
        let whole = try judge("judge_arrow.py", batch.map { try ArrowFile.write($0) })
        let split = try judge("judge_arrow.py", batch.map { try ArrowFile.write($0, bodyLimit: 1500) })
        for index in batch.indices {
            try #require(split[index]["ok"] as? Bool == true, "seed \(frames.numbers.seed), frame \(index): \(split[index])")
            let same = try canonical(split[index]["frame"]) == canonical(whole[index]["frame"])
            try #require(same, "seed \(frames.numbers.seed), frame \(index)")
        }
    }

    @Test func valuesArriveAsTheyWere() throws {
        let answer = try judge("judge_arrow.py", [ArrowFile.write(Samples.allTypes())])[0]
        let fields = try #require((answer["frame"] as? [String: Any])?["fields"] as? [[String: Any]])
        let values = try fields.map { try canonical($0["values"]) }
        #expect(
            values == [
                "[-1,null,1568039445123456789]", "[-128,null,127]", "[-32768,null,32767]", "[-2147483648,null,2147483647]",
                "[-9223372036854775808,null,9223372036854775807]", "[0,null,255]", "[0,null,65535]", "[0,null,4294967295]",
                "[0,null,18446744073709551615]", #"[0.10000000149011612,null,"-Infinity"]"#, #"["NaN",null,-0]"#,
                "[true,null,false]",
                #"["",null,"héllo\n"]"#, #"[{"a":[1,2]},null,"x"]"#, "[0,null,2]",
            ])
        #expect(fields.map { $0["type"] as? String } == fields.map { $0["name"] as? String }.map { $0 == "text" ? "string" : $0 })
    }
}
