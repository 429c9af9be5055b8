internal import DataFrames

/// Makes series distinguishable by labels alone, and decides whether they may be called `timeseries-multi` (rules B.2 and B.3).
///
/// Alerting tells results apart by labels only; v1 alerting did so by name.
struct SeriesLabelling {
    /// One per series, in order.
    private(set) var labels: [Labels]
    /// Whether every series is sorted and no two share their labels: the marker is for all series of a refId or for none.
    private(set) var isMultiSeries = false

    static let keys = ["name", "series", "__name__"]

    init(_ series: [PluginSeries], _ policy: TranslationOptions.SeriesLabel, _ ledger: inout LossLedger) {
        labels = series.map(\.tags)
        var areDistinct = Self.areDistinct(labels)
        switch policy {
        case .never: break
        case .auto where areDistinct: break
        case .always:
            for place in series.indices { addName(of: series[place], at: place, &ledger) }
            areDistinct = Self.areDistinct(labels)
        case .auto:
            for places in Self.indistinguishable(series) {
                for place in places { addName(of: series[place], at: place, &ledger) }
            }
            areDistinct = Self.areDistinct(labels)
        }
        isMultiSeries = !series.isEmpty && areDistinct && series.indices.allSatisfy { series[$0].points.isAscending }
    }

    /// Whether no two are equal. Of a few, which is usual, comparing each with each is quicker than a set.
    private static func areDistinct(_ labels: [Labels]) -> Bool {
        guard labels.count <= 8 else { return Set(labels).count == labels.count }
        return labels.indices.allSatisfy { place in
            (0..<place).allSatisfy { labels[$0] != labels[place] }
        }
    }

    private mutating func addName(of series: PluginSeries, at place: Int, _ ledger: inout LossLedger) {
        guard let key = Self.keys.first(where: { labels[place][$0] == nil }) else {
            ledger.add("models.TimeSeries.name", .noFreeLabel)
            return
        }
        labels[place][key] = series.name
    }

    /// Groups of series that share all tags but not the name.
    private static func indistinguishable(_ series: [PluginSeries]) -> [[Int]] {
        guard series.count > 1 else { return [] }
        var groups: [Labels: [Int]] = [:]
        for place in series.indices { groups[series[place].tags, default: []].append(place) }
        return groups.values.filter { places in
            guard let first = places.first else { return false }
            return places.contains { !series[$0].name.hasSameBytes(as: series[first].name) }
        }
    }
}
