/// The Huffman code of header fields (RFC 7541 appendix B), which is canonical: the lengths of its codes say everything.
enum HuffmanCode {
    /// The symbols by the length of their code, and within it by their number. 256 is the end of the text.
    private static let symbolsByLength: [(length: Int, symbols: [UInt16])] = [
        (5, [48, 49, 50, 97, 99, 101, 105, 111, 115, 116]),
        (
            6,
            [
                32, 37, 45, 46, 47, 51, 52, 53, 54, 55, 56, 57, 61, 65, 95, 98, 100, 102, 103, 104, 108, 109, 110, 112, 114, 117,
            ]
        ),
        (
            7,
            [
                58, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 89, 106, 107, 113,
                118,
                119, 120, 121, 122,
            ]
        ),
        (8, [38, 42, 44, 59, 88, 90]),
        (10, [33, 34, 40, 41, 63]),
        (11, [39, 43, 124]),
        (12, [35, 62]),
        (13, [0, 36, 64, 91, 93, 126]),
        (14, [94, 125]),
        (15, [60, 96, 123]),
        (19, [92, 195, 208]),
        (20, [128, 130, 131, 162, 184, 194, 224, 226]),
        (21, [153, 161, 167, 172, 176, 177, 179, 209, 216, 217, 227, 229, 230]),
        (
            22,
            [
                129, 132, 133, 134, 136, 146, 154, 156, 160, 163, 164, 169, 170, 173, 178, 181, 185, 186, 187, 189, 190, 196, 198,
                228, 232, 233,
            ]
        ),
        (
            23,
            [
                1, 135, 137, 138, 139, 140, 141, 143, 147, 149, 150, 151, 152, 155, 157, 158, 165, 166, 168, 174, 175, 180, 182,
                183, 188, 191, 197, 231, 239,
            ]
        ),
        (24, [9, 142, 144, 145, 148, 159, 171, 206, 215, 225, 236, 237]),
        (25, [199, 207, 234, 235]),
        (26, [192, 193, 200, 201, 202, 205, 210, 213, 218, 219, 238, 240, 242, 243, 255]),
        (27, [203, 204, 211, 212, 214, 221, 222, 223, 241, 244, 245, 246, 247, 248, 250, 251, 252, 253, 254]),
        (28, [2, 3, 4, 5, 6, 7, 8, 11, 12, 14, 15, 16, 17, 18, 19, 20, 21, 23, 24, 25, 26, 27, 28, 29, 30, 31, 127, 220, 249]),
        (30, [10, 13, 22, 256]),
    ]

    /// All codes of one length. Codes are compared as the upper bits of 32.
    private struct Level {
        var length: Int
        /// Of the first symbol of this length, in its lower bits.
        var firstCode: UInt32
        /// Above the last code of this length.
        var limit: UInt64
        /// Of the first symbol of this length, in `symbols`.
        var offset: Int
    }

    private struct Tables {
        var symbols: [UInt16] = []
        var levels: [Level] = []
        /// By the next eight bits: symbol and length of the code they begin with, or length 0 when it is longer.
        var short = [(symbol: UInt8, length: UInt8)](repeating: (0, 0), count: 256)

        init() {
            var code: UInt32 = 0
            var length = 0
            for group in HuffmanCode.symbolsByLength {
                code <<= UInt32(group.length - length)
                length = group.length
                let level = Level(
                    length: length, firstCode: code, limit: UInt64(code + UInt32(group.symbols.count)) << UInt64(32 - length),
                    offset: self.symbols.count)
                for symbol in group.symbols {
                    if length <= 8 {
                        let first = Int(code) << (8 - length)
                        for index in first..<(first + 1 << (8 - length)) {
                            self.short[index] = (UInt8(truncatingIfNeeded: symbol), UInt8(length))
                        }
                    }
                    code += 1
                }
                self.symbols += group.symbols
                if length > 8 { self.levels.append(level) }
            }
        }
    }

    private static let tables = Tables()

    /// How many bytes the text has when it is decoded; nil when it is not valid.
    static func decodedLength(_ bytes: UnsafeRawBufferPointer) -> Int? {
        var count = 0
        return self.walk(bytes) { _ in count += 1 } ? count : nil
    }

    /// False when the text is not valid.
    static func decode(_ bytes: UnsafeRawBufferPointer, into text: inout [UInt8]) -> Bool {
        self.walk(bytes) { text.append($0) }
    }

    @inline(__always)
    private static func walk(_ bytes: UnsafeRawBufferPointer, _ body: (UInt8) -> Void) -> Bool {
        let tables = self.tables
        var index = 0
        /// The next bits, the first one at the top, and how many there are.
        var bits: UInt64 = 0
        var count = 0
        while true {
            while count <= 56, index < bytes.count {
                bits |= UInt64(bytes[index]) << UInt64(56 - count)
                count += 8
                index += 1
            }
            if count == 0 { return true }
            let short = tables.short[Int(bits >> 56)]
            var length = Int(short.length)
            if length > 0, length <= count {
                body(short.symbol)
            } else if let long = self.long(bits, tables), long.length <= count, long.symbol < 256 {
                length = long.length
                body(UInt8(truncatingIfNeeded: long.symbol))
            } else {
                // What is left is padding: fewer than eight bits, all of them ones.
                return count < 8 && bits >> UInt64(64 - count) == (1 << UInt64(count)) - 1
            }
            bits <<= UInt64(length)
            count -= length
        }
    }

    private static func long(_ bits: UInt64, _ tables: Tables) -> (symbol: UInt16, length: Int)? {
        let next = bits >> 32
        guard let level = tables.levels.first(where: { next < $0.limit }) else { return nil }
        let code = UInt32(truncatingIfNeeded: next) >> UInt32(32 - level.length)
        guard code >= level.firstCode else { return nil }
        return (tables.symbols[level.offset + Int(code - level.firstCode)], level.length)
    }
}
