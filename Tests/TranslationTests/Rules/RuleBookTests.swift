import Foundation
import GatewayTestKit
import PluginProtocolV2
import Testing

@testable import Translation

/// What rules and schema say differently, in words.
private func differences(_ schema: SchemaDescriptors.Schema, _ book: RuleBook) -> [String] {
    var differences: [String] = []
    for (name, fields) in schema.messages {
        guard let rules = book.message(name) else {
            differences.append("message \(name) has no rules")
            continue
        }
        let ruled = Set(rules.fields.map { SchemaDescriptors.Field(number: $0.number, name: $0.name, type: $0.type) })
        differences += fields.subtracting(ruled).map { "\(name): \($0) has no rule" }
        differences += ruled.subtracting(fields).map { "\(name): the rule of \($0) has no field" }
        if rules.fields.count != ruled.count { differences.append("\(name): two rules of one field") }
    }
    differences += book.messages.filter { schema.messages[$0.name] == nil }.map { "the rules of \($0.name) have no message" }
    if Set(book.messages.map(\.name)).count != book.messages.count { differences.append("two rules of one message") }

    for (name, values) in schema.enums {
        let ruled = book.enums.first { $0.name == name }?.values ?? []
        if Dictionary(uniqueKeysWithValues: ruled.map { ($0.number, $0.name) }) != values {
            differences.append("enum \(name) differs")
        }
    }
    differences += book.enums.filter { schema.enums[$0.name] == nil }.map { "the rules of \($0.name) have no enum" }

    let methods = Set(book.methods.map { SchemaDescriptors.Method(name: $0.name, request: $0.request, reply: $0.reply) })
    differences += schema.methods.subtracting(methods).map { "method \($0.name) has no rule" }
    differences += methods.subtracting(schema.methods).map { "the rule of \($0.name) has no method" }
    if methods.count != book.methods.count { differences.append("two rules of one method") }
    return differences.sorted()
}

@Suite("The rules from host 2 to plugin 1")
struct RuleBookTests {
    private let book = RuleBook.v2ToV1

    @Test("Every message, field, enum value and method of both schemas has exactly one rule, and every rule has one of these")
    func complete() throws {
        let schema = try SchemaDescriptors.load(["proto-v1", "proto-v2"])
        #expect(differences(schema, book) == [])
        let fields = schema.messages.values.reduce(0) { $0 + $1.count }
        print("proof: \(fields) fields of \(schema.messages.count) messages have exactly one rule")
    }

    @Test("What is touched between equal versions has the rules that its schema needs")
    func withinOneVersion() throws {
        var schema = try SchemaDescriptors.load(["proto-v2"])
        let touched = RuleBook.withinV2
        schema.messages = schema.messages.filter { touched.message($0.key) != nil }
        schema.enums = schema.enums.filter { found in touched.enums.contains { $0.name == found.key } }
        schema.methods = schema.methods.filter { found in touched.methods.contains { $0.name == found.name } }
        #expect(differences(schema, touched) == [])
        #expect(touched.messages.allSatisfy { $0.fields.allSatisfy { $0.kind == .carried || $0.kind == .converted } })
    }

    @Test(
        "A new field, message, enum value or method upstream, a changed number or type, and a rule without a field are found",
        arguments: [
            ("string a = 1; int64 b = 2;", "m.M: int64 b = 2 has no rule"),
            ("string a = 2;", "m.M: string a = 2 has no rule"),
            ("bytes a = 1;", "m.M: bytes a = 1 has no rule"),
            ("repeated string a = 1;", "m.M: repeated string a = 1 has no rule"),
            ("", "m.M: the rule of string a = 1 has no field"),
            ("string a = 1; message N {}", "message m.M.N has no rules"),
            ("string a = 1; enum E { X = 0; }", "enum m.M.E differs"),
        ])
    func drift(_ body: String, _ finding: String) throws {
        let book = RuleBook(
            host: 2, plugin: 1, methods: [], messages: [MessageRules("m.M", .request, "", [.carried(1, "a", "string", "x.Y.z")])],
            enums: [])
        let same = try SchemaDescriptors.compile(text: "syntax = \"proto3\"; package m; message M { string a = 1; }")
        #expect(differences(same, book) == [])
        let changed = try SchemaDescriptors.compile(
            text: "syntax = \"proto3\"; package m; message M { \(body) }")
        #expect(differences(changed, book).contains(finding))
        let served = try SchemaDescriptors.compile(
            text: "syntax = \"proto3\"; package m; message M { string a = 1; } service S { rpc R(M) returns (M); }")
        #expect(differences(served, book) == ["method m.S/R has no rule"])
    }

