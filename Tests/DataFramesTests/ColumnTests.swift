import DataFrames
import Testing

@Suite struct ColumnTests {
    @Test func validityHasNoBitmapUntilTheFirstNull() {
        var validity = Validity()
        for _ in 0..<11 { validity.appendValid() }
        #expect(validity.bitmap.isEmpty && validity.count == 11)
        validity.appendNull()
        #expect(validity.bitmap == [0xFF, 0x07])
        validity.appendValid(count: 9)
        #expect(validity.bitmap == [0xFF, 0xF7, 0x1F])
        #expect(validity.nullCount == 1 && validity.count == 21)
        #expect(!validity.isValid(11) && validity.isValid(12) && !validity.isValid(21) && !validity.isValid(-1))
    }

    @Test func nullSlotsHoldZeroAndRowsOutsideAreNil() {
        let column = PrimitiveColumn<Int64>([7, nil, 9])
        #expect(Array(column.values) == [7, 0, 9])
        #expect(column[0] == 7 && column[1] == nil && column[3] == nil && column[-1] == nil)
        let bools = BoolColumn([true, nil, false, true])
        #expect(bools.bits == [0b1001])
        #expect(bools[1] == nil && bools[3] == true && bools[4] == nil)
        let texts = TextColumn(["ab", nil, ""])
        #expect(texts.offsets == [0, 2, 2, 2])
        #expect(texts[0] == "ab" && texts[1] == nil && texts[2] == "" && texts[3] == nil)
    }

    @Test(
        arguments: [
            ([0x61, 0x80, 0x62], "a\u{FFFD}b"), ([0xC0, 0xAF], "\u{FFFD}\u{FFFD}"), ([0xE2, 0x82, 0xAC], "€"),
            ([0xE2, 0x82], "\u{FFFD}\u{FFFD}"),
            ([0xED, 0xA0, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}"), ([0xF4, 0x90, 0x80, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
            ([0xF0, 0x9F, 0x98, 0x80], "😀"), ([], ""), ([0x00], "\u{0}"), ([0xE0, 0x80, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}"),
        ] as [([UInt8], String)])
    func eachBadByteBecomesOneReplacementCharacter(bytes: [UInt8], expected: String) {
        var column = TextColumn()
        column.append(utf8: bytes)
        // Behind a run of ASCII, where whole words are skipped at a time.
        column.append(utf8: Array("0123456789abcdef".utf8) + bytes + Array("tail".utf8))
        #expect(Array(column.bytes(at: 0)) == Array(expected.utf8))
        #expect(Array(column.bytes(at: 1)) == Array(("0123456789abcdef" + expected + "tail").utf8))
    }

    @Test func columnsCompareByBitsAndIgnoreNothingElse() {
        #expect(PrimitiveColumn<Double>([.nan]) == PrimitiveColumn<Double>([.nan]))
        #expect(PrimitiveColumn<Double>([0.0]) != PrimitiveColumn<Double>([-0.0]))
        #expect(PrimitiveColumn<Double>([0.0]) != PrimitiveColumn<Double>([nil]))
        #expect(TextColumn(["é"]) != TextColumn(["e\u{301}"]))
        #expect(Column.int64(PrimitiveColumn([1])) != Column.timestamp(PrimitiveColumn([1])))
    }
}
