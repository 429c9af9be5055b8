import DataFrames
import Testing

@Suite struct ArrowRejectionTests {
    private func code(_ file: HandmadeArrow) -> FrameError.Code? { code(file.bytes()) }

    private func code(_ bytes: [UInt8]) -> FrameError.Code? {
        do {
            _ = try ArrowFile.read(bytes)
            return nil
        } catch {
            #expect(!error.message.isEmpty && !error.remedy.isEmpty)
            return error.code
        }
    }

    private func handmade(_ change: (inout HandmadeArrow) -> Void) -> HandmadeArrow {
        var file = HandmadeArrow()
        change(&file)
        return file
    }

    @Test func theHandmadeFileIsLegalByItself() {
        #expect(code(HandmadeArrow()) == nil)
    }

    @Test func whatIsNoArrowFileIsNamedSo() throws {
        let file = try ArrowFile.write(Samples.series())
        #expect(code([]) == .notAnArrowFile)
        #expect(code(Array("ARROW1".utf8)) == .notAnArrowFile)
        #expect(code(Array(file.dropLast())) == .notAnArrowFile)
        #expect(code(Array(file.prefix(file.count / 2))) == .notAnArrowFile)
        #expect(code(Array(#"{"schema":{"fields":[]}}"#.utf8)) == .notAnArrowFile)
        do {
            _ = try ArrowFile.read(Array(file.dropFirst(8).dropLast(10)))
        } catch {
            #expect(error.message.contains("stream"))
        }
    }

    @Test(arguments: [0, 0xFFFF_FFFF, 4000] as [UInt32]) func footersOfImpossibleLengthAreRefused(length: UInt32) throws {
        var file = try ArrowFile.write(Samples.series())
        withUnsafeBytes(of: length.littleEndian) { file.replaceSubrange(file.count - 10..<file.count - 6, with: $0) }
        #expect(code(file) == .notAnArrowFile)
    }

    @Test func foreignTypesAreRefusedByName() throws {
        for (type, name) in [
            (ArrowSchemaNumbers.largeUtf8, "LargeUtf8"), (ArrowSchemaNumbers.utf8View, "Utf8View"),
            (ArrowSchemaNumbers.date, "Date"), (200, "type 200"),
        ] {
            do {
                _ = try ArrowFile.read(handmade { $0.typeID = type }.bytes())
                Issue.record("\(name) was accepted")
            } catch {
                #expect(error.code == .unsupportedArrow)
                #expect(error.message.contains(name))
            }
        }
        #expect(code(handmade { ($0.typeID, $0.shortParameter) = (3, 0) }) == .unsupportedArrow)  // half precision
        #expect(code(handmade { ($0.typeID, $0.bitWidth) = (2, 128) }) == .unsupportedArrow)
        #expect(code(handmade { $0.shortParameter = 4 }) == .unsupportedArrow)  // a unit that does not exist
    }

    @Test func featuresThatFramesDoNotHaveAreRefused() {
        #expect(code(handmade { $0.compressed = true }) == .unsupportedArrow)
        #expect(code(handmade { $0.hasDictionary = true }) == .unsupportedArrow)
        #expect(code(handmade { $0.dictionaryBlocks = 1 }) == .unsupportedArrow)
        #expect(code(handmade { $0.hasChildren = true }) == .unsupportedArrow)
        #expect(code(handmade { $0.endianness = 1 }) == .unsupportedArrow)
        #expect(code(handmade { $0.version = 1 }) == .unsupportedArrow)
    }

    @Test(arguments: [1, 4, -8, -16, 100_000, .max, .min] as [Int64]) func blocksOffTheGridOrTheFileAreRefused(shift: Int64) {
        #expect(code(handmade { $0.blockShift = shift }) != nil)
        #expect(code(handmade { $0.blockBodyShift = shift }) == .malformedArrow)
    }

    @Test func messagesThatContradictTheFooterAreRefused() {
        #expect(code(handmade { $0.headerType = 1 }) == .malformedArrow)
        #expect(code(handmade { $0.messageBodyLength = 8 }) == .malformedArrow)
    }

