import Foundation
import GatewayTestKit
import PluginProtocolV1

@testable import Translation

/// The response rules once more, as plainly as possible, on generated messages: what the fast decoder must agree with.
enum ReferenceFrames {
    static func expectation(_ result: Models_QueryResult) -> CaseExpectation {
        var expectation = CaseExpectation()
        if !result.error.isEmpty {
            expectation.status = 500
            expectation.error = result.error
            expectation.errorSource = "downstream"
        }
        let meta = metaOfJSON[result.metaJson] ?? nil
        expectation.jsonMeta = meta == nil ? "" : result.metaJson
        expectation.frames = series(result.series) + result.tables.map(table)
        for place in expectation.frames.indices {
            guard let meta else { continue }
            var combined = expectation.frames[place].meta ?? CaseMeta()
            combined.custom = meta.custom
            combined.executedQueryString = meta.sql
            expectation.frames[place].meta = combined
        }
        return expectation
    }

    /// What the random messages use as metaJson, with sorted keys.
    private static let metaOfJSON: [String: (custom: String, sql: String?)?] = [
        "{}": ("{}", nil), #"{"sql":"x","n":1e3}"#: (#"{"n":1000,"sql":"x"}"#, "x"), "[1, 2]": (#"{"value":[1,2]}"#, nil),
        "null": (#"{"value":null}"#, nil), #" {"a" : "b c"} "#: (#"{"a":"b c"}"#, nil),
    ]

    // MARK: Series

    private static func series(_ list: [Models_TimeSeries]) -> [CaseFrame] {
        var labels = list.map(\.tags)
        for (place, series) in list.enumerated()
        where list.contains(where: { identity($0.tags) == identity(series.tags) && !$0.name.utf8.elementsEqual(series.name.utf8) }
        ) {
            if let key = ["name", "series", "__name__"].first(where: { labels[place][$0] == nil }) {
                labels[place][key] = series.name
            }
        }
        let kept = list.map { $0.points.filter { Timestamp.validMilliseconds.contains($0.timestamp) } }
        let ascending = kept.allSatisfy { points in zip(points, points.dropFirst()).allSatisfy { $0.timestamp < $1.timestamp } }
        let marked = ascending && Set(labels.map(identity)).count == labels.count
        return list.indices.map { place in
            let dropped = list[place].points.count - kept[place].count
            var meta = marked ? CaseMeta.series : CaseMeta()
            if dropped > 0 { meta.notices = ["\(dropped) data point(s) dropped: timestamp outside the nanosecond range"] }
            let name = list[place].name
            return CaseFrame(
                name, meta: marked || dropped > 0 ? meta : nil,
                [
                    CaseField("Time", "time", nullable: false, kept[place].map { .time($0.timestamp * 1_000_000) }),
                    CaseField(
                        "Value", "float64", labels: labels[place], displayName: name.isEmpty ? nil : name,
                        kept[place].map { .double($0.value) }),
                ])
        }
    }

    /// Labels as bytes: `String` equality would merge composed and decomposed letters.
    private static func identity(_ labels: [String: String]) -> [[UInt8]] {
        labels.map { Array($0.key.utf8) + [0xff] + Array($0.value.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
    }

    // MARK: Tables

    private static func table(_ table: Models_Table) -> CaseFrame {
        let extra = table.rows.reduce(0) { $0 + max(0, $1.values.count - table.columns.count) }
        var meta = CaseMeta.table
        if extra > 0 { meta.notices.append("\(extra) cell(s) dropped: row longer than the header") }
        var fields: [CaseField] = []
        for (place, column) in table.columns.enumerated() {
            let cells = table.rows.map { $0.values.indices.contains(place) ? $0.values[place] : Models_RowValue() }
            fields.append(field(column.name, cells, &meta))
        }
        return CaseFrame(meta: meta, fields)
    }

    private static func field(_ name: String, _ cells: [Models_RowValue], _ meta: inout CaseMeta) -> CaseField {
        let kinds = Set(cells.map(\.kind)).subtracting([.typeNull])
        if ["time", "date"].contains(name.lowercased()), kinds.isDisjoint(with: [.typeBool, .typeBytes]) {
            let readings = cells.map(reading)
            if !readings.contains(.notATime) {
                let values = readings.map {
                    if case .nanoseconds(let time)? = $0 { CaseValue.time(time) } else { CaseValue.null }
                }
                let lost = readings.count { $0 == .outOfRange }
                if lost > 0 {
                    meta.notices.append(
                        "\(lost) value(s) of column \"\(name)\" set to null: timestamp outside the nanosecond range")
                }
                return CaseField(name, "time", values)
            }
        }
        switch kinds {
        case [.typeInt64]: return CaseField(name, "int64", cells.map { $0.kind == .typeNull ? .null : .int($0.int64Value) })
        case [.typeBool]: return CaseField(name, "bool", cells.map { $0.kind == .typeNull ? .null : .bool($0.boolValue) })
        case [.typeDouble], [.typeDouble, .typeInt64]:
            if cells.contains(where: { $0.kind == .typeInt64 && Int64(exactly: Double($0.int64Value)) != $0.int64Value }) {
                meta.notices.append("column \"\(name)\": integers rounded to double")
            }
            return CaseField(
                name, "float64",
                cells.map { cell in
                    cell.kind == .typeNull ? .null : .double(cell.kind == .typeInt64 ? Double(cell.int64Value) : cell.doubleValue)
                })
        default:
            let asText = cells.allSatisfy { $0.kind != .typeBytes || String(validating: $0.bytesValue, as: UTF8.self) != nil }
            return CaseField(name, "string", cells.map { text($0, bytesAsText: asText) })
        }
    }

    private static func reading(_ cell: Models_RowValue) -> Timestamp.Reading? {
        switch cell.kind {
        case .typeInt64: Timestamp.fromMilliseconds(cell.int64Value)
        case .typeDouble: Timestamp.fromMilliseconds(cell.doubleValue)
        case .typeString: Array(cell.stringValue.utf8).withUnsafeBytes { Timestamp.fromText($0) }
        default: nil
        }
    }

    private static func text(_ cell: Models_RowValue, bytesAsText: Bool) -> CaseValue {
        switch cell.kind {
        case .typeDouble: .string(ShortestNumber.text(cell.doubleValue))
        case .typeInt64: .string("\(cell.int64Value)")
        case .typeBool: .string(cell.boolValue ? "true" : "false")
        case .typeString: .string(cell.stringValue)
        case .typeBytes:
            .string(bytesAsText ? String(decoding: cell.bytesValue, as: UTF8.self) : cell.bytesValue.base64EncodedString())
        default: .null
        }
    }
}
