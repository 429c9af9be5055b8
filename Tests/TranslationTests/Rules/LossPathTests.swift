import Foundation
import GatewayTestKit
import PluginProtocolV2
import Testing

@testable import Translation

/// The ledger and the rules speak of the same paths.
@Suite("Paths of losses")
struct LossPathTests {
    private let book = RuleBook.v2ToV1

    /// The sources of the translation, without the rules themselves.
    private func sources() throws -> [(file: String, text: String)] {
        let directory = SchemaDescriptors.directory("Sources/Translation")
        let paths = try FileManager.default.subpathsOfDirectory(atPath: directory)
        return try paths.filter { $0.hasSuffix(".swift") && !$0.hasPrefix("Rules/") }.map {
            ($0, try String(contentsOfFile: "\(directory)/\($0)", encoding: .utf8))
        }
    }

    private func isMap(_ path: LossPath) -> Bool { book.field(path)?.type.hasPrefix("map<") == true }

    @Test("Every path that the code names is one of a rule that may lose something, or a message")
    func literals() throws {
        var seen = 0
        let literal = try Regex<(Substring, Substring)>(
            #""((?:models|pluginv2|pluginextensionv2|secretsmanagerplugin)(?:\.[A-Za-z]\w*)+)""#)
        for (file, text) in try sources() {
            for match in text.matches(of: literal) {
                let path = LossPath(String(match.output.1))
                seen += 1
                #expect(
                    book.message(path.name) != nil || isMap(path) || !RuleBook.causes(of: path).isEmpty,
                    "\(file): \(path) has no rule that loses")
            }
        }
        #expect(seen > 60)
    }

    /// The causes by the names that the sources use for them.
    private func causes() throws -> [String: LossCause] {
        let file = SchemaDescriptors.directory("Sources/Translation/Loss") + "/LossCause.swift"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let declaration = try Regex<(Substring, Substring, Substring?)>(#"\n    case (\w+)(?: = "([\w-]+)")?"#)
        let pairs = text.matches(of: declaration).compactMap { match in
            LossCause(rawValue: String(match.output.2 ?? match.output.1)).map { (String(match.output.1), $0) }
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    @Test("A cause that the code enters under a path is one that the path's rule names")
    func entries() throws {
        var seen = 0
        let causes = try causes()
        #expect(causes.count == LossCause.allCases.count)
        let entry = try Regex<(Substring, Substring, Substring)>(#"add\(\s*"([\w.]+)",\s*\.(\w+)"#)
        let text = try Regex<(Substring, Substring)>(#"(?:text|textEntry|secureEntry)\(\s*"([\w.]+)""#)
        for (file, source) in try sources() {
            for match in source.matches(of: entry) {
                seen += 1
                let cause = try #require(causes[String(match.output.2)], "\(file): \(match.output.2)")
                let path = LossPath(String(match.output.1))
                #expect(RuleBook.causes(of: path).contains(cause), "\(file): \(path) \(cause)")
            }
            for match in source.matches(of: text) {
                seen += 1
                #expect(
                    RuleBook.causes(of: LossPath(String(match.output.1))).contains(.invalidUTF8), "\(file): \(match.output.1)")
            }
        }
        #expect(seen > 40)
    }

    /// A few bytes changed, so that most of the message is still one.
    private func damaged(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 0..<4, using: &generator) where !bytes.isEmpty {
            bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
        }
        return bytes
    }

    /// Options under which as much as possible is lost.
    private static let lossyOptions = options {
        $0.nan = .null
        $0.sortPoints = .stable
        $0.timeRangePolicy = .first
        $0.arrowOnJSONRequest = true
        $0.duplicates = .merge
        $0.metaLimit = 4
        $0.seriesLabel = .always
        $0.exposeInJSONData = [.uid]
        $0.forwardMetadata = ["x-grafana-user-login", "x-grafana-user-role", "x-grafana-namespace", "x-grafana-ds-uid", "A"]
    }

    @Test("Whatever random and damaged messages lose, the rules allow for it")
    func everyEntry() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = RandomMessages(seed: seed)
        var newer = NewerMessage(.v2ToV1)
        let request = newer.encoded("pluginv2.QueryDataRequest")
        let plain = Build.bytes(Build.request([Build.query("A"), Build.query("B", from: 5)]))
        var seen: Set<LossPath> = []
        var entries: Set<Loss> = []
        for round in 0..<1000 {
            let chosen = round.isMultiple(of: 2) ? TranslationOptions.default : Self.lossyOptions
            let sent = damaged(round.isMultiple(of: 3) ? request : plain, &random.generator)
            guard var (plan, ledger) = try? V2ToV1QueryData.plan(sent, options: chosen) else { continue }
            let outcomes = plan.calls.map { _ in
                CallOutcome.reply(damaged(Build.bytes(random.response(refIDs: ["A", "B", "A"])), &random.generator))
            }
            _ = V2ToV1QueryData.merge(plan, outcomes, ledger: &ledger)
            plan.calls = []
            for loss in ledger.losses where loss.path != LossLedger.overflow {
                seen.insert(loss.path)
                guard entries.insert(Loss(loss.path, loss.cause, count: 1)).inserted else { continue }
                #expect(book.causes(of: loss.path).contains(loss.cause), "seed \(seed): \(loss.path) \(loss.cause)")
            }
        }
        #expect(seen.count > 40)
        print("proof: 1000 random and damaged calls lost under \(seen.count) paths, all in the rules, seed \(seed)")
    }

    @Test("Patterns of policies are paths that can lose something, numbers of fields, or the beginning of these")
    func patterns() {
        let accepted = [
            "models.TimeSeries.points", "models.RowValue", "models.DatasourceResponse", "pluginv2.User.*", "pluginv2.*", "*",
            "pluginv2.DataQuery.#7", "pluginv2.DataQuery.#*", "pluginv2.DataQuery.#1*", "pluginv2.QueryDataRequest.headers.#3",
            "pluginv2.QueryDataRequest.headers*",
        ]
        for pattern in accepted { #expect(book.accepts(pattern), "\(pattern)") }
        let refused = [
            "", "pluginv2", "pluginv2.DataQuery.maxDataPoints", "pluginv2.DataQuery.#0", "pluginv2.DataQuery.#x", "nonsense.*",
            "models.TimeSeries.point", "pluginv2.User", "pluginv2.DataQuery.refId.#1", "#1", ".#*",
        ]
        for pattern in refused { #expect(!book.accepts(pattern), "\(pattern)") }
        #expect(book.explanation(ofUnaccepted: "models.TimeSeries.point").near.contains("models.TimeSeries.points"))
        #expect(book.explanation(ofUnaccepted: "User.Email").near == ["pluginv2.User.email"])
        #expect(book.explanation(ofUnaccepted: "pluginv2.DataQuery.maxDataPoints").problem == "is carried and never lost")
    }
}
