/// Bits packed eight to a byte, lowest first: Arrow's layout of booleans and of validity.
/// In every byte array here the bits behind the last one are zero.
@usableFromInline
enum PackedBits {
    static func byteCount(_ bits: Int) -> Int { bits / 8 + (bits & 7 == 0 ? 0 : 1) }

    /// `count` bits that are all set.
    @usableFromInline
    static func ones(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0xFF, count: byteCount(count))
        clearTail(&bytes, bitCount: count)
        return bytes
    }

    /// Zeroes the bits behind the last one.
    static func clearTail(_ bytes: inout [UInt8], bitCount: Int) {
        if bitCount & 7 != 0, !bytes.isEmpty { bytes[bytes.count - 1] &= (1 << UInt8(bitCount & 7)) - 1 }
    }

    static func appendOnes(_ added: Int, to bytes: inout [UInt8], bitCount: Int) {
        guard added > 0 else { return }
        if bitCount & 7 != 0 { bytes[bytes.count - 1] |= 0xFF << UInt8(bitCount & 7) }
        let total = bitCount + added
        bytes.append(contentsOf: repeatElement(0xFF, count: byteCount(total) - bytes.count))
        clearTail(&bytes, bitCount: total)
    }

    /// Appends the bits `range` of `source` to `bytes`, which holds `bitCount` bits.
    static func append(_ source: [UInt8], _ range: Range<Int>, to bytes: inout [UInt8], bitCount: Int) {
        guard !range.isEmpty else { return }
        let total = bitCount + range.count
        if bitCount & 7 == 0 {
            let added = byteCount(range.count)
            if range.lowerBound & 7 == 0 {
                let first = range.lowerBound >> 3
                bytes.append(contentsOf: source[first..<first + added])
            } else {
                for index in 0..<added { bytes.append(byte(of: source, from: range.lowerBound + index * 8)) }
            }
        } else {
            let shift = UInt8(bitCount & 7)
            for index in 0..<byteCount(range.count) {
                var next = byte(of: source, from: range.lowerBound + index * 8)
                let left = range.count - index * 8
                if left < 8 { next &= (1 << UInt8(left)) - 1 }
                bytes[bytes.count - 1] |= next << shift
                bytes.append(next >> (8 - shift))
            }
            bytes.removeLast(bytes.count - byteCount(total))
        }
        clearTail(&bytes, bitCount: total)
    }

    static func countOnes(in source: [UInt8], _ range: Range<Int>) -> Int {
        var ones = 0
        var position = range.lowerBound
        while position < range.upperBound {
            var next = byte(of: source, from: position)
            if range.upperBound - position < 8 { next &= (1 << UInt8(range.upperBound - position)) - 1 }
            ones += next.nonzeroBitCount
            position += 8
        }
        return ones
    }

    /// Eight bits from bit `position` on; bits behind the end are zero.
    private static func byte(of source: [UInt8], from position: Int) -> UInt8 {
        let index = position >> 3
        let shift = UInt8(position & 7)
        let low = source[index] >> shift
        if shift == 0 || index + 1 >= source.count { return low }
        return low | source[index + 1] << (8 - shift)
    }
}