    @Test("Every counterpart is a field that has a rule itself, and lies on the other side")
    func counterparts() {
        for message in book.messages {
            for field in message.fields {
                switch field.kind {
                case .carried, .converted:
                    let counterpart = field.counterpart ?? ""
                    #expect(book.field(LossPath(counterpart)) != nil, "\(message.name).\(field.name) → \(counterpart)")
                case .synthesised, .lost, .notApplicable:
                    #expect(field.counterpart == nil)
                }
            }
        }
    }

    @Test("A rule says how, from what, or why; what is lost can be entered, and what never is cannot")
    func substance() {
        for message in book.messages {
            for field in message.fields {
                let name = "\(message.name).\(field.name)"
                if field.kind != .carried { #expect(!field.text.isEmpty, "\(name)") }
                let isWhole = book.message(field.type) != nil || message.fields.count == 1
                if field.kind == .lost { #expect(!field.losses.isEmpty || isWhole, "\(name) is lost without a cause") }
                if field.kind == .lost, !field.losses.isEmpty { #expect(!field.remedy.isEmpty, "\(name): what can be done?") }
                if field.kind == .synthesised || field.kind == .notApplicable { #expect(field.losses.isEmpty, "\(name)") }
                if field.kind == .carried {
                    #expect(Set(field.losses).isSubset(of: [.invalidUTF8]), "\(name) is not carried then")
                }
                #expect(!(field.text + field.remedy).contains { $0 == "|" || $0.isNewline })
            }
        }
    }

    @Test("A method is answered as its rule says")
    func methods() {
        for method in book.methods {
            let isUnimplemented = [V1PluginKind.dataSource, .renderer].allSatisfy { kind in
                if case .unimplemented = V2ToV1Route.route(method: "/\(method.name)", kind: kind) { true } else { false }
            }
            switch method.kind {
            case .unimplemented, .used: #expect(isUnimplemented, "\(method.name)")
            case .relayed, .translated, .answered: #expect(!isUnimplemented, "\(method.name)")
            }
        }
    }

    @Test("Every data loss has a notice on the frame: dropped points, dropped cells, cells that became null, rounding")
    func notices() {
        let expected: [(path: LossPath, cause: LossCause)] = [
            ("models.TimeSeries.points", .timestampOutOfRange), ("models.TableRow.values", .cellBeyondHeader),
            ("models.RowValue", .timestampOutOfRange), ("models.RowValue.int64Value", .roundedToDouble),
        ]
        for (path, cause) in expected {
            #expect(book.causes(of: path).contains(cause))
            #expect((book.message(path.name)?.notice ?? book.field(path)?.notice) != nil, "\(path)")
        }
        let dataLosses: Set<LossCause> = [.timestampOutOfRange, .cellBeyondHeader, .roundedToDouble]
        for path in book.lossyPaths where !dataLosses.isDisjoint(with: book.causes(of: path)) {
            #expect(expected.contains { $0.path == path }, "\(path) needs a notice and a test of it")
        }
    }

    @Test("The notices on frames are those of the rules")
    func noticeTexts() throws {
        let input = CaseInput(
            refID: "A", series: [.init("m", [(.max, 1), (.min, 2), (5, 3)])],
            tables: [.init(["time", "c"], [[.int(.max), .int(.max), .int(1)], [.double(.nan), .double(1)]])])
        var planned = try Planned(Build.request([Build.query("A")], format: 1))
        let answer = try #require(try planned.merge([Build.reply([input.message])])?.responses["A"])
        let frames = answer.frames.map { String(decoding: $0, as: UTF8.self) }.joined()
        func expect(_ notice: String?, _ count: Int, _ column: String) throws {
            let text = try #require(notice).replacingOccurrences(of: "N ", with: "\(count) ")
                .replacingOccurrences(of: "\"NAME\"", with: "\\\"\(column)\\\"")
            #expect(frames.contains("{\"severity\":\"warning\",\"text\":\"\(text)\"}"), "\(text) is not in \(frames)")
        }
        try expect(book.field("models.TimeSeries.points")?.notice, 2, "")
        try expect(book.field("models.TableRow.values")?.notice, 1, "")
        try expect(book.message("models.RowValue")?.notice, 2, "time")
        try expect(book.field("models.RowValue.int64Value")?.notice, 1, "c")
    }

    @Test("Every kind of loss can happen somewhere, and is explained")
    func causes() {
        let possible = Set(RuleBook.all.flatMap { book in book.lossyPaths.flatMap { book.causes(of: $0) } } + [.unknownField])
        for cause in LossCause.allCases {
            #expect(possible.contains(cause), "\(cause)")
            #expect(!cause.meaning.isEmpty && !cause.remedy.isEmpty)
        }
    }
}
