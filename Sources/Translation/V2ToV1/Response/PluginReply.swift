internal import DataFrames

/// A `models.DatasourceResponse` whose points and cells are columns; made by a ``V1ResponseDecoder``.
package struct PluginReply: Sendable {
    static let message = "models.DatasourceResponse"

    var results: [PluginResult] = []
    /// What of the reply did not get into the results.
    var losses: LossLedger
    /// Bytes of the reply.
    let size: Int

    init(size: Int, losses: LossLedger) {
        self.size = size
        self.losses = losses
    }

    /// Decodes a reply that is there as a whole.
    init(
        decoding bytes: [UInt8], _ options: TranslationOptions, from source: (any ColumnMemorySource)? = nil
    ) throws(WireError) {
        var decoder = V1ResponseDecoder(size: bytes.count, options, from: source)
        let outcome: Result<Void, WireError> = bytes.withUnsafeBytes { bytes in
            do throws(WireError) { return .success(try decoder.feed(bytes)) } catch { return .failure(error) }
        }
        try outcome.get()
        self = try decoder.finish()
    }
}

/// A `models.QueryResult`.
struct PluginResult: Sendable {
    static let message = "models.QueryResult"

    var refID = WireText("")
    var error = ""
    var metaJSON: [UInt8] = []
    var series: [PluginSeries] = []
    var tables: [PluginTable] = []
    /// Why a table cannot be shown; the whole result is then an error.
    var unusable: String?
    /// Losses that the operator refuses; the answer to the refId is then an error.
    var refused: [Loss] = []

    /// Takes over what a later result of the same refId holds.
    mutating func append(_ later: PluginResult, _ ledger: inout LossLedger) {
        if !later.error.isEmpty { error = error.isEmpty ? later.error : error + "; " + later.error }
        if !later.metaJSON.isEmpty {
            if !metaJSON.isEmpty { ledger.add("models.QueryResult.metaJson", .duplicateRefID) }
            metaJSON = later.metaJSON
        }
        series += later.series
        tables += later.tables
        unusable = unusable ?? later.unusable
        refused += later.refused
    }
}

/// A `models.TimeSeries`.
struct PluginSeries: Sendable {
    static let message = "models.TimeSeries"

    var name = ""
    var tags = Labels()
    var points: PointColumns

    init(from source: (any ColumnMemorySource)?) {
        points = PointColumns(from: source)
    }
}
