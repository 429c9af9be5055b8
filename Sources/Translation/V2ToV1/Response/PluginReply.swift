internal import DataFrames

/// A `models.DatasourceResponse`, read straight from the wire into columns.
struct PluginReply {
    static let message = "models.DatasourceResponse"

    var results: [PluginResult] = []

    init(decoding bytes: [UInt8], _ options: TranslationOptions, _ ledger: inout LossLedger) throws(WireError) {
        var found = LossLedger(policies: options.losses)
        results = try bytes.readWire { reader throws(WireError) in
            var results: [PluginResult] = []
            while !reader.isAtEnd {
                let tag = try reader.tag()
                if tag.isField(1, .bytes) {
                    var nested = try reader.message()
                    var result = try PluginResult(&nested, options, &found)
                    result.refused = found.takeRefusals()
                    results.append(result)
                } else {
                    try reader.skipUnknown(tag, in: Self.message, &found)
                }
            }
            return results
        }
        // Of a reply that turns out to be malformed nothing is used, so nothing of it counts as lost.
        ledger.merge(found)
    }
}

/// A `models.QueryResult`.
struct PluginResult {
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

    init(_ reader: inout WireReader, _ options: TranslationOptions, _ ledger: inout LossLedger) throws(WireError) {
        while !reader.isAtEnd {
            let tag = try reader.tag()
            switch (tag.number, tag.type) {
            case (1, .bytes): error = try reader.text("models.QueryResult.error", &ledger).string
            case (2, .bytes): refID = try reader.text("models.QueryResult.refId", &ledger)
            case (3, .bytes): metaJSON = Array(try reader.text("models.QueryResult.metaJson", &ledger).string.utf8)
            case (4, .bytes):
                var nested = try reader.message()
                series.append(try PluginSeries(&nested, &ledger))
            case (5, .bytes):
                var decoder = TableDecoder(try reader.message(), options)
                do {
                    tables.append(try decoder.table(&ledger))
                } catch {
                    switch error {
                    case .wire(let cause): throw cause
                    case .unusable(let reason): unusable = unusable ?? reason
                    }
                }
            default: try reader.skipUnknown(tag, in: Self.message, &ledger)
            }
        }
    }

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

/// A `models.TimeSeries` as two columns.
struct PluginSeries: Sendable {
    static let message = "models.TimeSeries"

    var name = ""
    var tags = Labels()
    /// Nanoseconds since the Unix epoch.
    var times: [Int64] = []
    var values: [Double] = []
    /// Whether every time is later than the one before.
    var isAscending = true
    /// Points whose time does not fit nanoseconds in 64 bits.
    var droppedPoints = 0
}
