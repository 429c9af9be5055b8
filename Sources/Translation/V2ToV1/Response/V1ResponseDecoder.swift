internal import DataFrames

/// Reads a `models.DatasourceResponse` while it arrives, in pieces that may be cut anywhere, straight into columns.
///
/// A field that is cut is kept until the rest of it is there: a point, a text, a whole table, whose columns have no type before its last cell is
/// known. Nothing is reserved for what a length announces: what the decoder holds grows only with the bytes that it was fed. An empty point, of two
/// bytes, becomes sixteen in columns, which double as they grow; what costs more is bounded by ``ReplyAllowance``.
///
/// A value, so that a copy can go on independently; whoever feeds it must hold the only one, or every piece costs a copy of the columns.
package struct V1ResponseDecoder: Sendable {
    /// What a message is read into.
    enum Level { case reply, result, series }

    let options: TranslationOptions
    let source: (any ColumnMemorySource)?
    /// Bytes of the whole reply.
    let size: Int

    var level = Level.reply
    /// Offset behind the result that is being read, and behind its series.
    var resultEnd = 0
    var seriesEnd = 0
    var result = PluginResult()
    var series: PluginSeries
    var tags: [(key: String, value: String)] = []
    /// What points lost; entered behind what the rest of their series lost, wherever they stand in it.
    var pointLosses: LossLedger
    /// Everything before this offset is skipped.
    var skipEnd = 0
    /// A foreign group that is being skipped.
    var groups: OpenGroups?
    var allowance = ReplyAllowance()

    var reply: PluginReply
    private var received = 0
    private var fault: WireError?
    /// The beginning of a field whose rest has not arrived, and how many bytes there must be before it is looked at again.
    private(set) var cut: ColumnValues<UInt8>
    private var cutNeeds = 0

    /// - Parameters:
    ///   - size: bytes of the whole reply, which the frame of a gRPC message tells beforehand.
    ///   - source: where large columns take their memory from.
    init(size: Int, _ options: TranslationOptions, from source: (any ColumnMemorySource)?) {
        self.size = size
        self.options = options
        self.source = source
        series = PluginSeries(from: source)
        pointLosses = LossLedger(policies: options.losses)
        reply = PluginReply(size: size, losses: LossLedger(policies: options.losses))
        cut = ColumnValues(from: source)
    }

    /// Takes the next bytes of the reply.
    ///
    /// - Throws: the first fault, in the order of the bytes. The decoder then holds nothing any more, and throws the same at every call.
    package mutating func feed(_ bytes: UnsafeRawBufferPointer) throws(WireError) {
        if let fault { throw fault }
        do throws(WireError) {
            try take(bytes)
        } catch {
            self = V1ResponseDecoder(size: size, options, from: nil)
            fault = error
            throw error
        }
    }

    /// The decoded reply, when all bytes were fed.
    package consuming func finish() throws(WireError) -> PluginReply {
        if let fault { throw fault }
        guard received == size else { throw WireError(code: .endsTooEarly, offset: received) }
        return reply
    }

    private mutating func take(_ bytes: UnsafeRawBufferPointer) throws(WireError) {
        guard bytes.count <= size - received else { throw WireError(code: .lengthBeyondMessage, offset: size) }
        var start = 0
        // The field that was cut comes first, and by itself: only its bytes have to be brought together.
        while !cut.isEmpty, start < bytes.count {
            let added = min(cutNeeds - cut.count, bytes.count - start)
            cut.append(bytes: UnsafeRawBufferPointer(rebasing: bytes[start..<start + added]), preferring: cutNeeds - cut.count)
            start += added
            received += added
            guard cut.count == cutNeeds else { return }
            let field = cut
            cut = ColumnValues(from: source)
            let (_, needed) = try field.withUnsafeBytes(0..<field.count) { bytes throws(WireError) in
                try read(bytes, at: received - bytes.count)
            }
            if needed > 0 {
                cut = field
                cutNeeds = needed
            }
        }
        guard start < bytes.count else { return }
        let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
        let (done, needed) = try read(rest, at: received)
        received += rest.count
        if needed > 0 {
            cut.append(bytes: UnsafeRawBufferPointer(rebasing: rest[done...]))
            cutNeeds = needed
        }
    }
}
