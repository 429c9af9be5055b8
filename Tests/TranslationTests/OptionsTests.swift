import GatewayTestKit
import PluginProtocolV2
import Testing

@testable import Translation

@Suite("Options of the response")
struct OptionsTests {
    private func frames(_ input: CaseInput, _ change: (inout TranslationOptions) -> Void = { _ in }) throws -> [CaseFrame] {
        var planned = try Planned(Build.request([Build.query("A")]), options(change))
        let response = try planned.merge([Build.reply([input.message])])
        return try CaseExpectation(try #require(response?.responses["A"])).frames
    }

    @Test("nan = null changes cells, not types")
    func nan() throws {
        let input = CaseInput(
            series: [.init("m", [(1, .nan), (2, .infinity)])], tables: [.init(column: "c", [.double(.nan), .double(1)])])
        let frames = try frames(input) { $0.nan = .null }
        #expect(frames[0].fields[1].values == [.null, .double(.infinity)])
        #expect(frames[1].fields[0].values == [.null, .double(1)])
    }

    @Test("sort_points = stable sorts, and may earn the marker")
    func sorting() throws {
        let input = CaseInput(series: [.init("m", [(3, 3), (1, 1), (2, 2)])])
        let sorted = try frames(input) { $0.sortPoints = .stable }
        #expect(sorted[0].fields[1].values == [.double(1), .double(2), .double(3)])
        #expect(sorted[0].meta?.type == "timeseries-multi")
        let twice = CaseInput(series: [.init("m", [(2, 1), (1, 2), (2, 3)])])
        let stable = try frames(twice) { $0.sortPoints = .stable }
        #expect(stable[0].fields[1].values == [.double(2), .double(1), .double(3)])
        #expect(stable[0].meta?.type == nil)
    }

    @Test("series_label = never and always")
    func seriesLabel() throws {
        let input = CaseInput(series: [.init("a", [(1, 1)]), .init("b", [(1, 2)])])
        let never = try frames(input) { $0.seriesLabel = .never }
        #expect(never.map { $0.fields[1].labels } == [[:], [:]])
        #expect(never.map { $0.meta?.type } == [nil, nil])
        let always = try frames(CaseInput(series: [.init("a", ["h": "1"], [(1, 1)])])) { $0.seriesLabel = .always }
        #expect(always.map { $0.fields[1].labels } == [["h": "1", "name": "a"]])
    }

    @Test("Series whose label keys are all taken stay indistinguishable, and that is entered")
    func noFreeLabel() throws {
        let tags = ["name": "1", "series": "2", "__name__": "3"]
        var planned = try Planned(Build.request([Build.query("A")]))
        let input = CaseInput(series: [.init("a", tags, [(1, 1)]), .init("b", tags, [(1, 1)])])
        let response = try planned.merge([Build.reply([input.message])])
        #expect(try CaseExpectation(try #require(response?.responses["A"])).frames.map { $0.meta?.type } == [nil, nil])
        #expect(planned.ledger.count("models.TimeSeries.name", .noFreeLabel) == 2)
    }

    @Test("bytes = utf8 and base64")
    func bytes() throws {
        let input = CaseInput(tables: [.init(column: "c", [.bytes([0x61, 0xff]), .bytes([0x62])])])
        #expect(try frames(input) { $0.bytes = .utf8 }[0].fields[0].values == [.string("a\u{FFFD}"), .string("b")])
        let text = CaseInput(tables: [.init(column: "c", [.bytes([0x62])])])
        #expect(try frames(text) { $0.bytes = .base64 }[0].fields[0].values == [.string("Yg==")])
    }

    @Test("time_columns replaces the names that are times")
    func timeColumns() throws {
        let input = CaseInput(tables: [.init(["TimeStamp", "time"], [[.int(1), .int(1)]])])
        let fields = try frames(input) { $0.timeColumns = ["timestamp"] }[0].fields
        #expect(fields.map(\.type) == ["time", "int64"])
    }

    @Test("A large metaJson goes to the first frame only")
    func metaLimit() throws {
        let series = [CaseInput.Series("a", [(1, 1)]), CaseInput.Series("b", [(1, 1)])]
        let input = CaseInput(metaJSON: #"{"a":"0123456789"}"#, series: series)
        #expect(try frames(input).map { $0.meta?.custom != nil } == [true, true])
        #expect(try frames(input) { $0.metaLimit = 10 }.map { $0.meta?.custom != nil } == [true, false])
    }

    @Test("Well-formed notices of a plugin are promoted, others stay in custom")
    func notices() throws {
        let series = [CaseInput.Series("a", [(1, 1)])]
        let good = CaseInput(metaJSON: #"{"notices":[{"severity":"info","text":"t","inspect":2,"link":"l"}]}"#, series: series)
        #expect(try frames(good)[0].meta?.notices == ["info: t"])
        for bad in [
            #"{"severity":"debug","text":"t"}"#, #"{"severity":"info"}"#, #"{"severity":"info","text":"t","inspect":9}"#,
            #"{"severity":"info","text":"t","inspect":"meta"}"#, #"{"severity":"info","text":3}"#, "7",
        ] {
            let frame = try frames(CaseInput(metaJSON: #"{"notices":[\#(bad)]}"#, series: series))[0]
            #expect(frame.meta?.notices == [])
            #expect(frame.meta?.custom?.contains("notices") == true)
        }
    }

    @Test(
        "Metadata that a reader of frames would fail on is left out",
        arguments: [
            String(repeating: "[", count: 300) + String(repeating: "]", count: 300), #"{"a":1e999}"#, "{\"a\":1} x", "\u{1}",
        ])
    func unusableMeta(_ meta: String) throws {
        let frame = try frames(CaseInput(metaJSON: meta, series: [.init("a", [(1, 1)])]))[0]
        #expect(frame.meta == .series)
    }
}
