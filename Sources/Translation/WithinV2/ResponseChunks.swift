internal import DataFrames

/// A whole `pluginv2.QueryDataResponse` as the messages of a `QueryChunkedData`: refId after refId, frame after frame.
///
/// A frame that needs no conversion is one chunk with its bytes untouched, whatever its size.
package struct ResponseChunks: Sendable {
    private let response: [UInt8]
    private let request: FrameFormat
    private let options: TranslationOptions
    private var rest: ArraySlice<V2Response> = []
    /// Why the response cannot be read.
    package private(set) var fault: WireError?
    /// Place of the frame that comes next within the first of `rest`.
    private var place = 0
    /// The rest of a frame that was converted.
    private var converted: FrameChunks?
    private var isConverting = false

    init(_ response: [UInt8], request: FrameFormat, _ options: TranslationOptions) {
        var ledger = LossLedger()
        self.init(response, request: request, options, &ledger)
    }

    init(_ response: [UInt8], request: FrameFormat, _ options: TranslationOptions, _ ledger: inout LossLedger) {
        self.response = response
        self.request = request
        self.options = options
        do throws(WireError) {
            rest = try V2Response.all(in: response, &ledger)[...]
        } catch {
            fault = error
        }
    }

    /// The next encoded `pluginv2.QueryChunkedDataResponse`; nil when all are out.
    package mutating func next(_ ledger: inout LossLedger) -> [UInt8]? {
        while let current = rest.first {
            if let chunk = nextFrame(of: current, &ledger) { return chunk }
            rest.removeFirst()
            let frames = place
            place = 0
            isConverting = false
            if current.hasMeta { ledger.add("pluginv2.DataResponse.jsonMeta", .noHome) }
            guard !current.error.isEmpty else { continue }
            let format = FrameFormat(rawValue: current.format) ?? .arrow
            return ChunkMessage.failure(
                current.refID, frames: frames, status: Self.status(of: current), error: current.error.string,
                source: current.errorSource.string,
                format: Self.isConverted(current, request, options) || current.frames.isEmpty ? request : format
            ).encoded
        }
        return nil
    }

    /// Responses of old plugins have no status.
    private static func status(of response: V2Response) -> Int32 {
        response.status != 0 ? response.status : response.error.isEmpty ? 200 : 500
    }

    private static func isConverted(_ response: V2Response, _ request: FrameFormat, _ options: TranslationOptions) -> Bool {
        ArrowToJSON.isWanted(request: request, answer: response.format, options)
    }

    private mutating func nextFrame(of current: V2Response, _ ledger: inout LossLedger) -> [UInt8]? {
        if let chunk = nextConverted(of: current, &ledger) { return chunk }
        guard place < current.frames.count else { return nil }
        let file = Array(response[current.frames[place]])
        if Self.isConverted(current, request, options), let frame = ArrowToJSON(options: options).frame(file, &ledger) {
            converted = FrameChunks(frame, .json, options)
            if let chunk = nextConverted(of: current, &ledger) { return chunk }
        }
        defer { place += 1 }
        return chunk(current, file, FrameFormat(rawValue: current.format) ?? .arrow)
    }

    /// Nil when no frame is being converted (any more); ``place`` is then that of the next frame.
    private mutating func nextConverted(of current: V2Response, _ ledger: inout LossLedger) -> [UInt8]? {
        guard converted != nil else { return nil }
        do throws(FrameError) {
            if let document = try converted?.next() {
                isConverting = true
                return chunk(current, document, .json)
            }
        } catch {
            ledger.add(ArrowToJSON.path, .notConverted)
            converted = nil
            // With rows sent already there is no way back to the file.
            if isConverting { place += 1 }
            isConverting = false
            return nil
        }
        converted = nil
        isConverting = false
        place += 1
        return nil
    }

    private func chunk(_ current: V2Response, _ frame: [UInt8], _ format: FrameFormat) -> [UInt8] {
        // The status of an error comes with its text, in the last chunk.
        let status = current.error.isEmpty ? Self.status(of: current) : 200
        return ChunkMessage(refID: current.refID, frameID: String(place), frame: frame, status: status, format: format).encoded
    }
}
