extension CasesOfSectionG {
    static let tables: [TranslationCase] = [
        wide(
            21, "table: all kinds", ["i", "d", "b", "s"],
            [[.int(1), .double(1.5), .bool(true), .string("x")], [.null, .null, .null, .null]],
            [
                CaseField("i", "int64", [.int(1), .null]), CaseField("d", "float64", [.double(1.5), .null]),
                CaseField("b", "bool", [.bool(true), .null]), CaseField("s", "string", [.string("x"), .null]),
            ]),
        wide(
            22, "table: Time INT64", ["Time", "v"], [[.int(1000), .double(1)], [.int(2000), .null]],
            [CaseField("Time", "time", [ms(1000), ms(2000)]), CaseField("v", "float64", [.double(1), .null])]),
        narrow(
            23, "table: time DOUBLE with fraction", "time", [.double(1000.25), .double(-0.5)], "time",
            [.time(1_000_250_000), .time(-500_000)]),
        narrow(
            24, "table: date RFC 3339", "Date",
            [.string("2020-01-02T03:04:05Z"), .string("2020-01-02 03:04:05.123456789+02:00")], "time",
            [ms(1_577_934_245_000), .time(1_577_927_045_123_456_789)]),
        narrow(
            25, "table: time with an unparsable string", "time", [.string("1000"), .string("yesterday")], "string",
            [.string("1000"), .string("yesterday")]),
        narrow(26, "table: time in numeric strings", "time", [.string("1000"), .null], "time", [ms(1000), .null]),
        narrow(
            27, "table: time overflow", "time", [.int(1_000_000_000_000_000_000), .int(5)], "time", [.null, ms(5)],
            notices: ["1 value(s) of column \"time\" set to null: timestamp outside the nanosecond range"]),
        narrow(28, "table: time all NULL", "time", [.null, .null], "time", [.null, .null]),
        narrow(29, "table: time with bool", "time", [.int(1), .bool(true)], "string", [.string("1"), .string("true")]),
        narrow(
            30, "table: column timestamp is not converted", "timestamp", [.int(1_568_039_445_000)], "int64",
            [.int(1_568_039_445_000)]),
        wide(
            31, "table: NULL-only column", ["c", "n"], [[.null, .int(1)], [.null, .int(2)]],
            [CaseField("c", "string", [.null, .null]), CaseField("n", "int64", [.int(1), .int(2)])]),
        wide(32, "table: zero rows", ["a", "b"], [], [CaseField("a", "string", []), CaseField("b", "string", [])]),
        wide(
            33, "table: zero rows with Time", ["Time", "v"], [], [CaseField("Time", "time", []), CaseField("v", "string", [])]),
        narrow(
            34, "table: int and double", "c", [.int(1), .double(2.5), .null], "float64", [.double(1), .double(2.5), .null]),
        narrow(
            35, "table: huge int and double", "c", [.int(9_007_199_254_740_993), .double(0.5)], "float64",
            [.double(9_007_199_254_740_992), .double(0.5)], notices: ["column \"c\": integers rounded to double"]),
        narrow(36, "table: int64 extremes", "c", [.int(.min), .int(.max)], "int64", [.int(.min), .int(.max)]),
        narrow(
            37, "table: int and string", "c", [.int(1), .string("x"), .null], "string", [.string("1"), .string("x"), .null]),
        narrow(
            38, "table: double and string", "c", [.double(1e21), .double(0.1), .double(3), .double(.nan), .string("x")], "string",
            [.string("1e+21"), .string("0.1"), .string("3"), .string("NaN"), .string("x")]),
        narrow(39, "table: bool and int", "c", [.bool(true), .int(1)], "string", [.string("true"), .string("1")]),
        narrow(40, "table: bool and string", "c", [.bool(false), .string("x")], "string", [.string("false"), .string("x")]),
        narrow(41, "table: bytes that are UTF-8", "c", [.bytes(Array("hé".utf8)), .null], "string", [.string("hé"), .null]),
        narrow(
            42, "table: binary bytes", "c", [.bytes([0xff, 0x00]), .bytes(Array("ok".utf8))], "string",
            [.string("/wA="), .string("b2s=")]),
        narrow(43, "table: bytes and string", "c", [.bytes([0xff]), .string("x")], "string", [.string("/w=="), .string("x")]),
        narrow(44, "table: numeric-looking strings", "c", [.string("1"), .string("2")], "string", [.string("1"), .string("2")]),
        wide(
            45, "table: row shorter than the header", ["a", "b"], [[.int(1)], [.int(2), .string("x")]],
            [CaseField("a", "int64", [.int(1), .int(2)]), CaseField("b", "string", [.null, .string("x")])]),
        wide(
            46, "table: row longer than the header", ["a"], [[.int(1)], [.int(2), .string("x")]],
            [CaseField("a", "int64", [.int(1), .int(2)])], notices: [droppedCell]),
        wide(47, "table: no columns", [], [[.int(1)]], [], notices: [droppedCell]),
        wide(
            48, "table: duplicate and empty names", ["a", "a", ""], [[.int(1), .string("x"), .bool(true)]],
            [
                CaseField("a", "int64", [.int(1)]), CaseField("a", "string", [.string("x")]),
                CaseField("", "bool", [.bool(true)]),
            ]),
        TranslationCase(
            49, "table: unknown kind", CaseInput(tables: [.init(column: "c", [.kind(6)])]),
            CaseExpectation(status: 500, error: "unsupported row value kind 6", errorSource: "plugin")),
        narrow(50, "table: NaN", "c", [.double(.nan), .double(1)], "float64", [.double(.nan), .double(1)]),
        narrow(51, "table: empty string and NULL", "c", [.string(""), .null], "string", [.string(""), .null]),
    ]

    private static func ms(_ milliseconds: Int64) -> CaseValue { .time(milliseconds * 1_000_000) }

    static func wide(
        _ number: Int, _ name: String, _ columns: [String], _ rows: [[CaseInput.Cell]], _ fields: [CaseField],
        notices: [String] = []
    ) -> TranslationCase {
        TranslationCase(
            number, name, CaseInput(tables: [.init(columns, rows)]), CaseExpectation([table(fields, notices: notices)]))
    }

    static func narrow(
        _ number: Int, _ name: String, _ column: String, _ cells: [CaseInput.Cell], _ type: String, _ values: [CaseValue],
        notices: [String] = []
    ) -> TranslationCase {
        wide(number, name, [column], cells.map { [$0] }, [CaseField(column, type, values)], notices: notices)
    }
}
