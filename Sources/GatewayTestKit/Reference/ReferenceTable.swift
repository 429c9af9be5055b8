internal import DataFrames
internal import Foundation
internal import PluginProtocolV1
internal import SwiftProtobuf
internal import Translation

/// A `models.Table` and what becomes of it (rule B.4).
struct ReferenceTable {
    /// Why nothing can be made of a table.
    struct Unusable: Error {
        var text: String
    }

    private let table: Models_Table
    private let options: TranslationOptions

    init(_ table: Models_Table, _ options: TranslationOptions) {
        self.table = table
        self.options = options
    }

    func frame(_ ledger: inout LossLedger) -> Result<Frame, Unusable> {
        ledger.addUnknown(table.unknownFields, in: "models.Table")
        for column in table.columns { ledger.addUnknown(column.unknownFields, in: "models.TableColumn") }
        if let reason = sizeProblem { return .failure(Unusable(text: reason)) }
        for row in table.rows {
            ledger.addUnknown(row.unknownFields, in: "models.TableRow")
            for cell in row.values { ledger.addUnknown(cell.unknownFields, in: "models.RowValue") }
        }
        for cell in table.rows.lazy.flatMap(\.values) {
            guard case .UNRECOGNIZED(let number) = cell.kind else { continue }
            ledger.add("models.RowValue.kind", .unknownCellKind)
            return .failure(Unusable(text: "unsupported row value kind \(number)"))
        }
        var meta = FrameMeta(preferredVisualisationType: "table")
        let extra = table.rows.reduce(0) { $0 + max(0, $1.values.count - table.columns.count) }
        ledger.add("models.TableRow.values", .cellBeyondHeader, count: extra)
        if extra > 0 { meta.warn("\(extra) cell(s) dropped: row longer than the header") }
        var fields: [Field] = []
        for (place, column) in table.columns.enumerated() {
            let cells = table.rows.map { $0.values.indices.contains(place) ? $0.values[place] : Models_RowValue() }
            fields.append(Field(name: column.name, nullable: true, column: self.column(column.name, cells, &meta, &ledger)))
        }
        return .success(Frame(meta: meta, fields: fields))
    }

    /// The bounds on tables that are large without holding much.
    private var sizeProblem: String? {
        let columns = table.columns.count
        let rows = table.rows.count
        if columns > 65_536 { return "the plugin sent a table with \(columns) columns; at most 65536 can be shown" }
        let bytes = (try? table.serializedData().count) ?? 0
        if columns * rows <= 1_000_000 + bytes { return nil }
        return "the plugin sent a table of \(rows) rows and \(columns) columns, but most of its rows are shorter; "
            + "the plugin must send rows as long as the header"
    }

    private func column(
        _ name: String, _ cells: [Models_RowValue], _ meta: inout FrameMeta, _ ledger: inout LossLedger
    ) -> Column {
        let kinds = Set(cells.map(\.kind)).subtracting([.typeNull])
        let isNamedTime = options.timeColumns.contains { ReferenceText.equalsIgnoringCase($0, name) }
        if isNamedTime, kinds.isDisjoint(with: [.typeBool, .typeBytes]), let times = Self.times(cells) {
            let lost = times.count { $0 == .outOfRange }
            if lost > 0 {
                meta.warn("\(lost) value(s) of column \"\(name)\" set to null: timestamp outside the nanosecond range")
            }
            ledger.add("models.RowValue", .timestampOutOfRange, count: lost)
            return .timestamp(TimestampColumn(times.map(\.nanoseconds)))
        }
        switch kinds {
        case [.typeInt64]: return .int64(Int64Column(cells.map { $0.kind == .typeNull ? nil : $0.int64Value }))
        case [.typeBool]: return .bool(BoolColumn(cells.map { $0.kind == .typeNull ? nil : $0.boolValue }))
        case [.typeDouble], [.typeDouble, .typeInt64]: return doubles(name, cells, &meta, &ledger)
        default: return texts(cells, &ledger)
        }
    }

    /// Nil when a text is not a time: then the column is none of times.
    private static func times(_ cells: [Models_RowValue]) -> [ReferenceText.Time]? {
        var times: [ReferenceText.Time] = []
        for cell in cells {
            switch cell.kind {
            case .typeInt64: times.append(.milliseconds(cell.int64Value))
            case .typeDouble: times.append(.milliseconds(cell.doubleValue))
            case .typeString:
                guard let time = ReferenceText.time(cell.stringValue) else { return nil }
                times.append(time)
            default: times.append(.none)
            }
        }
        return times
    }

    private func doubles(
        _ name: String, _ cells: [Models_RowValue], _ meta: inout FrameMeta, _ ledger: inout LossLedger
    ) -> Column {
        let rounded = cells.count {
            $0.kind == .typeInt64 && Int64(exactly: Double($0.int64Value)) != $0.int64Value
        }
        if rounded > 0 { meta.warn("column \"\(name)\": integers rounded to double") }
        ledger.add("models.RowValue.int64Value", .roundedToDouble, count: rounded)
        var replaced = 0
        let values = cells.map { cell -> Double? in
            switch cell.kind {
            case .typeInt64: return Double(cell.int64Value)
            case .typeDouble:
                if cell.doubleValue.isNaN && options.nan == .null {
                    replaced += 1
                    return nil
                }
                return cell.doubleValue
            default: return nil
            }
        }
        ledger.add("models.RowValue.doubleValue", .nanToNull, count: replaced)
        return .float64(Float64Column(values))
    }

    private func texts(_ cells: [Models_RowValue], _ ledger: inout LossLedger) -> Column {
        let allText = cells.allSatisfy { $0.kind != .typeBytes || String(validating: $0.bytesValue, as: UTF8.self) != nil }
        let bytesAreText = options.bytes == .utf8 || options.bytes == .auto && allText
        var column = TextColumn()
        var repaired = 0
        for cell in cells {
            switch cell.kind {
            case .typeDouble: column.append(ReferenceText.number(cell.doubleValue))
            case .typeInt64: column.append("\(cell.int64Value)")
            case .typeBool: column.append(cell.boolValue ? "true" : "false")
            case .typeString:
                if cell.unknownFields.isMarkedAsRepaired { repaired += 1 }
                column.append(cell.stringValue)
            case .typeBytes:
                if !bytesAreText {
                    column.append(cell.bytesValue.base64EncodedString())
                } else {
                    if String(validating: cell.bytesValue, as: UTF8.self) == nil { repaired += 1 }
                    column.append(utf8: Array(cell.bytesValue))
                }
            default: column.appendNull()
            }
        }
        ledger.add("models.RowValue.stringValue", .invalidUTF8, count: repaired)
        return .utf8(column)
    }
}

extension FrameMeta {
    fileprivate mutating func warn(_ text: String) {
        notices.append(Notice(severity: .warning, text: text))
    }
}
