import DataFrames
import Testing

@Suite struct JSONRejectionTests {
    private static func document(_ frame: String, nullable: Bool = true, data: String) -> String {
        #"{"schema":{"fields":[{"name":"f","typeInfo":{"frame":"\#(frame)","nullable":\#(nullable)}}]},"data":\#(data)}"#
    }

    private func code(_ document: String) -> FrameError.Code? {
        do {
            _ = try JSONFrame.read(Array(document.utf8))
            return nil
        } catch {
            #expect(!error.message.isEmpty && !error.remedy.isEmpty)
            return error.code
        }
    }

    @Test(
        arguments: [
            #"{"schema":{"fields":[]},"more":1}"#, #"{"data":{"values":[]},"schema":{"fields":[]}}"#, #"{"data":{"values":[]}}"#,
            "{}", "[]", "7",
            #"{"schema":{"fields":[]},"schema":{"fields":[]}}"#, #"{"schema":{"fields":[]},"data":{"values":[],"rows":1}}"#,
            #"{"schema":{"fields":[]},"data":{"entities":[],"values":[]}}"#,
            #"{"schema":{"fields":[]},"data":{"nanos":[],"values":[]}}"#,
            #"{"schema":{"fields":[]},"data":{"values":[[1]]}}"#, #"{"schema":{"fields":[{"name":"a"}]}}"#,
            #"{"schema":{"fields":[{"typeInfo":{}}]}}"#, #"{"schema":{"fields":[{"typeInfo":{"frame":"int65"}}]}}"#,
            #"{"schema":{"fields":[{"typeInfo":{"frame":"int8","nullable":1}}]}}"#, #"{"schema":{"fields":{}}}"#,
            #"{"schema":[]}"#,
            #"{"schema":{"name":1,"fields":[]}}"#,
            #"{"schema":{"fields":[{"typeInfo":{"frame":"int8"}},{"typeInfo":{"frame":"int8"}}]},"data":{"values":[[1],[1,2]]}}"#,
            #"{"schema":{"fields":[{"typeInfo":{"frame":"int8"}},{"typeInfo":{"frame":"int8"}}]},"data":{"values":[[1]]}}"#,
            document("int64", nullable: false, data: #"{"values":[[1,null]]}"#),
            document("string", nullable: false, data: #"{"values":[[null]]}"#),
            document("float64", nullable: false, data: #"{"values":[[1,null]]}"#),
            document("bool", data: #"{"values":[[0]]}"#), document("string", data: #"{"values":[[1]]}"#),
            document("int64", data: #"{"values":[[1]],"entities":[{"NaN":[0]}]}"#),
            document("float64", data: #"{"values":[[null]],"entities":[{"NaN":[1]}]}"#),
            document("float64", data: #"{"values":[[null]],"entities":[{"NaN":[-1]}]}"#),
            document("float64", data: #"{"values":[[null]],"entities":[{"Infinity":[0]}]}"#),
            document("float64", data: #"{"values":[[null]],"entities":[{"NaN":[0],"NaN":[0]}]}"#),
            document("float64", data: #"{"values":[[null]],"entities":[null,null]}"#),
            document("int64", data: #"{"values":[[1]],"nanos":[[1]]}"#),
            document("time.Time", data: #"{"values":[[1]],"nanos":[[1000000]]}"#),
            document("time.Time", data: #"{"values":[[1]],"nanos":[[-1]]}"#),
            document("time.Time", data: #"{"values":[[1]],"nanos":[[1,1]]}"#),
            document("time.Time", data: #"{"values":[[9223372036855]]}"#),
            document("time.Time", data: #"{"values":[[9223372036854]],"nanos":[[775808]]}"#),
        ])
    func documentsThatAreNoFramesAreRefused(document: String) {
        #expect(code(document) == .malformedFrameJSON, "\(document)")
    }

    @Test(
        arguments: [
            "", "{", #"{"schema""#, #"{"schema":{"fields":[]}}x"#, #"{"schema":{"fields":[],}}"#,
            #"{"schema":{"fields":[],"x":01}}"#,
            #"{"schema":{"fields":[],"x":"\x"}}"#, #"{"schema":{"fields":[],"x":"\u12G4"}}"#,
            "{\"schema\":{\"fields\":[],\"x\":\"\u{1}\"}}",
            #"{"schema":{"fields":[],"x":tru}}"#, #"{"schema":{"fields":[],"x":[1 2]}}"#, #"{"schema":{"fields":[],"x":1.}}"#,
            #"{"schema":{"fields":[],"x":NaN}}"#, #"{"schema":{"fields":[],"x":{"a" 1}}}"#, #"{"schema":{"fields":[],"x":[1,]}}"#,
            document("int8", data: #"{"values":[[128]]}"#), document("uint8", data: #"{"values":[[-1]]}"#),
            document("int64", data: #"{"values":[[9223372036854775808]]}"#),
            document("uint64", data: #"{"values":[[18446744073709551616]]}"#),
            document("int64", data: #"{"values":[[1.0]]}"#), document("int64", data: #"{"values":[[1e3]]}"#),
            document("int64", data: #"{"values":[["1"]]}"#),
            document("float64", data: #"{"values":[[1e400]]}"#), document("float32", data: #"{"values":[[1e39]]}"#),
            document("float64", data: #"{"values":[[true]]}"#),
            document("enum", data: #"{"values":[[65536]]}"#),
        ])
    func brokenTextIsRefused(document: String) {
        let code = code(document)
        #expect(code == .malformedJSON || (document.isEmpty && code == .malformedFrameJSON), "\(document)")
    }

    @Test func deepNestingIsRefusedWithoutTakingTheStack() {
        let deep = String(repeating: "[", count: 500_000)
        #expect(code(#"{"schema":{"fields":[],"x":"# + deep) == .malformedJSON)
        let deepObjects = String(repeating: #"{"a":"#, count: 200_000)
        #expect(code(#"{"schema":{"fields":[],"x":"# + deepObjects) == .malformedJSON)
        let fits = String(repeating: "[", count: 9000) + String(repeating: "]", count: 9000)
        #expect(code(#"{"schema":{"fields":[],"x":"# + fits + "}}") == nil)
    }

    @Test func whatOthersWriteIsUnderstood() throws {
        let document = #"""
             { "schema" : { "unknown" : [ {"x":null} ], "fields" : [
               { "config": {}, "labels": {"b":"\u00e9\ud83d\ude00\ud800","a":null}, "typeInfo" : {"nullable":false, "frame":"float32"}, "type":"number", "name":"v" } ],
               "refId":"A", "name":"n\/" , "meta":null } , "data" : { "values" : [ [ 1e2 , -0.5 , null ] ] , "nanos" : null, "entities":[{"Inf":[2]}] } }
            """#
        let frame = try JSONFrame.read(Array(document.utf8))
        #expect(frame.name == "n/" && frame.refID == "A" && frame.meta == nil)
        #expect(frame.fields[0].labels == ["a": "", "b": "é😀\u{FFFD}"])
        #expect(frame.fields[0].column == .float32(PrimitiveColumn([100, -0.5, .infinity])))
        #expect(try JSONFrame.read(Array(#"{"schema":{"fields":null}}"#.utf8)) == Frame())
    }

    @Test func errorsNameThePlace() {
        do {
            _ = try JSONFrame.read(Array(Self.document("int8", data: #"{"values":[[1,2,999]]}"#).utf8))
        } catch {
            #expect(error.byteOffset == Self.document("int8", data: #"{"values":[[1,2,"#).utf8.count - 1)
        }
    }
}
