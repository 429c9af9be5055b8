internal import DataFrames

/// A `pluginv2.QueryChunkedDataResponse`: some rows of one frame, or the error of a refId.
struct ChunkMessage {
    static let message = "pluginv2.QueryChunkedDataResponse"

    var refID: WireText
    /// Tells the frames of a refId apart; hosts append chunks with the same one.
    var frameID: String
    /// Encoded in ``format``.
    var frame: [UInt8] = []
    var error = ""
    /// An HTTP status. Never zero: hosts read a missing status as 500.
    var status: Int32 = 200
    var errorSource = ""
    var format: FrameFormat

    var encoded: [UInt8] {
        var writer = WireWriter(reservingCapacity: frame.count + error.utf8.count + refID.string.utf8.count + 64)
        writer.string(1, refID)
        writer.string(2, frameID)
        writer.data(3, frame)
        writer.string(4, error)
        writer.int64(5, Int64(status))
        writer.string(6, errorSource)
        writer.int64(7, Int64(format.rawValue))
        return writer.bytes
    }
}

extension ChunkMessage {
    /// The last chunk of a refId that has an error. Hosts decode an Arrow frame before they look at the error, so there has to be one.
    static func failure(
        _ refID: WireText, frames: Int, status: Int32, error: String, source: String, format: FrameFormat
    ) -> ChunkMessage {
        ChunkMessage(
            refID: refID, frameID: String(frames), frame: format == .arrow ? emptyArrowFrame : [], error: error, status: status,
            errorSource: source, format: format)
    }

    /// An Arrow file without fields and rows.
    private static let emptyArrowFrame: [UInt8] = {
        do throws(FrameError) {
            return try ArrowFile.write(Frame())
        } catch {
            preconditionFailure("an empty frame is always valid: \(error)")
        }
    }()
}
