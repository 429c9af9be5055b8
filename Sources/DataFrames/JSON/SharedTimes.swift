/// The times of a frame and how they were written, for the next frame of an answer: series that were asked for together often have the same times.
package struct SharedTimes: Sendable {
    private var times = ColumnValues<Int64>()
    /// The frame, and where in it the times stand.
    private var text: [UInt8] = []
    private var place = 0..<0
    private(set) var haveRemainders = false

    package init() {}

    /// The cells of a column as they were written in the frame before; nil when that had others.
    func written(_ column: TimestampColumn) -> ArraySlice<UInt8>? {
        guard column.count > 0, column.validity.nullCount == 0, column.values.hasSameBits(as: times) else { return nil }
        return text[place]
    }

    /// - Parameters:
    ///   - text: the whole frame; sharing it costs nothing as long as nobody changes it.
    ///   - place: where in it the cells of the column stand.
    mutating func keep(_ column: TimestampColumn, haveRemainders: Bool, in text: [UInt8], at place: Range<Int>) {
        guard column.validity.nullCount == 0 else { return }
        (times, self.haveRemainders, self.text, self.place) = (column.values, haveRemainders, text, place)
    }
}
