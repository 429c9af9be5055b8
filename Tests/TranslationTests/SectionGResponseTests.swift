import DataFrames
import GatewayTestKit
import PluginProtocolV2
import Testing

@testable import Translation

@Suite("Worked examples of the response rules")
struct SectionGResponseTests {
    @Test("Every example is there once")
    func numbers() {
        #expect(CasesOfSectionG.all.map(\.number) == Array(1...60))
    }

    @Test("Arrow frames", arguments: CasesOfSectionG.all)
    func arrow(_ example: TranslationCase) throws {
        let response = try response(example, format: 0)
        #expect(response.format == .arrow)
        try expect(response, example)
    }

    @Test("JSON frames", arguments: CasesOfSectionG.all)
    func json(_ example: TranslationCase) throws {
        let response = try response(example, format: 1)
        #expect(response.format == .json)
        try expect(response, example)
    }

    @Test("The literal form of every example is JSON", arguments: CasesOfSectionG.all)
    func literal(_ example: TranslationCase) throws {
        let model = try JSONText(validating: Array(example.input.literalModel.utf8))
        #expect(model["scenario"]?.string == "literal")
        #expect(model["result"]?["refId"]?.string == "A")
    }

    private func response(_ example: TranslationCase, format: Int) throws -> Pluginv2_DataResponse {
        var planned = try Planned(Build.request([Build.query("A")], format: format))
        let merged = try planned.merge([Build.reply([example.input.message])])
        return try #require(merged?.responses["A"])
    }

    private func expect(_ response: Pluginv2_DataResponse, _ example: TranslationCase) throws {
        let seen = try CaseExpectation(response)
        #expect(seen.json.description == example.expected.json.description)
        #expect(seen == example.expected)
    }
}
