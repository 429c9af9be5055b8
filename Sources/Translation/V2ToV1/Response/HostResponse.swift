/// `pluginv2.DataFrameFormat`.
enum FrameFormat: Int32, Sendable {
    case arrow = 0
    case json = 1
}

/// Whom the host blames for an error: `DataResponse.errorSource`.
enum ErrorSource: String, Sendable {
    /// The plugin process itself, or this gateway in its place.
    case plugin
    /// The data source behind the plugin.
    case downstream
}

/// A `pluginv2.DataResponse`.
struct HostResponse: Sendable {
    /// Encoded frames in ``format``.
    var frames: [[UInt8]] = []
    var error = ""
    /// The plugin's metaJson; hosts of today ignore it.
    var jsonMeta: [UInt8] = []
    /// An HTTP status. Never zero: hosts read a missing status as 500.
    var status: Int32 = 200
    var errorSource: ErrorSource?
    var format = FrameFormat.arrow

    /// A response without frames. Status and text are always set together, since hosts look for the text alone.
    static func failure(status: Int32, error: String, source: ErrorSource) -> HostResponse {
        HostResponse(error: error, status: status, errorSource: source)
    }

    /// Everything behind the frames.
    fileprivate var tail: [UInt8] {
        var writer = WireWriter()
        writer.string(2, error)
        writer.data(3, jsonMeta)
        writer.int64(4, Int64(status))
        writer.string(5, errorSource?.rawValue ?? "")
        writer.int64(6, Int64(format.rawValue))
        return writer.bytes
    }
}

/// Writes a `pluginv2.QueryDataResponse`; frames are copied once, straight to their final place.
struct HostResponseWriter {
    private var writer: WireWriter

    init(reservingCapacity capacity: Int = 0) {
        writer = WireWriter(reservingCapacity: capacity)
    }

    mutating func add(_ refID: WireText, _ response: HostResponse) {
        let tail = response.tail
        let frames = response.frames.reduce(0) { $0 + WireWriter.size(ofDelimited: 1, length: $1.count) }
        let length = frames + tail.count
        // An empty key is left out.
        let key = refID.isEmpty ? 0 : WireWriter.size(ofDelimited: 1, length: refID.string.utf8.count)
        writer.delimitedHeader(1, length: key + WireWriter.size(ofDelimited: 2, length: length))
        writer.string(1, refID)
        writer.delimitedHeader(2, length: length)
        for frame in response.frames { writer.delimited(1, frame) }
        writer.raw(tail)
    }

    var bytes: [UInt8] { writer.bytes }
}
