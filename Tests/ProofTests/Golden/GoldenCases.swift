import Foundation
import GatewayTestKit
import PluginProtocolV1
import PluginProtocolV2
import SwiftProtobuf
import Translation

/// The worked examples as files: answers 1–60, and what has bytes of the others.
enum GoldenCases {
    static func all() throws -> [GoldenCase] {
        try frames() + requests() + merging() + chunked() + render() + answered()
    }

    private static func frames() throws -> [GoldenCase] {
        try CasesOfSectionG.all.map { example in
            GoldenCase(
                number: example.number, name: example.name, kind: .frames, inputs: ["reply-0.binpb": try reply([example.input])])
        } + [
            GoldenCase(
                number: 100, name: "labels in another order", kind: .frames,
                inputs: ["reply-0.binpb": try reply([CaseInput(series: [.init("m", ["b": "2", "a": "1"], [(1, 1)])])])])
        ]
    }

    // MARK: Building blocks

    static func bytes(_ message: some Message) throws -> [UInt8] { try Agreement.canonical(message) }

    static func reply(_ results: [CaseInput]) throws -> [UInt8] {
        try bytes(Models_DatasourceResponse.with { $0.results = results.map(\.message) })
    }

    static func series(_ refID: String, _ name: String = "m", error: String = "") -> CaseInput {
        CaseInput(refID: refID, error: error, series: [.init(name, [(1, 1)])])
    }

    static func query(_ refID: String, from: Int64 = 1_568_039_445_000, json: String = "{}") -> Pluginv2_DataQuery {
        .with {
            $0.refID = refID
            $0.maxDataPoints = 100
            $0.intervalMs = 15_000
            $0.timeRange.fromEpochMs = from
            $0.timeRange.toEpochMs = 1_568_043_045_000
            $0.json = Data(json.utf8)
        }
    }

