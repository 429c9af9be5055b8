/// Which rows go into which record batch, so that no body exceeds what readers accept.
struct ArrowBatchPlan {
    private let fields: [Field]
    private let limit: Int

    /// Row ranges in order. None when there are no rows.
    static func ranges(_ frame: Frame, bodyLimit: Int) throws(FrameError) -> [Range<Int>] {
        let plan = ArrowBatchPlan(fields: frame.fields, limit: bodyLimit)
        let rows = frame.rowCount
        var ranges: [Range<Int>] = []
        var start = 0
        while start < rows {
            let end = try plan.end(from: start, rows: rows)
            ranges.append(start..<end)
            start = end
        }
        return ranges
    }

    private func end(from start: Int, rows: Int) throws(FrameError) -> Int {
        if bodyBound(start..<rows) <= limit { return rows }
        var fits = start
        var tooFar = rows
        while tooFar - fits > 1 {
            let middle = fits + (tooFar - fits) / 2
            if bodyBound(start..<middle) <= limit { fits = middle } else { tooFar = middle }
        }
        guard fits > start else {
            throw FrameError(
                .frameTooLarge, "Row \(start) alone takes more than the \(limit) bytes that a record batch may have.",
                remedy: "The query must return smaller cells: readers of Arrow files refuse larger batches.")
        }
        // Batches that start on a full byte of the bitmaps copy faster; a few rows less cost nothing.
        let rounded = fits & ~7
        return rounded > start ? rounded : fits
    }

    /// The size of a body with these rows, at most.
    private func bodyBound(_ range: Range<Int>) -> Int {
        fields.reduce(0) { size, field in
            let bits = ArrowSchema.padded(PackedBits.byteCount(range.count))
            let validity = field.column.nullCount == 0 ? 0 : bits
            switch field.column {
            case .bool: return size + validity + bits
            case .utf8(let column), .json(let column):
                let text = Int(column.offsets[range.upperBound]) - Int(column.offsets[range.lowerBound])
                return size + validity + ArrowSchema.padded(4 * (range.count + 1)) + ArrowSchema.padded(text)
            default: return size + validity + ArrowSchema.padded(range.count * field.column.kind.byteWidth)
            }
        }
    }
}

extension ColumnKind {
    /// Bytes of a cell; 0 for types whose cells have no fixed number of bytes.
    var byteWidth: Int {
        switch self {
        case .int8, .uint8: 1
        case .int16, .uint16, .enumeration: 2
        case .int32, .uint32, .float32: 4
        case .timestamp, .int64, .uint64, .float64: 8
        case .bool, .utf8, .json: 0
        }
    }
}
