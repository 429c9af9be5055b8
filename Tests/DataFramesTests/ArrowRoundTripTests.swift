import DataFrames
import Testing

@Suite struct ArrowRoundTripTests {
    @Test func everyTypeSurvives() throws {
        let frame = Samples.allTypes()
        #expect(try ArrowFile.read(ArrowFile.write(frame)) == frame)
    }

    @Test func seriesKeepNamesLabelsConfigAndMeta() throws {
        let frame = Samples.series()
        #expect(try ArrowFile.read(ArrowFile.write(frame)) == frame)
    }

    @Test func randomFramesSurviveWhole() throws {
        var frames = RandomFrames(numbers: .fresh())
        for round in 0..<1500 {
            let frame = frames.frame()
            let read = try ArrowFile.read(ArrowFile.write(frame))
            // Without rows or fields there is no batch to hold what does not exist; everything else must come back.
            try #require(read == frame, "seed \(frames.numbers.seed), round \(round)")
        }
    }

    @Test func randomFramesSurviveInManyBatches() throws {
        var frames = RandomFrames(numbers: .fresh())
        for round in 0..<400 {
            let frame = frames.frame(maximumRows: 120, maximumFields: 4)
            let limit = Int.random(in: 700...2000, using: &frames.numbers)
            let read = try ArrowFile.read(ArrowFile.write(frame, bodyLimit: limit))
            try #require(read == frame, "seed \(frames.numbers.seed), round \(round), limit \(limit)")
        }
    }

    @Test(arguments: 0...70) func bitmapsOfEveryLengthSurvive(rows: Int) throws {
        let bools = (0..<rows).map { $0 % 5 == 3 ? nil : $0 % 3 == 0 }
        let texts = (0..<rows).map { $0 % 7 == 6 ? nil : String(repeating: "x", count: $0 % 4) }
        let frame = Frame(fields: [
            Field(name: "b", nullable: true, column: .bool(BoolColumn(bools))),
            Field(name: "s", nullable: true, column: .utf8(TextColumn(texts))),
        ])
        #expect(try ArrowFile.read(ArrowFile.write(frame)) == frame)
        #expect(try ArrowFile.read(ArrowFile.write(frame, bodyLimit: 96)) == frame)
    }

    @Test func emptyLabelsDifferFromNone() throws {
        var frame = Samples.series()
        frame.fields[1].labels = Labels()
        #expect(try ArrowFile.read(ArrowFile.write(frame)).fields[1].labels == Labels())
        frame.fields[1].labels = nil
        #expect(try ArrowFile.read(ArrowFile.write(frame)).fields[1].labels == nil)
    }

    @Test func namesThatAreCanonicallyEqualStayApart() throws {
        let composed = "\u{e9}"
        let decomposed = "e\u{301}"
        var frame = Samples.series()
        frame.fields[1].labels = [composed: "1", decomposed: "2"]
        frame.fields[0].name = decomposed
        let read = try ArrowFile.read(ArrowFile.write(frame))
        #expect(read.fields[1].labels?.count == 2)
        #expect(read.fields[1].labels?[composed] == "1")
        #expect(read.fields[1].labels?[decomposed] == "2")
        #expect(Array(read.fields[0].name.utf8) == Array(decomposed.utf8))
    }

    @Test func slicesOfAFrameKeepTheirCells() throws {
        var frames = RandomFrames(numbers: .fresh())
        for round in 0..<200 {
            let frame = frames.frame(maximumRows: 80)
            let cut = Int.random(in: 0...frame.rowCount, using: &frames.numbers)
            let head = try ArrowFile.read(ArrowFile.write(frame.rows(in: 0..<cut)))
            try #require(head == frame.rows(in: 0..<cut), "seed \(frames.numbers.seed), round \(round)")
            let tail = try ArrowFile.read(ArrowFile.write(frame.rows(in: cut..<frame.rowCount)))
            try #require(tail == frame.rows(in: cut..<frame.rowCount), "seed \(frames.numbers.seed), round \(round)")
        }
    }
}
