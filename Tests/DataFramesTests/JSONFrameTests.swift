import Testing

@testable import DataFrames

@Suite struct JSONFrameTests {
    private func text(_ frame: Frame, part: JSONFrame.Part = .schemaAndData) throws -> String {
        String(decoding: try JSONFrame.write(frame, part: part), as: UTF8.self)
    }

    @Test func seriesAreWrittenInTheOneForm() throws {
        #expect(
            try text(Samples.series()) == """
                {"schema":{"name":"cpu","refId":"A","meta":{"type":"timeseries-multi","typeVersion":[0,1]},"fields":[\
                {"name":"Time","type":"time","typeInfo":{"frame":"time.Time"}},\
                {"name":"Value","type":"number","typeInfo":{"frame":"float64","nullable":true},"labels":{"dc":"x","host":"a"},\
                "config":{"displayNameFromDS":"cpu"}}]},"data":{"values":[[1000,2000,3000],[1.5,null,2.5]]}}
                """)
    }

    @Test func everyTypeIsNamedAndValued() throws {
        #expect(
            try text(Samples.allTypes()) == """
                {"schema":{"name":"all","refId":"A","fields":[\
                {"name":"time","type":"time","typeInfo":{"frame":"time.Time","nullable":true}},\
                {"name":"int8","type":"number","typeInfo":{"frame":"int8","nullable":true}},\
                {"name":"int16","type":"number","typeInfo":{"frame":"int16","nullable":true}},\
                {"name":"int32","type":"number","typeInfo":{"frame":"int32","nullable":true}},\
                {"name":"int64","type":"number","typeInfo":{"frame":"int64","nullable":true}},\
                {"name":"uint8","type":"number","typeInfo":{"frame":"uint8","nullable":true}},\
                {"name":"uint16","type":"number","typeInfo":{"frame":"uint16","nullable":true}},\
                {"name":"uint32","type":"number","typeInfo":{"frame":"uint32","nullable":true}},\
                {"name":"uint64","type":"number","typeInfo":{"frame":"uint64","nullable":true}},\
                {"name":"float32","type":"number","typeInfo":{"frame":"float32","nullable":true}},\
                {"name":"float64","type":"number","typeInfo":{"frame":"float64","nullable":true}},\
                {"name":"bool","type":"boolean","typeInfo":{"frame":"bool","nullable":true}},\
                {"name":"text","type":"string","typeInfo":{"frame":"string","nullable":true}},\
                {"name":"json","type":"other","typeInfo":{"frame":"json.RawMessage","nullable":true}},\
                {"name":"enum","type":"enum","typeInfo":{"frame":"enum","nullable":true}}]},\
                "data":{"values":[[-1,null,1568039445123],[-128,null,127],[-32768,null,32767],[-2147483648,null,2147483647],\
                [-9223372036854775808,null,9223372036854775807],[0,null,255],[0,null,65535],[0,null,4294967295],\
                [0,null,18446744073709551615],[0.1,null,null],[null,null,-0],[true,null,false],["",null,"héllo\\n"],\
                [{"a":[1,2]},null,"x"],[0,null,2]],\
                "entities":[null,null,null,null,null,null,null,null,null,{"NegInf":[2]},{"NaN":[0]},null,null,null,null],\
                "nanos":[[999999,0,456789],null,null,null,null,null,null,null,null,null,null,null,null,null,null]}}
                """)
    }

    @Test func whatIsEmptyIsLeftOut() throws {
        #expect(try text(Frame()) == #"{"schema":{"fields":[]},"data":{"values":[]}}"#)
        let field = Field(name: "", labels: Labels(), config: FieldConfig(), nullable: false, column: .bool(BoolColumn()))
        #expect(
            try text(Frame(fields: [field]))
                == #"{"schema":{"fields":[{"name":"","type":"boolean","typeInfo":{"frame":"bool"}}]},"data":{"values":[[]]}}"#)
    }

    @Test func metaAlwaysHasAVersionAndTheOrderOfTheSDK() throws {
        var meta = FrameMeta(
            custom: try JSONText(validating: Array(#"{ "b" : 1 }"#.utf8)),
            notices: [
                Notice(severity: .error, text: "no", link: "http://x", inspect: .stats), Notice(severity: .info, text: ""),
            ],
            preferredVisualisationType: "table", executedQueryString: "SELECT 1")
        meta.other = [
            JSONMember(key: "unheardOf", value: JSONText(integer: 1)),
            JSONMember(key: "uniqueRowIdFields", value: JSONText(array: [])),
            JSONMember(key: "path", value: JSONText(string: "p")),
        ]
        #expect(
            try text(Frame(meta: meta)) == """
                {"schema":{"meta":{"typeVersion":[0,0],"path":"p","custom":{"b":1},"notices":[{"severity":"error","text":"no",\
                "link":"http://x","inspect":4},{"severity":"info","text":""}],"preferredVisualisationType":"table",\
                "executedQueryString":"SELECT 1","uniqueRowIdFields":[],"unheardOf":1},"fields":[]},"data":{"values":[]}}
                """)
    }

    /// Long texts are written in parts; whatever stands where one part ends must come out whole.
    @Test func longTextsAreEscapedAndRepairedInEveryPlace() {
        let inserts: [([UInt8], String)] = [
            (Array("é".utf8), "é"), (Array("€".utf8), "€"), (Array("😀".utf8), "😀"), (Array("\"".utf8), "\\\""),
            (Array("\\".utf8), "\\\\"), ([0x0A], "\\n"), ([0x01], "\\u0001"), ([0x1F], "\\u001f"), ([0x7F], "\u{7F}"),
            ([0xFF], "\u{FFFD}"), ([0xE2, 0x82], "\u{FFFD}\u{FFFD}"), ([0xF0, 0x9F, 0x98], "\u{FFFD}\u{FFFD}\u{FFFD}"),
        ]
        for (bytes, written) in inserts {
            for before in Array(0...10) + Array(248...260) + Array(506...516) {
                for (after, count) in [("b", 0), ("b", 300), ("ü", 300), ("\t", 300)] {
                    let text =
                        Array(repeating: UInt8(ascii: "a"), count: before) + bytes
                        + Array(String(repeating: after, count: count).utf8)
                    var writer = JSONWriter()
                    text.withUnsafeBytes { writer.string($0) }
                    let expected =
                        "\"" + String(repeating: "a", count: before) + written
                        + String(repeating: after == "\t" ? "\\t" : after, count: count) + "\""
                    #expect(writer.bytes == Array(expected.utf8), "\(before) \(written) \(after)")
                }
            }
        }
    }

    @Test func textsAreEscapedAndRepaired() throws {
        var column = TextColumn(["\"\\/\u{8}\u{c}\n\r\t\u{0}\u{1f}\u{7f}", "\u{2028}\u{2029}<>&😀é"])
        column.appendBytes([0x61, 0xFF, 0xC3, 0x62, 0xED, 0xA0, 0x80])
        column.append(utf8: [0xE2, 0x82])
        let frame = Frame(fields: [Field(name: "s", nullable: false, column: .utf8(column))])
        let document = try text(frame, part: .data)
        #expect(
            document == #"{"data":{"values":[["\"\\/\u0008\u000c\n\r\t\u0000\u001f"# + "\u{7f}\",\"\u{2028}\u{2029}<>&😀é\",\"a"
                + "\u{FFFD}\u{FFFD}b\u{FFFD}\u{FFFD}\u{FFFD}\",\"\u{FFFD}\u{FFFD}\"]]}}")
    }

    @Test func cellsThatAreNotJSONBecomeNull() throws {
        let cells = TextColumn(["{", " [1, 2]", "", "1 2", "\"x\""])
        let frame = Frame(fields: [Field(name: "j", nullable: true, column: .json(cells))])
        #expect(try text(frame, part: .data) == #"{"data":{"values":[[null, [1, 2],null,null,"x"]]}}"#)
    }

    @Test func manyCellsCrossTheInnerBatches() throws {
        let values = (0..<1000).map { $0 % 9 == 0 ? nil : Int64($0) }
        let frame = Frame(fields: [Field(name: "i", nullable: true, column: .int64(PrimitiveColumn(values)))])
        let expected = values.map { $0.map { String($0) } ?? "null" }.joined(separator: ",")
        #expect(try text(frame, part: .data) == #"{"data":{"values":[["# + expected + "]]}}")
    }

    @Test func framesThatReadersWouldMisreadAreRefused() throws {
        let unequal = Frame(fields: [
            Field(name: "a", nullable: false, column: .int64(PrimitiveColumn([1, 2]))),
            Field(name: "b", nullable: false, column: .int64(PrimitiveColumn([1]))),
        ])
        let hiddenNull = Frame(fields: [Field(name: "a", nullable: false, column: .int64(PrimitiveColumn([1, nil])))])
        for frame in [unequal, hiddenNull] {
            #expect { try JSONFrame.write(frame) } throws: { ($0 as? FrameError)?.code == .invalidFrame }
            #expect { try ArrowFile.write(frame) } throws: { ($0 as? FrameError)?.code == .invalidFrame }
        }
    }
}
