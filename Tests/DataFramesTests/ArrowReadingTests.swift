import DataFrames
import Testing

/// Legal files that our own writer does not make.
@Suite struct ArrowReadingTests {
    private func times(_ file: HandmadeArrow) throws -> [Int64] {
        guard case .timestamp(let column) = try ArrowFile.read(file.bytes()).fields[0].column else {
            Issue.record("not a time column")
            return []
        }
        return Array(column.values)
    }

    @Test(arguments: [(0, 1_000_000_000), (1, 1_000_000), (2, 1000), (3, 1)] as [(Int16, Int64)])
    func timesOfEveryUnitBecomeNanoseconds(unit: Int16, factor: Int64) throws {
        var file = HandmadeArrow()
        file.shortParameter = unit
        #expect(try times(file) == [1000 * factor, 2000 * factor])
    }

    @Test func nullTimesBeyondTheRangeDoNotMatter() throws {
        var file = HandmadeArrow()
        file.shortParameter = 0
        file.nodes = [(2, 1)]
        file.buffers = [(16, 1), (0, 16)]
        file.body = HandmadeArrow.words([.max, 2, 0b10])
        #expect(try times(file) == [0, 2_000_000_000])
    }

    @Test func olderWritersAreUnderstood() throws {
        var file = HandmadeArrow()
        file.version = 3
        file.legacyPrefix = true
        #expect(try times(file) == [1000, 2000])
    }

    @Test func validityIsIgnoredWithoutNulls() throws {
        var file = HandmadeArrow()
        file.buffers = [(16, 8), (0, 16)]
        file.body += [0, 0, 0, 0, 0, 0, 0, 0]
        #expect(try ArrowFile.read(file.bytes()).fields[0].column.nullCount == 0)
    }

    @Test func theFirstOfRepeatedMetadataKeysCounts() throws {
        var file = HandmadeArrow()
        file.schemaMetadata = [("name", "first"), ("name", "second")]
        #expect(try ArrowFile.read(file.bytes()).name == "first")
    }

    @Test func batchesAreJoined() throws {
        var file = HandmadeArrow()
        file.batchCount = 3
        #expect(try times(file) == [1000, 2000, 1000, 2000, 1000, 2000])
    }

    @Test func offsetsOfTextsMayStartLaterAndNullsMayHideText() throws {
        var file = HandmadeArrow()
        file.typeID = ArrowSchemaNumbers.utf8
        file.nodes = [(2, 1)]
        // Offsets 2, 4, 6 into "abcdef"; the second row is null although it has text.
        file.body = [2, 0, 0, 0, 4, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0] + Array("abcdef\0\0".utf8) + [0b01, 0, 0, 0, 0, 0, 0, 0]
        file.buffers = [(24, 1), (0, 12), (16, 6)]
        guard case .utf8(let column) = try ArrowFile.read(file.bytes()).fields[0].column else {
            Issue.record("not a text column")
            return
        }
        #expect(column.offsets == [0, 2, 2])
        #expect(column[0] == "cd" && column[1] == nil)
    }
}

enum ArrowSchemaNumbers {
    static let binary: UInt8 = 4
    static let utf8: UInt8 = 5
    static let date: UInt8 = 8
    static let largeUtf8: UInt8 = 20
    static let utf8View: UInt8 = 24
}
