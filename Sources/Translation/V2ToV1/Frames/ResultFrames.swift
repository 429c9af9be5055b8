internal import DataFrames

/// Turns one decoded result into frames: all series, then all tables (rules B.1, B.2, B.4, B.5).
///
/// Frames are made one at a time, so that a large result is not held in two forms.
struct ResultFrames {
    static let seriesType = "timeseries-multi"
    static let seriesTypeVersion = FrameTypeVersion(0, 1)

    private let refID: String
    private let result: PluginResult
    private let options: TranslationOptions
    private let labelling: SeriesLabelling
    let meta: ResultMeta
    private let metaOnEveryFrame: Bool

    init(_ result: PluginResult, refID: WireText, _ options: TranslationOptions, _ ledger: inout LossLedger) {
        self.refID = refID.string
        self.options = options
        var result = result
        if options.sortPoints == .stable { Self.sort(&result.series, &ledger) }
        self.result = result
        labelling = SeriesLabelling(result.series, options.seriesLabel, &ledger)
        meta = ResultMeta(result.metaJSON, &ledger)
        metaOnEveryFrame = result.metaJSON.count <= options.metaLimit
        if !metaOnEveryFrame && meta.custom != nil {
            ledger.add("models.QueryResult.metaJson", .firstFrameOnly, count: max(0, count - 1))
        }
    }

    var count: Int { result.series.count + result.tables.count }
    var points: Int { result.series.reduce(0) { $0 + $1.points.times.count } }
    var cells: Int { result.tables.reduce(0) { $0 + $1.rowCount * $1.fields.count } }

    /// The frame at a place below ``count``.
    func frame(at place: Int, _ ledger: inout LossLedger) -> Frame {
        let seriesCount = result.series.count
        var frame = place < seriesCount ? seriesFrame(place, &ledger) : tableFrame(result.tables[place - seriesCount])
        if place == 0 || metaOnEveryFrame { addMeta(to: &frame) }
        return frame
    }

    private func seriesFrame(_ place: Int, _ ledger: inout LossLedger) -> Frame {
        let series = result.series[place]
        let labels = labelling.labels[place]
        // The capital letters matter: only these names are left out when a legend is composed.
        let fields = [
            Field(name: "Time", nullable: false, column: .timestamp(TimestampColumn(series.points.times))),
            Field(
                name: "Value", labels: labels.isEmpty ? nil : labels,
                config: series.name.isEmpty ? nil : FieldConfig(displayNameFromDS: series.name), nullable: true,
                column: .float64(values(series.points.values, &ledger))),
        ]
        var frame = Frame(name: series.name, refID: refID, fields: fields)
        if labelling.isMultiSeries || series.points.dropped > 0 {
            var meta = FrameMeta()
            if labelling.isMultiSeries {
                meta.type = Self.seriesType
                meta.typeVersion = Self.seriesTypeVersion
            }
            if series.points.dropped > 0 {
                meta.notices.append(
                    Notice(
                        severity: .warning,
                        text: "\(series.points.dropped) data point(s) dropped: timestamp outside the nanosecond range"))
            }
            frame.meta = meta
        }
        return frame
    }

    private func values(_ values: ColumnValues<Double>, _ ledger: inout LossLedger) -> Float64Column {
        guard options.nan == .null, values.contains(where: \.isNaN) else { return Float64Column(values) }
        var column = Float64Column(reserving: values.count)
        var replaced = 0
        for value in values {
            if value.isNaN {
                column.appendNull()
                replaced += 1
            } else {
                column.append(value)
            }
        }
        ledger.add("models.Point.value", .nanToNull, count: replaced)
        return column
    }

    private func tableFrame(_ table: PluginTable) -> Frame {
        Frame(
            refID: refID, meta: FrameMeta(notices: table.notices, preferredVisualisationType: "table"), fields: table.fields)
    }

    private func addMeta(to frame: inout Frame) {
        guard let custom = meta.custom else { return }
        var combined = frame.meta ?? FrameMeta()
        combined.custom = custom
        combined.executedQueryString = meta.executedQueryString
        combined.notices += meta.notices
        frame.meta = combined
    }

    private static func sort(_ series: inout [PluginSeries], _ ledger: inout LossLedger) {
        for place in series.indices where !series[place].points.isAscending {
            // Equal times alone are not ascending either, and need no new order.
            if series[place].points.sort() { ledger.add("models.TimeSeries.points", .reordered) }
        }
    }
}
