import DataFrames
import GatewayTestKit
import Testing

@testable import Translation

@Suite("Query models for old plugins")
struct ModelSplicerTests {
    private let additions = ModelSplicer.Additions(
        refID: "A", dataSourceID: 7, dataSourceName: "D \"é\"", interval: 10, maxDataPoints: 20)

    private func splice(_ model: String) -> String {
        String(decoding: ModelSplicer.splice(Array(model.utf8), additions), as: UTF8.self)
    }

    private let all = #""refId":"A","datasourceId":7,"intervalMs":10,"maxDataPoints":20"#

    @Test("Only what is missing is added; nothing else moves")
    func examples() {
        #expect(splice("{}") == "{\(all)}")
        #expect(splice("{ }") == "{\(all) }")
        #expect(splice(" {\n \"a\" : 1.50E+1 \n} ") == " {\n \"a\" : 1.50E+1,\(all) \n} ")
        let complete = #"{"refId":1,"datasourceId":null,"intervalMs":"x","maxDataPoints":{},"datasource":"name"}"#
        #expect(splice(complete) == complete)
        #expect(splice(#"{"datasource":null,"refId":"B","datasourceId":1,"intervalMs":1,"maxDataPoints":1}"#).contains("null"))
    }

    @Test("Every object called datasource becomes the name, also under an escaped key")
    func dataSources() {
        #expect(
            splice(#"{"datasource":{"a":[{}]},"x":{"datasource":{}},"datasource": {} }"#)
                == #"{"datasource":"D \"é\"","x":{"datasource":{}},"datasource": "D \"é\"","# + all + " }")
        #expect(splice(#"{"\u0064atasource":{}}"#) == #"{"\u0064atasource":"D \"é\"","# + all + "}")
    }

    @Test("Keys that only look alike stay what they are")
    func lookAlikes() {
        #expect(splice(#"{"refid":1,"REFID":2}"#) == #"{"refid":1,"REFID":2,"# + all + "}")
    }

    @Test(
        "What is not JSON is passed on",
        arguments: [
            "", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "[1", "nul", "{\"a\":01}", "{\"a\":\"\\x\"}", "{a:1}", "{}{}", "\"\n\"",
        ])
    func invalid(_ model: String) {
        #expect(splice(model) == model)
    }

    @Test("Hostile nesting is bounded", arguments: ["[", "{\"a\":"])
    func nesting(_ opener: String) {
        let bomb = "{\"datasource\":" + String(repeating: opener, count: 200_000)
        #expect(splice(bomb) == bomb)
        let deep = "{\"a\":" + String(repeating: "[", count: 9_000) + String(repeating: "]", count: 9_000) + "}"
        #expect(splice(deep) == deep.dropLast() + "," + all + "}")
    }

    @Test("Mutated models never crash; what is returned is the input, or JSON that holds all keys")
    func fuzz() throws {
        var random = RandomMessages(seed: 0x6d6f_6465_6c)
        let seeds = [
            #"{"datasource":{"type":"x","uid":"u"},"n":12345678901234567890,"refId":"A"}"#,
            #"{"a":[1,2,{"b":"\u00e9\ud83d\ude00"}],"intervalMs":1e3,"hide":false,"x":null}"#, " [ 1 , \"a\\n\" ] ",
        ]
        for _ in 0..<20_000 {
            var model = Array(random.pick(seeds).utf8)
            for _ in 0..<random.number(below: 4) {
                let place = random.number(below: model.count)
                switch random.number(below: 3) {
                case 0: model[place] = UInt8(truncatingIfNeeded: random.generator.next())
                case 1: model.remove(at: place)
                default: model.insert(random.pick(Array("{}[]\",:\\u0e-\u{FF}".utf8)), at: place)
                }
                if model.isEmpty { model = [0x7b] }
            }
            let spliced = ModelSplicer.splice(model, additions)
            if spliced == model { continue }
            let text = try JSONText(validating: spliced)
            let keys = try #require(text.members).map(\.key)
            for key in ["refId", "datasourceId", "intervalMs", "maxDataPoints"] { #expect(keys.contains(key)) }
        }
    }
}
