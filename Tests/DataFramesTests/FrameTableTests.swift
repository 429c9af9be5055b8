import DataFrames
import Testing

@Suite struct FrameTableTests {
    @Test func aSeriesReadsLikeThis() {
        #expect(
            FrameTable.render(Samples.series(values: [1.5, nil, .nan]), maxRows: 10) == """
                cpu  (refId A, timeseries-multi 0.1)
                Time                             Value
                time.Time                     float64?
                                          dc=x, host=a
                ────────────────────────  ────────────
                1970-01-01T00:00:01.000Z           1.5
                1970-01-01T00:00:02.000Z          null
                1970-01-01T00:00:03.000Z           NaN
                3 rows

                """)
    }

    @Test func rowsAreBounded() {
        let text = FrameTable.render(Samples.series(), maxRows: 1)
        #expect(text.hasSuffix("3 rows, 1 shown\n"))
        #expect(!text.contains("00:00:02"))
        #expect(FrameTable.render(Samples.series(), maxRows: -5).hasSuffix("3 rows, 0 shown\n"))
    }

    @Test func hostileTextCannotDriveTheTerminal() {
        let hostile = "\u{1b}]0;gone\u{7}\u{9b}2J\r\n\t\u{202e}\u{2066}\u{feff}\u{200b}\u{2028}"
        var frame = Samples.series(name: hostile)
        frame.refID = hostile
        frame.meta?.type = hostile
        frame.meta?.notices = [Notice(severity: .warning, text: hostile)]
        frame.fields[0].name = hostile
        frame.fields[1].labels = Labels([(key: hostile, value: hostile)])
        frame.fields.append(Field(name: "s", nullable: true, column: .utf8(TextColumn([hostile, nil, hostile]))))
        let text = FrameTable.render(frame, maxRows: 10)
        let allowed = text.unicodeScalars.allSatisfy { scalar in
            scalar == "\n"
                || (scalar.value >= 0x20 && scalar.properties.generalCategory != .control
                    && scalar.properties.generalCategory != .format)
        }
        #expect(allowed)
        #expect(text.contains(#"\u{1b}]0;gone\u{7}\u{9b}2J\r\n\t"#))
    }

    @Test func widthsAreBounded() {
        let wide = String(repeating: "日本語", count: 1000)
        let tower = "a" + String(repeating: "\u{301}", count: 10_000)
        let frame = Frame(
            fields: (0..<100).map { _ in Field(name: wide, nullable: false, column: .utf8(TextColumn([wide, tower]))) })
        let text = FrameTable.render(frame, maxRows: 10)
        #expect(text.contains("76 more fields not shown"))
        #expect(text.split(separator: "\n").allSatisfy { $0.unicodeScalars.count <= 24 * 48 })
        #expect(text.contains("日…"))
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999999999Z"),
            (1_568_039_445_123_000_000, "2019-09-09T14:30:45.123Z"),
            (951_782_400_000_000_000, "2000-02-29T00:00:00.000Z"), (.max, "2262-04-11T23:47:16.854775807Z"),
            (.min, "1677-09-21T00:12:43.145224192Z"), (4_107_542_399_000_000_001, "2100-02-28T23:59:59.000000001Z"),
            (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000Z"),
        ] as [(Int64, String)])
    func timesAreRFC3339(nanoseconds: Int64, expected: String) {
        #expect(RFC3339.text(nanoseconds: nanoseconds) == expected)
    }
}
