import GatewayTestKit
import Testing

@testable import Translation

/// The quick way through a cell, a varint and a text against the one that takes everything.
@Suite("Cells of tables")
struct CellTests {
    private static let numbers: [Int64] = [
        0, 1, -1, 127, 128, 1 << 20, 1_700_000_000_000, (1 << 56) - 1, 1 << 56, .max, .min,
    ]

    /// Cells as libraries write them, with tag and length.
    private static let usual: [[UInt8]] = {
        var cells: [WireWriter] = [WireWriter()]
        func add(_ kind: Int64, _ value: (inout WireWriter) -> Void) {
            var cell = WireWriter()
            cell.int64(1, kind)
            value(&cell)
            cells.append(cell)
        }
        for number in numbers { add(2) { $0.int64(3, number) } }
        for kind in 1...5 { add(Int64(kind)) { _ in } }
        add(1) {
            $0.tag(2, .fixed64)
            $0.raw([1, 2, 3, 4, 5, 6, 7, 8])
        }
        add(3) { $0.bool(4, true) }
        for length in [1, 2, 100, 122, 123, 124, 200] {
            add(4) { $0.string(5, String(repeating: "a", count: length)) }
            add(5) { $0.data(6, Array(repeating: 0xff, count: length)) }
        }
        return cells.map { cell in
            var field = WireWriter()
            field.delimited(1, cell.bytes)
            return field.bytes
        }
    }()

    private struct Seen: Equatable {
        var kind: CellKind
        var bits: Int64
        var text: Range<Int>
        var end: Int

        init(_ cell: Cell, _ reader: WireReader) {
            (kind, bits, text, end) = (cell.kind, cell.int64, cell.text, reader.position)
        }
    }

    /// What the bytes are the quick way, and what they are the other; nil where they are no cell.
    private func read(_ bytes: [UInt8], end: Int? = nil) -> (usual: Seen?, any: Seen?) {
        bytes.withUnsafeBytes { memory -> (Seen?, Seen?) in
            guard let base = memory.baseAddress else { return (nil, nil) }
            var reader = WireReader(base: base, position: 0, end: end ?? memory.count)
            let usual = Cell(usual: &reader, readable: memory.count).map { Seen($0, reader) }
            if usual == nil { #expect(reader.position == 0) }
            var other = WireReader(base: base, position: 0, end: end ?? memory.count)
            guard let tag = try? other.tag(), tag.isField(1, .bytes), var message = try? other.message() else {
                return (usual, nil)
            }
            var isUnknown = false
            let cell = try? Cell(any: &message, unknownField: { _ in isUnknown = true }, unknownKind: { _ in isUnknown = true })
            return (usual, isUnknown ? nil : cell.map { Seen($0, other) })
        }
    }

    @Test("A usual cell is read the quick way, and as the same")
    func usualCells() {
        var quick = 0
        for cell in Self.usual {
            // The quick way looks at eight bytes behind the tag of an integer.
            for behind in [0, 7, 20] {
                let (usual, any) = read(cell + Array(repeating: 0xff, count: behind), end: cell.count)
                #expect(any != nil)
                if let usual {
                    #expect(usual == any)
                    quick += 1
                }
            }
        }
        // All but texts of more than 123 bytes, integers of nine and ten bytes, and short integers at the end of the memory.
        #expect(quick > 60)
    }

    @Test("What is read the quick way is what the other way reads, whatever the bytes")
    func damagedCells() {
        var random = RandomMessages(seed: 0x63_656c_6c)
        var (quick, slow) = (0, 0)
        for _ in 0..<100_000 {
            var bytes = random.pick(Self.usual) + random.pick(Self.usual)
            for _ in 0..<random.number(below: 3) {
                let place = random.number(below: min(bytes.count, 16))
                switch random.number(below: 4) {
                case 0: bytes[place] = UInt8(truncatingIfNeeded: random.generator.next())
                case 1: bytes[place] ^= 1 << UInt8(random.number(below: 8))
                case 2: bytes.remove(at: place)
                default: bytes.insert(random.pick([0x00, 0x80, 0xff, 0x0a, 0x08, 0x18, 0x11, 0x2a]), at: place)
                }
                if bytes.isEmpty { break }
            }
            let (usual, any) = read(bytes)
            if let usual {
                #expect(usual == any, "\(bytes)")
                quick += 1
            } else {
                slow += 1
            }
        }
        #expect(quick > 10_000 && slow > 1000)
    }

    @Test("A varint read from a word is the one that is read byte by byte")
    func varints() {
        for number in Self.numbers.map({ UInt64(bitPattern: $0) })
            + (0..<64).flatMap({ [(1 as UInt64) << $0, ((1 as UInt64) << $0) - 1] })
        {
            var writer = WireWriter()
            writer.varint(number)
            let bytes = writer.bytes + Array(repeating: 0xff, count: 8)
            let varint = ShortVarint(bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
            #expect(varint?.value == (number < 1 << 56 ? number : nil))
            #expect(varint?.size == (number < 1 << 56 ? writer.bytes.count : nil))
        }
    }

    @Test("A byte that is not UTF-8 is found in every place of texts of every length")
    func invalidBytes() {
        for length in 0..<40 {
            var text = Array(repeating: UInt8(ascii: "a"), count: length)
            #expect(text.withUnsafeBytes { $0.isValidUTF8 })
            for place in 0..<length {
                text[place] = 0xff
                #expect(!text.withUnsafeBytes { $0.isValidUTF8 })
                text[place] = UInt8(ascii: "a")
            }
        }
    }

    @Test("Integers below zero, texts of any length and NULL stand where they were sent")
    func table() throws {
        let words = (0..<300).map { String(repeating: "x", count: $0) }
        let cells = Self.numbers + Self.numbers.map { -($0 == .min ? 0 : $0) }
        var table = WireWriter()
        table.message(1) { $0.string(1, "number") }
        table.message(1) { $0.string(1, "text") }
        for row in 0..<300 {
            table.message(2) { line in
                line.message(1) { cell in
                    guard row % 3 > 0 else { return }
                    cell.int64(1, 2)
                    cell.int64(3, cells[row % cells.count])
                }
                // The last row has one cell.
                guard row < 299 else { return }
                line.message(1) { cell in
                    cell.int64(1, 4)
                    cell.string(5, words[row])
                }
            }
        }
        var result = WireWriter()
        result.delimited(5, table.bytes)
        var reply = WireWriter()
        reply.delimited(1, result.bytes)
        let decoded = try #require(try PluginReply(decoding: reply.bytes, .default).results.first?.tables.first)
        guard case .int64(let numbers) = decoded.fields[0].column, case .utf8(let texts) = decoded.fields[1].column else {
            Issue.record("the columns have other types")
            return
        }
        for row in 0..<300 {
            #expect(numbers[row] == (row % 3 > 0 ? cells[row % cells.count] : nil))
            #expect(texts[row] == (row < 299 ? words[row] : nil))
        }
        #expect(numbers.validity.nullCount == 100 && texts.validity.nullCount == 1)
    }
}
