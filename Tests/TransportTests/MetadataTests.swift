import Testing

@testable import Transport

@Suite struct MetadataTests {
    @Test func namesAreLowerCaseAndValuesStayInOrder() {
        let metadata: Metadata = ["X-One": "1", "x-two": "2", "x-ONE": "3"]
        #expect(metadata.all("x-one") == ["1", "3"])
        #expect(metadata.first("x-two") == "2")
        #expect(metadata.first("x-three") == nil)
    }

    @Test func binaryValuesSurviveWithAndWithoutPadding() {
        for length in 0...70 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 250) }
            var metadata = Metadata()
            metadata.appendBinary(bytes, forName: "trace-bin")
            #expect(metadata.binary("trace-bin") == (bytes.isEmpty ? [] : [bytes]))
        }
        #expect(Base64.decode("AQID".utf8) == [1, 2, 3])
        #expect(Base64.decode("AQ==".utf8) == [1])
        #expect(Base64.decode("AQ".utf8) == [1])
    }

    @Test(arguments: ["A", "A===", "AQ=Q", "A Q=", "ÄÄÄÄ", "AQIDB"])
    func textThatIsNotBase64IsLeftOut(_ text: String) {
        #expect(Metadata([("x-bin", text)]).binary("x-bin").isEmpty)
    }

    @Test func descriptionHoldsNoValue() {
        let metadata: Metadata = ["authorization": "canary-7f3a"]
        #expect(!"\(metadata)".contains("canary"))
        #expect(!String(reflecting: metadata).contains("canary"))
        var dumped = ""
        dump(metadata, to: &dumped)
        #expect(!dumped.contains("canary"))
    }
}