    static func request(
        _ queries: [Pluginv2_DataQuery], format: Int = 0, _ change: (inout Pluginv2_QueryDataRequest) -> Void = { _ in }
    ) throws -> [UInt8] {
        try bytes(
            Pluginv2_QueryDataRequest.with {
                $0.pluginContext.orgID = 1
                $0.pluginContext.pluginID = "legacy-datasource"
                $0.pluginContext.dataSourceInstanceSettings = .with {
                    $0.id = 7
                    $0.uid = "u"
                    $0.name = "D"
                    $0.url = "http://127.0.0.1:9090"
                    $0.jsonData = Data(#"{"a":1}"#.utf8)
                    $0.decryptedSecureJsonData = ["password": "s3cret"]
                }
                $0.queries = queries
                $0.format = Pluginv2_DataFrameFormat(rawValue: format) ?? .arrow
                change(&$0)
            })
    }

    private static func ask(
        _ number: Int, _ name: String, _ request: [UInt8], _ replies: [[CaseInput]] = [], failures: [Int: Int] = [:],
        chunked: Bool = false, _ change: (inout TranslationOptions) -> Void = { _ in }
    ) throws -> GoldenCase {
        var inputs = ["request.binpb": request]
        for (place, results) in replies.enumerated() { inputs["reply-\(place).binpb"] = try reply(results) }
        var example = GoldenCase(
            number: number, name: name, kind: chunked ? .queryChunked : .query, failures: failures, inputs: inputs)
        change(&example.options)
        return example
    }

    // MARK: G.2

    private static func requests() throws -> [GoldenCase] {
        let model = #"{"datasource":{"type":"x","uid":"u"},"n":12345678901234567890,"refId":"A"}"#
        return [
            try ask(61, "two queries of one range", request([query("A"), query("B")]), [[series("A"), series("B")]]),
            try ask(
                62, "two ranges", request([query("A"), query("B", from: 5), query("C")]),
                [[series("A"), series("C")], [series("B")]]),
            try ask(
                63, "one of two calls fails", request([query("A"), query("B", from: 5), query("C")]),
                [[series("A"), series("C")]],
                failures: [1: 2]),
            try ask(66, "no time range", request([.with { $0.refID = "A" }]), [[series("A")]]),
            try ask(67, "model with a datasource object", request([query("A", json: model)]), [[]]),
            try ask(68, "model verbatim", request([query("A", json: model)]), [[]]) { $0.model = .verbatim },
            try ask(69, "models that are no object", request([query("A", json: "[1]"), query("B", json: "{bad")]), [[]]),
            try ask(70, "empty model", request([query("A", json: "")]), [[]]),
            try ask(
                71, "empty jsonData", request([query("A")]) { $0.pluginContext.dataSourceInstanceSettings.jsonData = Data() },
                [[]]),
            try ask(
                71, "jsonData null",
                request([query("A")]) { $0.pluginContext.dataSourceInstanceSettings.jsonData = Data("null".utf8) }, [[]]),
            try ask(
                72, "number of a data source without one",
                request([query("A")]) {
                    $0.pluginContext.orgID = 0
                    $0.pluginContext.namespace = "stacks-5"
                    $0.pluginContext.dataSourceInstanceSettings.id = 0
                }, [[]]),
            try ask(
                73, "no data source settings",
                request([query("A"), query("B")]) { $0.pluginContext.clearDataSourceInstanceSettings() }),
        ]
    }

    private static func merging() throws -> [GoldenCase] {
        [
            try ask(74, "empty refId for one query", request([query("B")]), [[series("")]]),
            try ask(75, "empty refIds by position", request([query("A"), query("B")]), [[series("", "x"), series("", "y")]]),
            try ask(76, "one empty refId for two queries", request([query("A"), query("B")]), [[series("")]]),
            try ask(77, "another refId for one query", request([query("B")]), [[series("A")]]),
            try ask(78, "one refId twice", request([query("A")]), [[series("A", "x"), series("A", "y")]]),
            try ask(78, "one refId twice merged", request([query("A")]), [[series("A", "x"), series("A", "y")]]) {
                $0.duplicates = .merge
            },
            try ask(79, "a refId that nobody asked for", request([query("A")]), [[series("A"), series("Z")]]),
            try ask(80, "no result for a query", request([query("A"), query("B")]), [[series("A")]]),
            try ask(81, "JSON", request([query("A")], format: 1), [[series("A")]]),
            try ask(82, "unknown format", request([query("A")], format: 7), [[series("A")]]),
        ]
    }

    // MARK: B.10

    private static func chunked() throws -> [GoldenCase] {
        let two = CaseInput(
            refID: "A", error: "boom", series: [.init("a", ["h": "1"], [(1, 1)]), .init("b", ["h": "2"], [(1, 2)])])
        let long = CaseInput(refID: "A", series: [.init("m", (0..<10).map { (Int64($0), Double($0) / 4) })])
        return [
            try ask(83, "chunks in Arrow with an error", request([query("A")]), [[two]], chunked: true),
            try ask(84, "chunks in JSON", request([query("A")], format: 1), [[long]], chunked: true) { $0.chunkRows = 4 },
            try ask(84, "chunks in Arrow", request([query("A")]), [[long]], chunked: true) { $0.chunkRows = 4 },
            try ask(85, "chunks of nothing", request([query("A")]), [[CaseInput(refID: "A")]], chunked: true),
        ]
    }

    // MARK: D

    private static func render() throws -> [GoldenCase] {
        func picture(_ change: (inout Pluginextensionv2_RenderRequest) -> Void) throws -> [String: [UInt8]] {
            let request = Pluginextensionv2_RenderRequest.with {
                $0.url = "http://localhost:3000/d/x?é"
                $0.width = 1000
                $0.height = 500
                $0.deviceScaleFactor = 2
                $0.filePath = "/tmp/out.png"
                $0.renderKey = "key"
                $0.domain = "localhost"
                $0.timeout = 60
                $0.timezone = "UTC-2"
                $0.headers = ["Accept-Language": .with { $0.values = ["de"] }]
                $0.authToken = "token"
                change(&$0)
            }
            return ["request.binpb": try bytes(request)]
        }
        let failed = try bytes(Models_RenderResponse.with { $0.error = "no browser" })
        return [
            GoldenCase(
                number: 92, name: "a picture", kind: .render,
                inputs: try picture { _ in }.merging(["reply-0.binpb": failed]) { $1 }),
            GoldenCase(number: 93, name: "a document", kind: .render, inputs: try picture { $0.encoding = "pdf" }),
            GoldenCase(number: 93, name: "full height", kind: .render, inputs: try picture { $0.height = -1 }),
        ]
    }

    // MARK: C

    private static func answered() -> [GoldenCase] {
        let well = PluginVitals(running: true, pid: 4711, uptimeSeconds: 12, grpcHealth: .serving, version: "1.0.0")
        let dead = PluginVitals(running: false, reason: "exit status 1")
        return [
            GoldenCase(
                number: 87, name: "health of a plugin that runs", kind: .fixed { try V2ToV1CheckHealth.answer([], vitals: well) }),
            GoldenCase(
                number: 88, name: "health of a plugin that died", kind: .fixed { try V2ToV1CheckHealth.answer([], vitals: dead) }),
            GoldenCase(number: 90, name: "subscribing to a stream", kind: .fixed { V2ToV1Stream.subscribeReply }),
            GoldenCase(number: 90, name: "publishing to a stream", kind: .fixed { V2ToV1Stream.publishReply }),
            GoldenCase(
                number: 91, name: "metrics", kind: .fixed { V2ToV1CollectMetrics.answer(prometheus: Array("up 1\n".utf8)) }),
        ]
    }
}
