internal import DataFrames
internal import Foundation
package import PluginProtocolV1

/// Frames as what a v1 plugin sends, the way that hosts of the time of v1 read them (rule F.8).
///
/// Only here for proofs: what went through the gateway has to come out of this again.
package enum FramesToV1 {
    package static func result(_ response: ReferenceResponse, refID: String) -> Models_QueryResult {
        var result = Models_QueryResult()
        result.refID = refID
        result.error = response.error
        result.metaJson =
            response.jsonMeta.isEmpty
            ? response.frames.first?.meta?.custom?.description ?? "" : String(decoding: response.jsonMeta, as: UTF8.self)
        for frame in response.frames {
            // What says that it is a table is one, whatever its columns are.
            if frame.meta?.preferredVisualisationType == "table" {
                result.tables.append(table(frame))
            } else if let series = series(frame) {
                result.series += series
            } else {
                result.tables.append(table(frame))
            }
        }
        return result
    }

    // MARK: Series

    /// Nil for a frame that is not of series.
    private static func series(_ frame: Frame) -> [Models_TimeSeries]? {
        guard let time = frame.fields.first(where: { times($0.column) != nil }), let times = times(time.column) else {
            return nil
        }
        let texts = frame.fields.filter(isText)
        let values = frame.fields.filter { Self.times($0.column) == nil && !isText($0) }
        guard !values.isEmpty else { return nil }
        return values.flatMap { field -> [Models_TimeSeries] in
            guard !texts.isEmpty else { return [one(field, frame, times, rows: Array(times.indices), labels: [:])] }
            // Long: the texts of a row are labels.
            var groups: [(labels: [String: String], rows: [Int])] = []
            for row in times.indices {
                let labels = Dictionary(texts.map { ($0.name, cell($0.column, row).stringValue) }) { $1 }
                if let place = groups.firstIndex(where: { $0.labels == labels }) {
                    groups[place].rows.append(row)
                } else {
                    groups.append((labels, [row]))
                }
            }
            return groups.map { one(field, frame, times, rows: $0.rows, labels: $0.labels) }
        }
    }

    private static func one(
        _ field: Field, _ frame: Frame, _ times: [Int64?], rows: [Int], labels: [String: String]
    ) -> Models_TimeSeries {
        var series = Models_TimeSeries()
        series.name = field.config?.displayNameFromDS ?? (field.name == "Value" ? frame.name : field.name)
        for label in field.labels ?? Labels() { series.tags[label.key] = label.value }
        series.tags.merge(labels) { $1 }
        series.points = rows.compactMap { row in
            times[row].map { time in
                .with {
                    $0.timestamp = floorMilliseconds(time)
                    $0.value = number(field.column, row) ?? .nan
                }
            }
        }
        return series
    }

    private static func isText(_ field: Field) -> Bool {
        switch field.column {
        case .utf8, .json, .bool: true
        default: false
        }
    }

    private static func times(_ column: Column) -> [Int64?]? {
        guard case .timestamp(let cells) = column else { return nil }
        return (0..<cells.count).map { cells[$0] }
    }

    private static func floorMilliseconds(_ nanoseconds: Int64) -> Int64 {
        nanoseconds >= 0 ? nanoseconds / 1_000_000 : -((-(nanoseconds + 1)) / 1_000_000) - 1
    }

    private static func number(_ column: Column, _ row: Int) -> Double? {
        let value = cell(column, row)
        switch value.kind {
        case .typeDouble: return value.doubleValue
        case .typeInt64: return Double(value.int64Value)
        default: return nil
        }
    }

    // MARK: Tables

    private static func table(_ frame: Frame) -> Models_Table {
        var table = Models_Table()
        table.columns = frame.fields.map { field in .with { $0.name = field.name } }
        table.rows = (0..<frame.rowCount).map { row in .with { $0.values = frame.fields.map { cell($0.column, row) } } }
        return table
    }

    private static func cell(_ column: Column, _ row: Int) -> Models_RowValue {
        func integer(_ value: (some BinaryInteger)?) -> Models_RowValue {
            guard let value else { return Models_RowValue() }
            return .with {
                if let exact = Int64(exactly: value) {
                    $0.kind = .typeInt64
                    $0.int64Value = exact
                } else {
                    $0.kind = .typeDouble
                    $0.doubleValue = Double(value)
                }
            }
        }
        func double(_ value: Double?) -> Models_RowValue {
            guard let value else { return Models_RowValue() }
            return .with {
                $0.kind = .typeDouble
                $0.doubleValue = value
            }
        }
        switch column {
        case .timestamp(let cells): return integer(cells[row].map(floorMilliseconds))
        case .int8(let cells): return integer(cells[row])
        case .int16(let cells): return integer(cells[row])
        case .int32(let cells): return integer(cells[row])
        case .int64(let cells): return integer(cells[row])
        case .uint8(let cells): return integer(cells[row])
        case .uint16(let cells), .enumeration(let cells): return integer(cells[row])
        case .uint32(let cells): return integer(cells[row])
        case .uint64(let cells): return integer(cells[row])
        case .float32(let cells): return double(cells[row].map(Double.init))
        case .float64(let cells): return double(cells[row])
        case .bool(let cells):
            guard let value = cells[row] else { return Models_RowValue() }
            return .with {
                $0.kind = .typeBool
                $0.boolValue = value
            }
        case .utf8(let cells), .json(let cells):
            guard let value = cells[row] else { return Models_RowValue() }
            return .with {
                $0.kind = .typeString
                $0.stringValue = value
            }
        }
    }
}
