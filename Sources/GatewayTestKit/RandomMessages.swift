package import PluginProtocolV1

/// A seeded generator: a failure is repeated by its seed alone. (SplitMix64.)
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

/// Random v1 results: ordinary ones, with a good share of everything that is legal and rare.
package struct RandomMessages {
    package var generator: SeededGenerator

    package init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
    }

    package mutating func response(refIDs: [String]) -> Models_DatasourceResponse {
        var response = Models_DatasourceResponse()
        response.results = refIDs.map { result(refID: $0) }
        return response
    }

    package mutating func result(refID: String) -> Models_QueryResult {
        var result = Models_QueryResult()
        result.refID = refID
        if chance(10) { result.error = text() }
        if chance(4) { result.metaJson = pick(["{}", #"{"sql":"x","n":1e3}"#, "[1, 2]", "{bad", "null", #" {"a" : "b c"} "#]) }
        for _ in 0..<number(below: 4) { result.series.append(series()) }
        for _ in 0..<number(below: 3) { result.tables.append(table()) }
        return result
    }

    package mutating func series() -> Models_TimeSeries {
        var series = Models_TimeSeries()
        series.name = text()
        for _ in 0..<number(below: 4) { series.tags[text()] = text() }
        var time = Int64.random(in: -1_000_000_000...2_000_000_000_000, using: &generator)
        // Mostly short: what is rare is rare by the point, not by the series.
        for _ in 0..<number(below: chance(4) ? 40 : 6) {
            var point = Models_Point()
            point.timestamp = chance(30) ? integer() : time
            point.value = double()
            series.points.append(point)
            time += chance(10) ? 0 : Int64(number(below: 60_000))
        }
        return series
    }

    package mutating func table() -> Models_Table {
        var table = Models_Table()
        let count = number(below: 6)
        var kinds: [[Int]] = []
        for _ in 0..<count {
            var column = Models_TableColumn()
            column.name = chance(4) ? pick(["time", "Time", "DATE", "date"]) : text()
            table.columns.append(column)
            kinds.append(chance(3) ? [0, 1, 2, 3, 4, 5] : [0, number(below: 6)])
        }
        for _ in 0..<number(below: chance(3) ? 12 : 4) {
            var row = Models_TableRow()
            let length = chance(10) ? number(below: count + 2) : count
            for column in 0..<length { row.values.append(cell(pick(column < count ? kinds[column] : [1, 4]))) }
            table.rows.append(row)
        }
        return table
    }

    /// A table that cannot be shown.
    package mutating func tableOfUnknownKind() -> Models_Table {
        var table = table()
        var cell = Models_RowValue()
        cell.kind = .UNRECOGNIZED(pick([6, 100, -1]))
        var row = Models_TableRow()
        row.values = [cell]
        table.rows.append(row)
        return table
    }

    private mutating func cell(_ kind: Int) -> Models_RowValue {
        var value = Models_RowValue()
        value.kind = Models_RowValue.Kind(rawValue: kind) ?? .typeNull
        // Values of other kinds must not matter.
        if kind == 1 || chance(20) { value.doubleValue = double() }
        if kind == 2 || chance(20) { value.int64Value = integer() }
        if kind == 3 || chance(20) { value.boolValue = chance(2) }
        if kind == 4 || chance(20) { value.stringValue = chance(3) ? timeText() : text() }
        if kind == 5 || chance(20) {
            for _ in 0..<number(below: 6) { value.bytesValue.append(UInt8(chance(4) ? 0xff : number(below: 128))) }
        }
        return value
    }

    // MARK: Leaves

    package mutating func number(below bound: Int) -> Int { Int.random(in: 0..<max(1, bound), using: &generator) }
    package mutating func chance(_ one: Int) -> Bool { number(below: one) == 0 }
    package mutating func pick<Element>(_ list: [Element]) -> Element { list[number(below: list.count)] }

    package mutating func text() -> String {
        pick([
            "", "a", "b", "name", "series", "é", "e\u{301}", "\u{1F600}", "quote\"\\", "line\nbreak", "cpu usage", "\u{0}", "<&>",
        ])
    }

    package mutating func timeText() -> String {
        pick([
            "0", "1568039445000", "-5", "2020-01-02T03:04:05Z", "1960-02-29 23:59:59.5+05:30", "9999-12-31T00:00:00Z",
            "99999999999999999999", "1677-09-21T00:12:43.145224192Z", "2262-04-11T23:47:16.854775808Z", "2021-02-29T00:00:00Z",
        ])
    }

    package mutating func integer() -> Int64 {
        pick([
            0, 1, -1, .min, .max, 1 << 53 + 1, 9_223_372_036_854, 9_223_372_036_855, Int64(truncatingIfNeeded: generator.next()),
        ])
    }

    package mutating func double() -> Double {
        let any = Double(bitPattern: generator.next())
        return pick([0, -0.0, 1, -1.5, .nan, .infinity, -.infinity, .leastNonzeroMagnitude, 1e21, 1000.25, any.isNaN ? 0.1 : any])
    }
}
