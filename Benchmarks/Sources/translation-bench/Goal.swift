internal import TranslationWorkloads

/// A promise about the translation, and whether this run keeps it.
struct Goal: Sendable {
    let text: String
    let limit: Double
    /// Whether the figure must stay at or below the limit; otherwise it must reach it.
    var isUpperLimit = true
    let unit: String
    let figure: @Sendable (Results) -> Double?

    static let all = [
        Goal(text: "1 series × 1 M points to Arrow", limit: 10, unit: "ns a point") { $0.perUnit("series-1x1000000", "arrow") },
        Goal(text: "… against a copy of the same bytes", limit: 8, unit: "times memcpy") {
            $0.ratio("series-1x1000000", "arrow", to: Contender.copy)
        },
        Goal(text: "… against libprotobuf's decoding alone", limit: 6, isUpperLimit: false, unit: "times as fast as the arena") {
            $0.ratio("series-1x1000000", "arrow", to: Contender.arena).map { 1 / $0 }
        },
        Goal(text: "… the same, both on new pages", limit: 6, isUpperLimit: false, unit: "times as fast as the arena") {
            $0.ratio("series-1x1000000", "arrow", to: Contender.arena, cold: true).map { 1 / $0 }
        },
        Goal(text: "… extra memory at the peak", limit: 2, unit: "times the answer") { $0.peak("series-1x1000000", "arrow") },
        Goal(text: "1 series × 1 M points to JSON", limit: 60, unit: "ns a point") { $0.perUnit("series-1x1000000", "json") },
        Goal(text: "table 100 k × 10 to Arrow", limit: 40, unit: "ns a cell") { $0.perUnit("table-100000x10", "arrow") },
        Goal(text: "table 100 k × 10 to JSON", limit: 40, unit: "ns a cell") { $0.perUnit("table-100000x10", "json") },
        Goal(text: "panel of 3 × 300 points to Arrow", limit: 40, unit: "µs") {
            $0.perUnit("panel-3x300", "arrow").map { $0 / 1000 }
        },
        Goal(text: "… allocations", limit: 60, unit: "") { $0.allocations("panel-3x300", "arrow") },
        Goal(text: "panel of 3 × 300 points to JSON", limit: 40, unit: "µs") {
            $0.perUnit("panel-3x300", "json").map { $0 / 1000 }
        },
        Goal(text: "… allocations", limit: 60, unit: "") { $0.allocations("panel-3x300", "json") },
    ]

    /// The third digit decides, as it is shown.
    func isMet(_ figure: Double) -> Bool { isUpperLimit ? figure < limit * 1.005 : figure > limit * 0.995 }
}

/// All measurements of a run, to be asked for by name. What a filter left out is nil.
struct Results {
    let measurements: [Measurement]

    private func find(_ input: String, _ name: String) -> Measurement? {
        measurements.first { $0.contender.input.name == input && $0.contender.name == name }
    }

    /// Nanoseconds a point, cell or call.
    func perUnit(_ input: String, _ name: String) -> Double? {
        find(input, name).map { $0.median / Double($0.contender.input.units) }
    }

    func ratio(_ input: String, _ name: String, to baseline: String, cold: Bool = false) -> Double? {
        guard let one = find(input, name), let other = find(input, baseline) else { return nil }
        return one.ratio(to: other, cold: cold)
    }

    /// Bytes at the peak by bytes of the answer.
    func peak(_ input: String, _ name: String) -> Double? {
        guard let found = find(input, name), let output = found.contender.outputBytes else { return nil }
        return Double(found.count.peak) / Double(output)
    }

    func allocations(_ input: String, _ name: String) -> Double? { find(input, name).map { Double($0.count.allocations) } }
}
