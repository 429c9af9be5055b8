extension CasesOfSectionG {
    static let series: [TranslationCase] = [
        one(1, "series without tags", .init("cpu", [(1000, 1.5), (2000, 2.5)]), frame("cpu", times: [1000, 2000], [1.5, 2.5])),
        one(
            2, "series with tags", .init("cpu", ["host": "a", "dc": "x"], [(1000, 1)]),
            frame("cpu", labels: ["dc": "x", "host": "a"], times: [1000], [1])),
        one(3, "empty name", .init("", [(1, 1)]), frame("", times: [1], [1])),
        one(4, "empty name with tags", .init("", ["host": "a"], [(1, 1)]), frame("", labels: ["host": "a"], times: [1], [1])),
        one(
            5, "NaN and infinities", .init("m", [(1, .nan), (2, .infinity), (3, -.infinity), (4, -0.0)]),
            frame("m", times: [1, 2, 3, 4], [.nan, .infinity, -.infinity, -0.0])),
        one(6, "zero points", .init("m", []), frame("m", times: [], [])),
        TranslationCase(7, "no series, no tables", CaseInput(), CaseExpectation()),
        many(
            8, "two names, no tags", [.init("a", [(1, 1)]), .init("b", [(1, 2)])],
            [frame("a", labels: ["name": "a"], times: [1], [1]), frame("b", labels: ["name": "b"], times: [1], [2])]),
        many(
            9, "same name, same tags twice", [.init("a", [(1, 1)]), .init("a", [(1, 2)])],
            [frame("a", times: [1], [1], meta: nil), frame("a", times: [1], [2], meta: nil)]),
        many(
            10, "same tags, label key name used", [.init("a", ["name": "x"], [(1, 1)]), .init("b", ["name": "x"], [(1, 2)])],
            [
                frame("a", labels: ["name": "x", "series": "a"], times: [1], [1]),
                frame("b", labels: ["name": "x", "series": "b"], times: [1], [2]),
            ]),
        many(
            11, "different tags", [.init("m", ["host": "a"], [(1, 1)]), .init("m", ["host": "b"], [(1, 2)])],
            [frame("m", labels: ["host": "a"], times: [1], [1]), frame("m", labels: ["host": "b"], times: [1], [2])]),
        one(
            12, "unsorted points", .init("m", [(3000, 3), (1000, 1), (2000, 2)]),
            frame("m", times: [3000, 1000, 2000], [3, 1, 2], meta: nil)),
        one(
            13, "duplicate timestamps", .init("m", [(1000, 1), (1000, 2)]), frame("m", times: [1000, 1000], [1, 2], meta: nil)),
        many(
            14, "one sorted, one unsorted",
            [.init("a", ["h": "1"], [(1, 1), (2, 2)]), .init("b", ["h": "2"], [(2, 1), (1, 2)])],
            [
                frame("a", labels: ["h": "1"], times: [1, 2], [1, 2], meta: nil),
                frame("b", labels: ["h": "2"], times: [2, 1], [1, 2], meta: nil),
            ]),
        one(15, "timestamp 0 and negative", .init("m", [(-1, 1), (0, 2)]), frame("m", times: [-1, 0], [1, 2])),
        one(
            16, "largest milliseconds", .init("m", [(-9_223_372_036_854, 1), (9_223_372_036_854, 2)]),
            frame("m", times: [-9_223_372_036_854, 9_223_372_036_854], [1, 2])),
        one(
            17, "timestamp overflow", .init("m", [(9_223_372_036_855, 9), (1000, 1)]),
            frame("m", times: [1000], [1], meta: CaseMeta(type: "timeseries-multi", notices: [droppedPoint]))),
        one(
            18, "all points overflow", .init("m", [(1_568_039_445_000_000_000, 1)]),
            frame("m", times: [], [], meta: CaseMeta(type: "timeseries-multi", notices: [droppedPoint]))),
        one(
            19, "largest and smallest value", .init("m", [(1, 1.7976931348623157e308), (2, .leastNonzeroMagnitude)]),
            frame("m", times: [1, 2], [1.7976931348623157e308, .leastNonzeroMagnitude])),
        one(
            20, "label with quotes and unicode", .init("m", ["k\"": "é\n<"], [(1, 1)]),
            frame("m", labels: ["k\"": "é\n<"], times: [1], [1])),
    ]

    private static func one(_ number: Int, _ name: String, _ series: CaseInput.Series, _ frame: CaseFrame) -> TranslationCase {
        many(number, name, [series], [frame])
    }

    private static func many(_ number: Int, _ name: String, _ series: [CaseInput.Series], _ frames: [CaseFrame])
        -> TranslationCase
    {
        TranslationCase(number, name, CaseInput(series: series), CaseExpectation(frames))
    }
}

extension CaseInput.Series {
    /// A series without tags.
    package init(_ name: String, _ points: [(Int64, Double)]) {
        self.init(name, [:], points)
    }
}
