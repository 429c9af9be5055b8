import Foundation
import GatewayTestKit

/// libprotobuf in C++ (`Tests/Peers/cpp/oracle`): one process for thousands of messages.
enum Oracle {
    struct Verdict {
        var isAccepted: Bool
        /// In the message and in those inside it.
        var unknownFields: Int
        /// The message in libprotobuf's own words.
        var canonical: [UInt8]
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static func judge(_ messages: [(name: String, bytes: [UInt8])]) throws -> [Verdict] {
        var input: [UInt8] = []
        for message in messages {
            append(Array(message.name.utf8), to: &input)
            append(message.bytes, to: &input)
        }
        let output = try run(root.appendingPathComponent(".build-peers/bin/oracle"), [], input: input)
        var reader = output[...]
        var verdicts: [Verdict] = []
        while !reader.isEmpty {
            let kind = reader.removeFirst()
            let unknown = try number(&reader)
            let length = try number(&reader)
            guard kind < 2, reader.count >= length else { throw Failure(description: "the oracle does not know a message") }
            verdicts.append(Verdict(isAccepted: kind == 1, unknownFields: unknown, canonical: Array(reader.prefix(length))))
            reader = reader.dropFirst(length)
        }
        guard verdicts.count == messages.count else {
            throw Failure(description: "the oracle judged \(verdicts.count) of \(messages.count) messages")
        }
        ProofTally.shared.add("oracles", "messages judged by libprotobuf", verdicts.count)
        return verdicts
    }

    private static func append(_ bytes: [UInt8], to input: inout [UInt8]) {
        withUnsafeBytes(of: UInt32(bytes.count).littleEndian) { input.append(contentsOf: $0) }
        input.append(contentsOf: bytes)
    }

    private static func number(_ reader: inout ArraySlice<UInt8>) throws -> Int {
        guard reader.count >= 4 else { throw Failure(description: "the oracle's answer is cut off") }
        defer { reader = reader.dropFirst(4) }
        return reader.prefix(4).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
    }

    /// Runs a peer with a file as its standard input, and gives back what it writes.
    static func run(_ program: URL, _ arguments: [String], input: [UInt8]) throws -> [UInt8] {
        guard FileManager.default.isExecutableFile(atPath: program.path) else {
            throw Failure(description: "\(program.lastPathComponent) is missing. `make test` builds it, then runs all tests.")
        }
        let work = FileManager.default.temporaryDirectory.appendingPathComponent("proofs-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: work) }
        let (source, target) = (work.appendingPathComponent("in"), work.appendingPathComponent("out"))
        try Data(input).write(to: source)
        try Data().write(to: target)
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.standardInput = try FileHandle(forReadingFrom: source)
        process.standardOutput = try FileHandle(forWritingTo: target)
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "\(program.lastPathComponent) ended with status \(process.terminationStatus)")
        }
        return Array(try Data(contentsOf: target))
    }
}
