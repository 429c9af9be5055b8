internal import DataFrames

/// One frame as the chunks of a stream: its rows in order, encoded piece by piece.
///
/// An Arrow chunk is a complete file with all fields. Of JSON chunks only the first has the schema.
struct FrameChunks {
    /// Room in a gRPC message for everything beside the frame.
    private static let overhead = 1 << 20
    static let maximumChunk = ReplyMerger.maximumAnswer - overhead

    private let frame: Frame
    private let format: FrameFormat
    private let options: TranslationOptions
    private let maximumSize: Int
    private var rowsPerChunk: Int
    /// The first row that no chunk has yet; nil when all is out.
    private var row: Int? = 0

    init(_ frame: Frame, _ format: FrameFormat, _ options: TranslationOptions, maximumSize: Int = Self.maximumChunk) {
        self.frame = frame
        self.format = format
        self.options = options
        self.maximumSize = maximumSize
        rowsPerChunk = options.chunkRows > 0 ? options.chunkRows : TranslationOptions.default.chunkRows
    }

    /// The next chunk; nil when every row is out. A frame without rows is one chunk.
    mutating func next() throws(FrameError) -> [UInt8]? {
        guard let first = row else { return nil }
        while true {
            let end = min(frame.rowCount, first + rowsPerChunk)
            let bytes = try encode(first..<end)
            if bytes.count > maximumSize, end - first > 1 {
                // Few rows, but very long ones.
                rowsPerChunk = (end - first + 1) / 2
                continue
            }
            row = end < frame.rowCount ? end : nil
            return bytes
        }
    }

    private func encode(_ rows: Range<Int>) throws(FrameError) -> [UInt8] {
        let part = rows.count == frame.rowCount ? frame : frame.rows(in: rows)
        return switch format {
        case .arrow: try ArrowFile.write(part, bodyLimit: options.arrowBodyLimit)
        case .json: try JSONFrame.write(part, part: rows.lowerBound == 0 ? .schemaAndData : .data)
        }
    }
}
