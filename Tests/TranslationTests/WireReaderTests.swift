import Testing

@testable import Translation

@Suite("Reading protobuf")
struct WireReaderTests {
    private func skipAll(_ bytes: [UInt8]) throws(WireError) {
        try bytes.readWire { reader throws(WireError) in
            while !reader.isAtEnd { try reader.skip(try reader.tag()) }
        }
    }

    @Test(
        "Bad bytes are named with their place",
        arguments: [
            ([0x08], .truncatedVarint, 1), ([0x08, 0xff], .truncatedVarint, 1), ([0x88], .truncatedVarint, 0),
            ([0x08] + [UInt8](repeating: 0x80, count: 10) + [0x01], .overlongVarint, 1),
            ([0x08] + [UInt8](repeating: 0xff, count: 9) + [0x02], .overlongVarint, 1),
            ([0x09, 1, 2, 3], .truncatedFixed, 1), ([0x0d, 1, 2, 3], .truncatedFixed, 1),
            ([0x0a, 0x05, 0x00], .lengthBeyondMessage, 1),
            ([0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], .lengthBeyondMessage, 1),
            ([0x00], .invalidFieldNumber, 0), ([0xff, 0xff, 0xff, 0xff, 0x7f, 0x00], .invalidFieldNumber, 0),
            ([0x0e], .invalidWireType, 0), ([0x0f], .invalidWireType, 0), ([0x0c], .unmatchedGroupEnd, 0),
            ([0x0b], .unfinishedGroup, 0), ([0x0b, 0x14], .unmatchedGroupEnd, 1),
        ] as [([UInt8], WireError.Code, Int)])
    func malformed(_ bytes: [UInt8], _ code: WireError.Code, _ offset: Int) {
        #expect(throws: WireError(code: code, offset: offset)) { try skipAll(bytes) }
    }

    @Test("Groups are skipped with everything inside, to a bounded depth")
    func groups() throws {
        try skipAll([0x0b, 0x10, 0x01, 0x13, 0x1a, 0x01, 0xff, 0x14, 0x0c])
        let depth = 100_000
        let bomb = [UInt8](repeating: 0x0b, count: depth) + [UInt8](repeating: 0x0c, count: depth)
        #expect(throws: WireError(code: .nestingTooDeep, offset: OpenGroups.maximumDepth)) { try skipAll(bomb) }
    }

    @Test("Varints of every length come back", arguments: 0..<64)
    func varints(_ bits: Int) throws {
        for value in [UInt64(1) << bits, (UInt64(1) << bits) - 1, ~(UInt64(1) << bits)] {
            var writer = WireWriter()
            writer.varint(value)
            #expect(writer.bytes.count == WireWriter.size(ofVarint: value))
            let read = try writer.bytes.readWire { reader throws(WireError) in try reader.varint() }
            #expect(read == value)
        }
    }

    @Test("Padded varints are read, as other decoders do")
    func paddedVarint() throws {
        let read = try ([0x81, 0x80, 0x80, 0x00] as [UInt8]).readWire { reader throws(WireError) in try reader.varint() }
        #expect(read == 1)
    }

    @Test("Text is repaired byte by byte, as Go does it")
    func repair() {
        var repaired = 0
        let bytes: [UInt8] = [0x61, 0xff, 0xe2, 0x82, 0x62, 0xf0, 0x9f, 0x98, 0x80, 0xc3]
        let text = bytes.withUnsafeBytes { WireText(decoding: $0, repaired: &repaired) }
        #expect(Array(text.string.utf8) == Array("a\u{FFFD}\u{FFFD}\u{FFFD}b\u{1F600}\u{FFFD}".utf8))
        #expect(repaired == 1)
        let good = Array("long enough for eight at a time, é\u{301} and \u{1F600}".utf8)
        #expect(good.withUnsafeBytes { $0.isValidUTF8 })
        #expect(!([0xed, 0xa0, 0x80] as [UInt8]).withUnsafeBytes { $0.isValidUTF8 })
    }

    @Test("Keys are compared by their bytes")
    func keys() {
        let composed = WireText("\u{e9}")
        let decomposed = WireText("e\u{301}")
        #expect(composed.string == decomposed.string)
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
    }
}
