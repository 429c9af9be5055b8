import DataFrames
import Testing

@Suite struct JSONRoundTripTests {
    @Test func everyTypeSurvives() throws {
        let frame = Samples.allTypes()
        #expect(try JSONFrame.read(JSONFrame.write(frame)) == frame)
    }

    @Test func randomFramesSurviveWhole() throws {
        var frames = RandomFrames(numbers: .fresh())
        for round in 0..<1500 {
            let frame = frames.frame()
            let document = try JSONFrame.write(frame)
            let read = try JSONFrame.read(document)
            try #require(
                read == frame, "seed \(frames.numbers.seed), round \(round): \(String(decoding: document, as: UTF8.self))")
        }
    }

    @Test func bothFormsTellTheSame() throws {
        var frames = RandomFrames(numbers: .fresh())
        for round in 0..<300 {
            let frame = frames.frame()
            let viaArrow = try JSONFrame.write(ArrowFile.read(ArrowFile.write(frame)))
            let direct = try JSONFrame.write(frame)
            try #require(viaArrow == direct, "seed \(frames.numbers.seed), round \(round)")
        }
    }

    @Test func timesAtBothEndsSurvive() throws {
        let times: [Int64] = [.min, .min + 1, -1_000_001, -1_000_000, -999_999, -1, 0, 1, 999_999, 1_000_000, .max - 1, .max]
        let frame = Frame(fields: [Field(name: "t", nullable: false, column: .timestamp(PrimitiveColumn(times)))])
        #expect(try JSONFrame.read(JSONFrame.write(frame)) == frame)
    }
}
