import GatewayTestKit
import Testing
import Translation

extension Proofs {
    @Suite("Round trips: what the rules call carried comes back") struct RoundTrips {
        @Test("v2 → v1 → v2, requests", arguments: [false, true])
        func requests(_ chunked: Bool) throws {
            let coverage = CarriedCoverage()
            for part in proofParts {
                prove("\(RequestCheck.name(chunked)) there and back", part: part) { random in
                    try RequestRoundTrip(&random, chunked: chunked)?.check(coverage)
                }
            }
            let fields = CarriedField.ofRequests.filter { $0.message != RenderCheck.name }
            #expect(fields.count >= 10, "the rules carry hardly anything")
            if ProofRun.current.cases >= 1000 { #expect(coverage.missing(of: fields) == []) }
        }

        @Test("v2 → v1 → v2, requests for pictures")
        func render() throws {
            let coverage = CarriedCoverage()
            let fields = CarriedField.ofRequests.filter { $0.message == RenderCheck.name }
            for part in proofParts {
                prove("pluginextensionv2.RenderRequest there and back", part: part) { random in
                    var trees = RandomTree(random)
                    let tree = trees.message(RenderCheck.name)
                    guard case .call(let sent) = try V2ToV1Render.plan(tree.encoded, options: .default).0 else { return }
                    guard let (v1, _) = WireTree.parse(sent, as: "models.RenderRequest") else { throw Mismatch("no message") }
                    let back = WireTree.inverse(v1, as: RenderCheck.name)
                    for field in fields {
                        coverage.note(field, field.values(in: tree))
                        try Agreement.same(field.values(in: back), field.values(in: tree), field.path)
                    }
                }
            }
            #expect(fields.count >= 9, "the rules carry hardly anything")
            if ProofRun.current.cases >= 1000 { #expect(coverage.missing(of: fields) == []) }
        }

        @Test("Every carried field of a v1 message is the field of v2 that carries it")
        func symmetry() {
            for field in CarriedField.all(.request, schema: { $0 == "models" }) {
                let back = CarriedField.ofRequests.first {
                    $0.otherMessage == field.message && $0.otherName == field.name && $0.message == field.otherMessage
                }
                #expect(
                    back != nil,
                    "\(field.path) is carried from \(field.otherMessage).\(field.otherName), which is not carried to it")
            }
        }
    }
}

/// A request with every field that the schema has, and what comes back of it from the v1 requests by the rules alone.
private struct RequestRoundTrip {
    private let name: String
    private let original: WireTree
    private let back: WireTree

    init?(_ random: inout RandomMessages, chunked: Bool) throws {
        name = RequestCheck.name(chunked)
        var trees = RandomTree(random)
        var tree = trees.message(name)
        random = trees.random
        let bytes = tree.encoded
        let plan =
            try chunked
            ? V2ToV1QueryChunkedData.plan(bytes, options: .default).0 : V2ToV1QueryData.plan(bytes, options: .default).0
        guard plan.immediate == nil else { return nil }
        let calls = plan.calls.compactMap { WireTree.parse($0.request, as: "models.DatasourceRequest")?.tree }
        guard calls.count == plan.calls.count else { throw Mismatch("a v1 request is no message") }

        tree.fields = Self.grouped(tree.fields)
        original = tree
        back = WireTree(name, Self.fields(of: calls))
    }

    /// Queries of one range stand together in the v1 requests, in the order in which their ranges come first.
    private static func grouped(_ fields: [WireTree.Field]) -> [WireTree.Field] {
        var groups: [(range: [[WireTree.Value]], queries: [WireTree.Field])] = []
        for field in fields where field.number == 3 {
            let range = CarriedField.ofRequests.filter { $0.message == "pluginv2.TimeRange" }.flatMap { carried in
                var tree = WireTree("pluginv2.DataQuery")
                if case .message(let query) = field.value { tree = query }
                let values = carried.values(in: tree)
                return values.isEmpty ? [[]] : values
            }
            if let place = groups.firstIndex(where: { $0.range == range }) {
                groups[place].queries.append(field)
            } else {
                groups.append((range, [field]))
            }
        }
        return fields.filter { $0.number != 3 } + groups.flatMap(\.queries)
    }

    private static func fields(of calls: [WireTree]) -> [WireTree.Field] {
        var fields: [WireTree.Field] = []
        if let info = calls.first?.all("models.DatasourceInfo").first {
            var context = WireTree.inverse(info, as: "pluginv2.PluginContext")
            let settings = WireTree.inverse(info, as: "pluginv2.DataSourceInstanceSettings")
            context.fields.append(WireTree.Field(5, .message(settings)))
            fields.append(WireTree.Field(1, .message(context)))
        }
        for call in calls {
            let range = call.all("models.TimeRange").first.map { WireTree.inverse($0, as: "pluginv2.TimeRange") }
            for query in call.all("models.Query") {
                var query = WireTree.inverse(query, as: "pluginv2.DataQuery")
                if let range { query.fields.append(WireTree.Field(4, .message(range))) }
                fields.append(WireTree.Field(3, .message(query)))
            }
        }
        return fields
    }

    func check(_ coverage: CarriedCoverage) throws {
        for field in CarriedField.ofRequests where field.message != RenderCheck.name {
            var (expected, seen) = (field.values(in: original), field.values(in: back))
            coverage.note(field, expected)
            if field.message == "pluginv2.TimeRange" {
                // A query without a range is sent as 0 to 0.
                expected = expected.filter { !$0.isEmpty }
                seen = seen.filter { !$0.isEmpty }
            }
            if field.isReplacedWhenZero { seen = zip(expected, seen).map { $0.isEmpty ? [] : $1 } }
            try Agreement.same(seen, expected, field.path)
        }
    }
}
