import Foundation
import GatewayTestKit
import Testing

extension Proofs {
    /// What fuzzers found, through the entries that fuzzers use. See `Tests/Fuzz/README.md`.
    @Suite("Inputs of fuzzers") struct FuzzCorpus {
        private static let home = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fuzz")

        private static func inputs(_ target: FuzzTarget, _ folder: String) throws -> [URL] {
            let directory = home.appendingPathComponent(target.rawValue).appendingPathComponent(folder)
            guard FileManager.default.fileExists(atPath: directory.path) else { return [] }
            return try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
                .filter { !$0.lastPathComponent.hasPrefix(".") }.sorted { $0.path < $1.path }
        }

        @Test("Every input holds what its target promises", arguments: FuzzTarget.allCases)
        func replay(_ target: FuzzTarget) throws {
            let corpus = try Self.inputs(target, "corpus")
            #expect(!corpus.isEmpty, "the corpus is empty: .ci/fuzz.sh merge fills it")
            #expect(corpus.count <= 300)
            var size = 0
            for input in try corpus + Self.inputs(target, "crashes") {
                let bytes = Array(try Data(contentsOf: input))
                size += bytes.count
                if let problem = target.run(bytes) { Issue.record("\(target.rawValue)/\(input.lastPathComponent): \(problem)") }
                ProofTally.shared.add("fuzz", "inputs of \(target.rawValue)")
            }
            #expect(size < 1 << 20)
        }

        @Test("Random and damaged messages hold it too", arguments: proofParts)
        func random(_ part: Int) {
            prove("fuzz entries", part: part, of: 1500) { random in
                let input = try random.fuzzInput()
                for target in FuzzTarget.allCases {
                    if let problem = target.run(input) { throw Mismatch("\(target.rawValue): \(problem)") }
                }
            }
        }
    }
}

extension RandomMessages {
    fileprivate mutating func fuzzInput() throws -> [UInt8] {
        let (name, bytes): (String, [UInt8]) =
            switch number(below: 3) {
            case 0: ("models.DatasourceResponse", try response(refIDs: ["A", "B"]).serializedBytes())
            case 1: ("pluginv2.QueryDataRequest", try queryDataRequest().serializedBytes())
            default: ("", json())
            }
        guard chance(2) else { return bytes }
        var damage = WireDamage(self)
        return damage.damage(bytes, as: name, other: bytes)
    }
}
