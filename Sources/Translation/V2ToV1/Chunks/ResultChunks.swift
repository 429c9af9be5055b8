internal import DataFrames

/// One result of the plugin as the chunks of its refId: frame after frame, the error last.
struct ResultChunks {
    private struct Failure {
        var status: Int32
        var error: String
        var source: ErrorSource
    }

    private let refID: WireText
    private let format: FrameFormat
    private let options: TranslationOptions
    private var frames: ResultFrames?
    /// Place of the frame whose chunks come next.
    private var place = 0
    private var current: FrameChunks?
    private var failure: Failure?
    /// Messages of ``makeAll(_:)``, the next one last.
    private var made: [[UInt8]] = []
    /// What was carried, complete when ``next(_:)`` has returned nil.
    private(set) var statistics = TranslationStatistics()

    init(
        _ result: PluginResult, _ refID: WireText, _ format: FrameFormat, _ options: TranslationOptions,
        _ ledger: inout LossLedger
    ) {
        self.refID = refID
        self.format = format
        self.options = options
        if let reason = result.unusable {
            let text = result.error.isEmpty ? reason : result.error + "; " + reason
            failure = Failure(status: 500, error: text, source: .plugin)
            return
        }
        if !result.error.isEmpty { failure = Failure(status: 500, error: result.error, source: .downstream) }
        let frames = ResultFrames(result, refID: refID, options, &ledger)
        // Chunks have no field for it; without a frame there is no other place.
        if frames.count == 0, !frames.meta.original.isEmpty { ledger.add("models.QueryResult.metaJson", .noHome) }
        self.frames = frames
        statistics.points = frames.points
        statistics.cells = frames.cells
    }

    /// A refId whose call brought nothing.
    init(_ callFailure: CallFailure, _ refID: WireText, _ format: FrameFormat, _ options: TranslationOptions) {
        self.refID = refID
        self.format = format
        self.options = options
        failure = Failure(status: callFailure.status, error: callFailure.text, source: .plugin)
    }

    /// A refId without a result, for which the operator refuses what was lost.
    init(refusing losses: [Loss], _ refID: WireText, _ format: FrameFormat, _ options: TranslationOptions) {
        self.refID = refID
        self.format = format
        self.options = options
        refuse(losses)
    }

    /// The next `pluginv2.QueryChunkedDataResponse`, encoded; nil when all are out. A result without frames and error has none.
    mutating func next(_ ledger: inout LossLedger) -> [UInt8]? {
        made.popLast() ?? make(&ledger)
    }

    /// Makes every message now, for ``next(_:)`` to give out: a loss may come to light with the last frame.
    mutating func makeAll(_ ledger: inout LossLedger) {
        while let message = make(&ledger) { made.append(message) }
        made.reverse()
    }

    private mutating func make(_ ledger: inout LossLedger) -> [UInt8]? {
        do throws(FrameError) {
            if let chunk = try nextOfFrames(&ledger) {
                return ChunkMessage(refID: refID, frameID: String(place), frame: chunk, format: format).encoded
            }
        } catch {
            place += current == nil ? 0 : 1
            current = nil
            frames = nil
            failure = Failure(status: 500, error: "the legacy plugin's data does not fit a frame: \(error)", source: .plugin)
        }
        guard let failure else { return nil }
        self.failure = nil
        return ChunkMessage.failure(
            refID, frames: place, status: failure.status, error: failure.error, source: failure.source.rawValue, format: format
        ).encoded
    }

    private mutating func nextOfFrames(_ ledger: inout LossLedger) throws(FrameError) -> [UInt8]? {
        while let frames {
            if let chunk = try current?.next() { return chunk }
            if current != nil {
                place += 1
                current = nil
            }
            guard place < frames.count else {
                self.frames = nil
                return nil
            }
            current = FrameChunks(frames.frame(at: place, &ledger), format, options)
            statistics.frames += 1
        }
        return nil
    }

    /// Instead of everything: the error that the result lost what the operator refuses to lose.
    mutating func refuse(_ losses: [Loss]) {
        let response = HostResponse.refused(losses, after: failure?.error ?? "")
        frames = nil
        current = nil
        made = []
        place = 0
        failure = Failure(status: response.status, error: response.error, source: response.errorSource ?? .plugin)
        statistics = TranslationStatistics()
    }
}
