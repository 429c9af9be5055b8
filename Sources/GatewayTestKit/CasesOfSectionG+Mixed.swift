extension CasesOfSectionG {
    private static let m = CaseInput.Series("m", [(1, 1)])
    private static let mFrame = frame("m", times: [1], [1])
    private static let a = CaseInput.Table(column: "a", [.int(1)])
    private static let aFrame = table([CaseField("a", "int64", [.int(1)])])

    static let mixed: [TranslationCase] = [
        TranslationCase(52, "series before tables", CaseInput(series: [m], tables: [a]), CaseExpectation([mFrame, aFrame])),
        TranslationCase(
            53, "two tables", CaseInput(tables: [a, .init(column: "b", [.string("x")])]),
            CaseExpectation([aFrame, table([CaseField("b", "string", [.string("x")])])])),
        TranslationCase(
            54, "error only", CaseInput(error: "boom"), CaseExpectation(status: 500, error: "boom", errorSource: "downstream")),
        TranslationCase(
            55, "error and data", CaseInput(error: "partial", series: [m]),
            CaseExpectation(status: 500, error: "partial", errorSource: "downstream", [mFrame])),
        TranslationCase(
            56, "meta object", CaseInput(metaJSON: #"{"sql":"SELECT 1","rowCount":2}"#, series: [m]),
            CaseExpectation(
                jsonMeta: #"{"sql":"SELECT 1","rowCount":2}"#,
                [
                    frame(
                        "m", times: [1], [1],
                        meta: CaseMeta(
                            type: "timeseries-multi", executedQueryString: "SELECT 1", custom: #"{"rowCount":2,"sql":"SELECT 1"}"#
                        ))
                ])),
        TranslationCase(
            57, "meta array", CaseInput(metaJSON: "[1]", tables: [a]),
            CaseExpectation(
                jsonMeta: "[1]",
                [
                    CaseFrame(
                        meta: CaseMeta(preferredVisualisationType: "table", custom: #"{"value":[1]}"#),
                        [CaseField("a", "int64", [.int(1)])])
                ])),
        TranslationCase(58, "meta invalid", CaseInput(metaJSON: "{bad", series: [m]), CaseExpectation([mFrame])),
        TranslationCase(59, "meta without frames", CaseInput(metaJSON: #"{"a":1}"#), CaseExpectation(jsonMeta: #"{"a":1}"#)),
        narrow(
            60, "table: bits beyond one byte, with a null", "c", bits.map { $0.map { .bool($0) } ?? .null }, "bool",
            bits.map { $0.map { .bool($0) } ?? .null }),
    ]

    private static let bits: [Bool?] = [true, false, true, false, true, false, true, false, nil, false]
}
