import GatewayTestKit
import PluginProtocolV1
import PluginProtocolV2
import SwiftProtobuf
import Testing

@testable import Translation

@Suite("The wire decoder against generated messages")
struct DifferentialTests {
    @Test("Random replies give the frames that a plain translation of the generated messages gives", arguments: [0, 1])
    func replies(_ format: Int) throws {
        for seed in UInt64(0)..<1500 {
            var random = RandomMessages(seed: seed << 1 | UInt64(format))
            let response = random.response(refIDs: ["A", "B"])
            var planned = try Planned(Build.request([Build.query("A"), Build.query("B")], format: format))
            let merged = try planned.merge([.reply(Build.bytes(response))])
            for result in response.results {
                let seen = try CaseExpectation(try #require(merged?.responses[result.refID]))
                let expected = ReferenceFrames.expectation(result)
                #expect(seen == expected, "seed \(seed), format \(format)")
                if seen != expected { return }
            }
        }
    }

    @Test("Random requests carry what the rules call carried")
    func requests() throws {
        for seed in UInt64(0)..<2000 {
            var random = RandomMessages(seed: seed)
            var request = Build.request([])
            let settings = random.text()
            request.pluginContext.dataSourceInstanceSettings.url = settings
            request.pluginContext.dataSourceInstanceSettings.id = random.integer() | 1
            for _ in 0..<random.number(below: 4) {
                request.pluginContext.dataSourceInstanceSettings.decryptedSecureJsonData[random.text()] = random.text()
            }
            for _ in 0...random.number(below: 5) {
                var query = Build.query(random.text(), from: Int64(random.number(below: 2)), json: #"{"refId":"x"}"#)
                query.maxDataPoints = random.integer()
                query.intervalMs = random.integer()
                request.queries.append(query)
            }
            let planned = try Planned(request)
            let sent = planned.requests.flatMap { call in call.queries.map { ($0, call.timeRange) } }
            #expect(sent.count == request.queries.count)
            for original in request.queries {
                let match = sent.contains { query, range in
                    query.refID.utf8.elementsEqual(original.refID.utf8) && query.maxDataPoints == original.maxDataPoints
                        && query.intervalMs == original.intervalMs && range.fromEpochMs == original.timeRange.fromEpochMs
                        && range.toEpochMs == original.timeRange.toEpochMs && range.fromRaw == "\(original.timeRange.fromEpochMs)"
                }
                #expect(match, "seed \(seed)")
            }
            for info in planned.requests.map(\.datasource) {
                let source = request.pluginContext.dataSourceInstanceSettings
                #expect(info.id == source.id && info.url == source.url && info.name == source.name)
                #expect(info.decryptedSecureJsonData == source.decryptedSecureJsonData)
            }
        }
    }
}
