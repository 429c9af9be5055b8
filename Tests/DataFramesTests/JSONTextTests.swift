import DataFrames
import Testing

@Suite struct JSONTextTests {
    private func text(_ source: String) throws -> JSONText { try JSONText(validating: Array(source.utf8)) }

    @Test func whiteSpaceGoesAndDigitsStay() throws {
        #expect(
            try text(" {\n \"a b\" : [ 1.50 , 12345678901234567890 , \"x \\\" y\" ] }\t").description
                == #"{"a b":[1.50,12345678901234567890,"x \" y"]}"#)
    }

    @Test func invalidUTF8InsideIsRepaired() throws {
        #expect(try JSONText(validating: [0x22, 0xFF, 0x22]).string == "\u{FFFD}")
    }

    @Test(arguments: ["", " ", "{bad", "1 2", "'x'", "[1,]", "nul", "\"\n\"", "+1", "-", "1e", ".5"]) func whatIsNotJSONIsRefused(
        source: String
    ) {
        #expect(throws: FrameError.self) { try text(source) }
    }

    @Test func kindsCanBeLookedInto() throws {
        let object = try text(#"{"s":"x\n","i":-7,"f":1.5,"a":[1,null],"s":"last","o":{"n":null}}"#)
        #expect(object["s"]?.string == "last")
        #expect(object["i"]?.integer == -7)
        #expect(object["f"]?.integer == nil && object["f"]?.string == nil)
        #expect(object["a"]?.elements?.count == 2 && object["a"]?.elements?.last?.isNull == true)
        #expect(object["o"]?["n"]?.isNull == true && object["missing"] == nil)
        #expect(object.members?.map(\.key) == ["s", "i", "f", "a", "s", "o"])
        #expect(object.elements == nil && JSONText(integer: 3).members == nil)
    }

    @Test func keysAreComparedByBytes() throws {
        let object = try text("{\"\u{e9}\":1,\"e\u{301}\":2}")
        #expect(object["\u{e9}"]?.integer == 1)
        #expect(object["e\u{301}"]?.integer == 2)
    }

    @Test func documentsAreComposed() {
        let document = JSONText(object: [
            JSONMember(key: "a\"", value: JSONText(array: [JSONText(integer: .min), JSONText(string: "\u{0}"), .null]))
        ])
        #expect(document.description == #"{"a\"":[-9223372036854775808,"\u0000",null]}"#)
    }
}
