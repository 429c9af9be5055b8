/// A varint of at most eight bytes, read from a word at once.
struct ShortVarint {
    let value: UInt64
    let size: Int

    /// - Parameter word: the eight bytes where the varint begins, in the order of memory. Nil when it is longer.
    @inline(__always)
    init?(_ word: UInt64) {
        let word = UInt64(littleEndian: word)
        let stops = ~word & 0x8080_8080_8080_8080
        guard stops != 0 else { return nil }
        size = (stops.trailingZeroBitCount >> 3) &+ 1
        // Keep the varint's bytes, drop the continuation bits, close the gaps pairwise.
        var bits = word & (stops ^ (stops &- 1)) & 0x7f7f_7f7f_7f7f_7f7f
        bits = (bits & 0x007f_007f_007f_007f) | ((bits & 0x7f00_7f00_7f00_7f00) >> 1)
        bits = (bits & 0x0000_3fff_0000_3fff) | ((bits & 0x3fff_0000_3fff_0000) >> 2)
        value = (bits & 0x0fff_ffff) | ((bits & 0x0fff_ffff_0000_0000) >> 4)
    }
}