    @Test func nodesAndBuffersMustFitTheSchema() {
        #expect(code(handmade { $0.nodes = [] }) == .malformedArrow)
        #expect(code(handmade { $0.nodes = [(2, 0), (2, 0)] }) == .malformedArrow)
        #expect(code(handmade { $0.nodes = [(3, 0)] }) == .malformedArrow)
        #expect(code(handmade { $0.nodes = [(2, 3)] }) == .malformedArrow)
        #expect(code(handmade { $0.buffers = [(0, 0)] }) == .malformedArrow)
        #expect(code(handmade { $0.buffers.append((0, 0)) }) == .malformedArrow)
        #expect(code(handmade { $0.nodes = [(2, 1)] }) == .malformedArrow)  // nulls without a bitmap
    }

    @Test(arguments: [(0, 15), (8, 16), (-8, 16), (0, -1), (.max, 16), (8, .max), (.max, .max)] as [(Int64, Int64)])
    func buffersOutsideTheBodyAreRefused(offset: Int64, length: Int64) {
        #expect(code(handmade { $0.buffers[1] = (offset, length) }) == .malformedArrow)
    }

    @Test(arguments: [-1, 3, 1 << 40, .max] as [Int64]) func impossibleRowCountsAreRefused(rows: Int64) {
        #expect(code(handmade { ($0.rows, $0.nodes) = (rows, [(rows, 0)]) }) == .malformedArrow)
    }

    @Test(arguments: [[1, 0, 0], [0, 9, 9], [0, -1, 4], [-4, 0, 4]] as [[Int32]]) func textOffsetsMustAscendWithinTheText(
        offsets: [Int32]
    ) {
        let file = handmade {
            $0.typeID = ArrowSchemaNumbers.utf8
            $0.body =
                offsets.flatMap { offset in withUnsafeBytes(of: offset.littleEndian) { Array($0) } } + [0, 0, 0, 0]
                + Array("abcdefgh".utf8)
            $0.buffers = [(0, 0), (0, 12), (16, 8)]
        }
        #expect(code(file) == .malformedArrow)
    }

    @Test func hiddenNullsAreRefused() {
        let file = handmade {
            $0.nullable = false
            $0.nodes = [(2, 1)]
            $0.buffers = [(16, 1), (0, 16)]
            $0.body = HandmadeArrow.words([1, 0, 0b01])
        }
        #expect(code(file) == .malformedArrow)
    }

    @Test func timesOutsideTheRangeAreRefused() {
        #expect(code(handmade { ($0.shortParameter, $0.body) = (1, HandmadeArrow.words([.max / 1000, 0])) }) == .malformedArrow)
    }

    @Test(
        arguments: [
            ("labels", #"{"a":1}"#), ("labels", "[]"), ("labels", "{"), ("config", "7"), ("config", #"{"displayNameFromDS":1}"#),
            ("labels", "{} x"),
        ])
    func badFieldMetadataFailsTheFrame(key: String, value: String) {
        let code = code(handmade { $0.metadata = [(key, value)] })
        #expect(code == .malformedMetadata || code == .malformedJSON)
    }

    @Test(
        arguments: [
            #"{"typeVersion":"0.1"}"#, #"{"typeVersion":[-1,0]}"#, #"{"type":1}"#, #"{"notices":[{"severity":"debug"}]}"#,
            #"{"notices":[{"severity":"info","inspect":"meta"}]}"#, #"{"notices":{}}"#, #"{"stats":1}"#, #"{"channel":[]}"#, "[]",
            "{bad", "",
        ])
    func badFrameMetadataFailsTheFrame(meta: String) {
        let code = code(handmade { $0.schemaMetadata = [("meta", meta)] })
        #expect(code == .malformedMetadata || code == .malformedJSON)
    }

    @Test func nullMetadataIsNone() throws {
        let frame = try ArrowFile.read(
            handmade { ($0.schemaMetadata, $0.metadata) = ([("meta", "null")], [("labels", "null")]) }.bytes())
        #expect(frame.meta == nil && frame.fields[0].labels == nil)
    }

    @Test func aSmallFileCannotAskForMuchMemory() {
        // A thousand blocks that all name the same batch.
        let file = handmade {
            $0.batchCount = 1000
            $0.body = [UInt8](repeating: 0, count: 1 << 20)
            $0.buffers = [(0, 0), (0, 1 << 20)]
            $0.rows = 1 << 17
            $0.nodes = [(1 << 17, 0)]
        }
        #expect(code(file) == .amplification)
    }
}
