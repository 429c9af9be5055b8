import Testing

@testable import DataFrames

@Suite struct ArrowWritingTests {
    /// Offset, metadata length and body length of the blocks in a file's footer.
    private func blocks(_ file: [UInt8]) throws -> [(offset: Int, metadata: Int, body: Int)] {
        try file.withUnsafeBytes { raw in
            let length = Int(raw.loadUnaligned(fromByteOffset: raw.count - 10, as: UInt32.self))
            let footer = FlatBufferView(UnsafeRawBufferPointer(rebasing: raw[raw.count - 10 - length..<raw.count - 10]), base: 0)
            guard let blocks = try footer.vector(footer.root(), slot: 3, elementSize: 24) else { return [] }
            return try (0..<blocks.count).map { index in
                let at = blocks.start + 24 * index
                return (
                    Int(try footer.load(Int64.self, at: at)), Int(try footer.load(Int32.self, at: at + 8)),
                    Int(try footer.load(Int64.self, at: at + 16))
                )
            }
        }
    }

    @Test func aFileBeginsAndEndsAsTheFormatSays() throws {
        let file = try ArrowFile.write(Samples.series())
        #expect(file.prefix(16).elementsEqual(ArrowSchema.magic + [0, 0, 0xFF, 0xFF, 0xFF, 0xFF] + file[12..<16]))
        #expect(file.suffix(6).elementsEqual(ArrowSchema.magic))
        let footer = Int(file.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: file.count - 10, as: UInt32.self) })
        #expect(footer % 8 == 0 && (file.count - 10 - footer) % 8 == 0)
        #expect(Array(file[file.count - 18 - footer..<file.count - 10 - footer]) == [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0])
    }

    @Test func blocksLieOnTheGrid() throws {
        var frames = RandomFrames(numbers: .fresh())
        for _ in 0..<300 {
            let frame = frames.frame()
            let file = try ArrowFile.write(frame)
            let blocks = try blocks(file)
            try #require(blocks.count == (frame.rowCount == 0 ? 0 : 1), "seed \(frames.numbers.seed)")
            for block in blocks {
                try #require((block.offset | block.metadata | block.body) & 7 == 0, "seed \(frames.numbers.seed)")
                try #require(Array(file[block.offset..<block.offset + 4]) == [0xFF, 0xFF, 0xFF, 0xFF])
            }
        }
    }

    @Test func framesWithoutRowsOrFieldsHaveNoBatch() throws {
        #expect(try blocks(ArrowFile.write(Frame())).isEmpty)
        #expect(try blocks(ArrowFile.write(Samples.series(milliseconds: [], values: []))).isEmpty)
    }

    @Test func columnsWithoutNullsHaveNoBitmap() throws {
        let frame = Frame(fields: [Field(name: "v", nullable: true, column: .float64(PrimitiveColumn([1, 2, 3])))])
        #expect(try blocks(ArrowFile.write(frame)).first?.body == 24)
        let withNull = Frame(fields: [Field(name: "v", nullable: true, column: .float64(PrimitiveColumn([1, nil, 3])))])
        #expect(try blocks(ArrowFile.write(withNull)).first?.body == 32)
    }

    @Test func bodiesStayWithinTheLimit() throws {
        let texts = (0..<500).map { row in row % 11 == 0 ? nil : String(repeating: "t", count: row % 97) }
        let frame = Frame(fields: [
            Field(name: "t", nullable: true, column: .utf8(TextColumn(texts))),
            Field(name: "i", nullable: false, column: .int64(PrimitiveColumn((0..<500).map { Int64($0) }))),
        ])
        let file = try ArrowFile.write(frame, bodyLimit: 2048)
        let blocks = try blocks(file)
        #expect(blocks.count > 10)
        #expect(blocks.allSatisfy { $0.body <= 2048 })
        #expect(try ArrowFile.read(file) == frame)
        #expect(try self.blocks(ArrowFile.write(frame)).count == 1)
    }

    @Test func aRowThatFitsNoBatchIsRefused() {
        let frame = Frame(fields: [
            Field(name: "t", nullable: false, column: .utf8(TextColumn(["", String(repeating: "x", count: 1000)])))
        ])
        #expect { try ArrowFile.write(frame, bodyLimit: 512) } throws: { error in
            (error as? FrameError)?.code == .frameTooLarge && (error as? FrameError)?.message.contains("Row 1") == true
        }
    }

    @Test func aFullTextColumnIsRefusedRatherThanCut() {
        var column = TextColumn(["kept"])
        column.exceededCapacity = true
        let frame = Frame(fields: [Field(name: "t", nullable: false, column: .utf8(column))])
        #expect { try ArrowFile.write(frame) } throws: { ($0 as? FrameError)?.code == .frameTooLarge }
        #expect { try JSONFrame.write(frame) } throws: { ($0 as? FrameError)?.code == .frameTooLarge }
    }

    @Test func aFieldsMetadataIsSortedJSON() throws {
        let file = try ArrowFile.write(Samples.series())
        let text = String(decoding: file, as: UTF8.self)
        #expect(text.contains(#"{"dc":"x","host":"a"}"#))
        #expect(text.contains(#"{"displayNameFromDS":"cpu"}"#))
        #expect(text.contains(#"{"type":"timeseries-multi","typeVersion":[0,1]}"#))
    }
}
