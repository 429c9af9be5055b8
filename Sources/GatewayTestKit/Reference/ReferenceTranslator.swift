package import DataFrames
package import PluginProtocolV1
package import Translation

/// The response rules once more, as plainly as possible, on generated messages: what the wire decoder must agree with.
///
/// Nothing here is shared with the decoder but the values that come out (frames, losses, options). It makes an object per point
/// and cell, looks at everything as often as it likes, and is slow.
///
/// Two things a generated message does not tell: unknown fields inside entries of maps, and text that is not UTF-8 (such a message
/// cannot be decoded at all). Random input for comparisons must have neither.
package enum ReferenceTranslator {
    /// - Returns: the frames of one result, and everything that was lost between the message and them.
    package static func frames(
        for result: Models_QueryResult, options: TranslationOptions = .default
    ) -> ([Frame], [Loss]) {
        let (response, losses) = response(for: result, options: options)
        return (response.frames, losses)
    }

    /// What a host gets under the result's refId.
    package static func response(
        for result: Models_QueryResult, options: TranslationOptions = .default
    ) -> (ReferenceResponse, [Loss]) {
        var ledger = LossLedger()
        let decoded = ReferenceResult(result, options, &ledger)
        let response = decoded.response(refID: result.refID, options, &ledger)
        return (response, ledger.losses)
    }
}

/// A `pluginv2.DataResponse` with its frames as values.
package struct ReferenceResponse: Equatable {
    package var status = 200
    package var error = ""
    package var errorSource = ""
    package var jsonMeta: [UInt8] = []
    package var frames: [Frame] = []

    static func failure(status: Int = 500, _ error: String, source: String = "plugin") -> ReferenceResponse {
        ReferenceResponse(status: status, error: error, errorSource: source)
    }

    package static func == (left: ReferenceResponse, right: ReferenceResponse) -> Bool {
        left.status == right.status && left.error.hasSameBytes(as: right.error) && left.errorSource == right.errorSource
            && left.jsonMeta == right.jsonMeta && left.frames == right.frames
    }
}

/// A result whose tables are frames already; its series wait, since they are labelled together.
struct ReferenceResult {
    var error: String
    var metaJSON: String
    var series: [ReferenceSeries]
    var tables: [Frame] = []
    /// Why a table cannot be shown; the whole result is then an error.
    var unusable: String?

    init(_ result: Models_QueryResult, _ options: TranslationOptions, _ ledger: inout LossLedger) {
        ledger.addUnknown(result.unknownFields, in: "models.QueryResult")
        error = result.error
        metaJSON = result.metaJson
        series = []
        for message in result.series { series.append(ReferenceSeries(message, &ledger)) }
        for message in result.tables {
            switch ReferenceTable(message, options).frame(&ledger) {
            case .success(let frame): tables.append(frame)
            case .failure(let reason): unusable = unusable ?? reason.text
            }
        }
    }

    /// Takes over what a later result of the same refId holds.
    mutating func append(_ later: ReferenceResult, _ ledger: inout LossLedger) {
        error = [error, later.error].filter { !$0.isEmpty }.joined(separator: "; ")
        if !later.metaJSON.isEmpty {
            if !metaJSON.isEmpty { ledger.add("models.QueryResult.metaJson", .duplicateRefID) }
            metaJSON = later.metaJSON
        }
        series += later.series
        tables += later.tables
        unusable = unusable ?? later.unusable
    }

    func response(refID: String, _ options: TranslationOptions, _ ledger: inout LossLedger) -> ReferenceResponse {
        if let unusable {
            return .failure([error, unusable].filter { !$0.isEmpty }.joined(separator: "; "))
        }
        var response = ReferenceResponse()
        if !error.isEmpty {
            response.status = 500
            response.error = error
            response.errorSource = "downstream"
        }
        let series = ReferenceSeries.frames(series, options, &ledger)
        response.frames = series + tables
        let meta = ReferenceMeta(metaJSON, &ledger)
        response.jsonMeta = meta.original
        let onEveryFrame = metaJSON.utf8.count <= options.metaLimit
        if !onEveryFrame, meta.custom != nil {
            ledger.add("models.QueryResult.metaJson", .firstFrameOnly, count: max(0, response.frames.count - 1))
        }
        for place in response.frames.indices {
            response.frames[place].refID = refID
            if place == 0 || onEveryFrame { meta.add(to: &response.frames[place]) }
        }
        return response
    }
}
