/// What a reply may ask for besides what its bytes hold. Two bytes are enough for a series, a table, a column, and for a row of any number of cells,
/// while each of them costs the gateway hundreds: a reply of a few megabytes could otherwise take gigabytes.
struct ReplyAllowance {
    /// Results, series and tables that may be empty, before those that follow must have some content on average.
    static let freeParts = 10_000
    /// What is expected of a part. A series of one point has 22 bytes.
    static let partSize = 20
    /// The same for the header of a column: the cells below it need some as well.
    static let columnSize = 8
    /// The same of a tag: one with a key and without a value has five bytes.
    static let tagSize = 4
    /// Cells that fill up short rows, over all tables.
    static let maximumPaddedCells = 1_000_000

    /// Bytes that the parts so far should have had.
    private var expected = 0
    private var paddedCells = 0

    /// Counts a result, series or table that begins at an offset. What stands before it is all that the plugin has paid with.
    mutating func part(at offset: Int) throws(WireError) {
        try expect(Self.partSize, at: offset)
    }

    mutating func tag(at offset: Int) throws(WireError) {
        try expect(Self.tagSize, at: offset)
    }

    /// Counts the columns of a table that ends at an offset.
    mutating func columns(_ count: Int, at offset: Int) throws(WireError) {
        try expect(count * Self.columnSize, at: offset)
    }

    private mutating func expect(_ size: Int, at offset: Int) throws(WireError) {
        expected += size
        guard expected <= offset + Self.freeParts * Self.partSize else { throw WireError(code: .tooManyParts, offset: offset) }
    }

    /// False when a table needs too many cells that are not in the reply; counts below one are none.
    mutating func pad(_ cells: Int) -> Bool {
        guard cells <= Self.maximumPaddedCells - paddedCells else { return false }
        paddedCells += max(0, cells)
        return true
    }
}
