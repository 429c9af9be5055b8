internal import DataFrames
internal import PluginProtocolV1
internal import Translation

/// A `models.TimeSeries` with a tuple per point.
struct ReferenceSeries {
    var name: String
    var tags: Labels
    /// Nanoseconds and value; points whose time does not fit are not here.
    var points: [(time: Int64, value: Double)] = []
    var droppedPoints = 0

    init(_ series: Models_TimeSeries, _ ledger: inout LossLedger) {
        ledger.addUnknown(series.unknownFields, in: "models.TimeSeries")
        name = series.name
        tags = Labels(series.tags.map { (key: ExactKey.text($0.key), value: $0.value) })
        for point in series.points {
            ledger.addUnknown(point.unknownFields, in: "models.Point")
            if let time = Int64(exactly: Int128(point.timestamp) * 1_000_000) {
                points.append((time, point.value))
            } else {
                droppedPoints += 1
            }
        }
        ledger.add("models.TimeSeries.points", .timestampOutOfRange, count: droppedPoints)
    }

    var isAscending: Bool { zip(points, points.dropFirst()).allSatisfy { $0.time < $1.time } }

    static func frames(_ list: [ReferenceSeries], _ options: TranslationOptions, _ ledger: inout LossLedger) -> [Frame] {
        var list = list
        if options.sortPoints == .stable {
            for place in list.indices { list[place].sort(&ledger) }
        }
        let labels = labels(list, options, &ledger)
        let distinct = labels.indices.allSatisfy { place in !labels[..<place].contains { $0 == labels[place] } }
        let marked = !list.isEmpty && distinct && list.allSatisfy(\.isAscending)
        return list.indices.map { list[$0].frame(labels[$0], marked: marked, options, &ledger) }
    }

    private mutating func sort(_ ledger: inout LossLedger) {
        let sorted = points.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
        if sorted.map(\.offset) != Array(points.indices) { ledger.add("models.TimeSeries.points", .reordered) }
        points = sorted.map(\.element)
    }

    /// Rule B.3: what tags do not tell apart gets a label with the name.
    private static func labels(
        _ list: [ReferenceSeries], _ options: TranslationOptions, _ ledger: inout LossLedger
    ) -> [Labels] {
        var result: [Labels] = []
        for series in list {
            let isHidden = list.contains { $0.tags == series.tags && !$0.name.hasSameBytes(as: series.name) }
            var labels = series.tags
            if options.seriesLabel == .always || options.seriesLabel == .auto && isHidden {
                if let key = ["name", "series", "__name__"].first(where: { labels[$0] == nil }) {
                    labels[key] = series.name
                } else {
                    ledger.add("models.TimeSeries.name", .noFreeLabel)
                }
            }
            result.append(labels)
        }
        return result
    }

    private func frame(_ labels: Labels, marked: Bool, _ options: TranslationOptions, _ ledger: inout LossLedger) -> Frame {
        let dropNaN = options.nan == .null
        ledger.add("models.Point.value", .nanToNull, count: dropNaN ? points.count { $0.value.isNaN } : 0)
        let values = points.map { dropNaN && $0.value.isNaN ? nil : $0.value }
        var frame = Frame(
            name: name,
            fields: [
                Field(name: "Time", nullable: false, column: .timestamp(TimestampColumn(points.map(\.time)))),
                Field(
                    name: "Value", labels: labels.isEmpty ? nil : labels,
                    config: name.isEmpty ? nil : FieldConfig(displayNameFromDS: name), nullable: true,
                    column: .float64(Float64Column(values))),
            ])
        if marked { frame.meta = FrameMeta(type: "timeseries-multi", typeVersion: FrameTypeVersion(0, 1)) }
        if droppedPoints > 0 {
            var meta = frame.meta ?? FrameMeta()
            let text = "\(droppedPoints) data point(s) dropped: timestamp outside the nanosecond range"
            meta.notices = [Notice(severity: .warning, text: text)]
            frame.meta = meta
        }
        return frame
    }
}
