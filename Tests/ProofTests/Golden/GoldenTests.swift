import Foundation
import GatewayTestKit
import Testing

/// Outside the suite: its own condition may not depend on it.
private let goldenWriting = ProcessInfo.processInfo.environment["PLUGIN_GATEWAY_GOLDEN"]

extension Proofs {
    /// The files of `Tests/Golden`, which are kept for ever: see the README there.
    @Suite("Golden files") struct Golden {
        @Test("Today's translator writes today's files, byte for byte")
        func bytes() throws {
            let folder = try GoldenFolder.current()
            let expected = try GoldenFolder.files(GoldenCases.all())
            let found = try folder.read()
            #expect(Set(found.keys) == Set(expected.keys), "`make golden` writes what is missing, as Tests/Golden/README.md says")
            for (name, bytes) in expected where found[name] != nil {
                #expect(found[name] == bytes, "\(folder.url.lastPathComponent)/\(name) is no longer what the translator writes")
            }
            ProofTally.shared.add("golden", "files re-created", expected.count)
        }

        @Test("Every folder ever written still means what it meant")
        func meaning() throws {
            let cases = try GoldenCases.all()
            let folders = try GoldenFolder.all()
            #expect(!folders.isEmpty)
            for folder in folders {
                let files = try folder.read()
                // A case may have come later than the folder; one that is in the folder never goes.
                let known = Set(cases.map(\.prefix))
                for name in files.keys {
                    let prefix = name.split(separator: ".", maxSplits: 1).first.map(String.init) ?? ""
                    #expect(known.contains(prefix), "\(folder.url.lastPathComponent)/\(name) is of no case any more")
                }
                for example in cases {
                    let own = files.filter { $0.key.hasPrefix(example.prefix + ".") }
                    guard !own.isEmpty else { continue }
                    let named = Dictionary(
                        uniqueKeysWithValues: own.map { (String($0.key.dropFirst(example.prefix.count + 1)), $0.value) })
                    let isInput = { (name: String) in name.hasPrefix("request") || name.hasPrefix("reply") }
                    let inputs = named.filter { isInput($0.key) }
                    do {
                        let outputs = try example.outputs(inputs)
                        try GoldenMeaning.compare(outputs, named.filter { !isInput($0.key) }, example.kind)
                    } catch {
                        Issue.record("\(folder.url.lastPathComponent)/\(example.prefix): \(error)")
                    }
                    ProofTally.shared.add("golden", "cases read back")
                }
            }
        }

        @Test("Names of files are unique and say their case")
        func names() throws {
            let prefixes = try GoldenCases.all().map(\.prefix)
            #expect(Set(prefixes).count == prefixes.count)
            #expect(prefixes.contains("001-series-without-tags"))
        }

        /// Not a proof: `make golden` runs it.
        @Test("The files are written", .enabled(if: goldenWriting != nil))
        func write() throws {
            try GoldenFolder.current().write(GoldenFolder.files(GoldenCases.all()), overwriting: goldenWriting == "overwrite")
        }
    }
}

/// One of the folders of `Tests/Golden`.
struct GoldenFolder {
    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    let url: URL

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    private static let home = root.appendingPathComponent("Tests/Golden").resolvingSymlinksInPath()

    /// That of the schema's date, which `proto-v2/README.md` tells.
    static func current() throws -> GoldenFolder {
        let text = try String(contentsOf: root.appendingPathComponent("proto-v2/README.md"), encoding: .utf8)
        guard let match = text.firstMatch(of: /`[0-9a-f]{8}` \(([0-9]{4}-[0-9]{2}-[0-9]{2})\)/) else {
            throw Problem(description: "proto-v2/README.md does not name the commit of the schema and its date")
        }
        return GoldenFolder(url: home.appendingPathComponent(String(match.1)))
    }

    static func all() throws -> [GoldenFolder] {
        try FileManager.default.contentsOfDirectory(at: home, includingPropertiesForKeys: [.isDirectoryKey])
            .filter { try $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true }
            .map { GoldenFolder(url: $0) }
    }

    /// All files of these cases.
    static func files(_ cases: [GoldenCase]) throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for example in cases {
            for (name, bytes) in example.inputs { files["\(example.prefix).\(name)"] = bytes }
            for (name, bytes) in try example.outputs(example.inputs) { files["\(example.prefix).\(name)"] = bytes }
        }
        return files
    }

    func read() throws -> [String: [UInt8]] {
        guard FileManager.default.fileExists(atPath: url.path) else { return [:] }
        let names = try FileManager.default.contentsOfDirectory(atPath: url.path)
        return try Dictionary(
            uniqueKeysWithValues: names.map { ($0, Array(try Data(contentsOf: url.appendingPathComponent($0)))) })
    }

    func write(_ files: [String: [UInt8]], overwriting: Bool) throws {
        let exists = FileManager.default.fileExists(atPath: url.path)
        guard !exists || overwriting else {
            throw Problem(
                description:
                    "\(url.lastPathComponent) is there already and stays as it is; Tests/Golden/README.md says when to overwrite")
        }
        if exists { try FileManager.default.removeItem(at: url) }
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        for (name, bytes) in files { try Data(bytes).write(to: url.appendingPathComponent(name)) }
        print("golden: \(files.count) files in \(url.lastPathComponent)")
    }
}
