package import PluginProtocolV1

/// One `models.QueryResult` as a test writes it down: it becomes the protobuf message, or the JSON that makes the real legacy plugin send it.
package struct CaseInput: Sendable {
    package struct Series: Sendable {
        package var name: String
        package var tags: [String: String]
        /// Milliseconds and value.
        package var points: [(Int64, Double)]

        package init(_ name: String, _ tags: [String: String] = [:], _ points: [(Int64, Double)]) {
            self.name = name
            self.tags = tags
            self.points = points
        }
    }

    package enum Cell: Sendable {
        case null
        case double(Double)
        case int(Int64)
        case bool(Bool)
        case string(String)
        case bytes([UInt8])
        /// A kind by its number, without a value.
        case kind(Int)
    }

    package struct Table: Sendable {
        package var columns: [String]
        package var rows: [[Cell]]

        package init(_ columns: [String], _ rows: [[Cell]]) {
            self.columns = columns
            self.rows = rows
        }

        /// A table of one column.
        package init(column: String, _ cells: [Cell]) {
            self.init([column], cells.map { [$0] })
        }
    }

    package var refID: String
    package var error: String
    package var metaJSON: String
    package var series: [Series]
    package var tables: [Table]

    package init(
        refID: String = "A", error: String = "", metaJSON: String = "", series: [Series] = [], tables: [Table] = []
    ) {
        self.refID = refID
        self.error = error
        self.metaJSON = metaJSON
        self.series = series
        self.tables = tables
    }
}

extension CaseInput {
    /// The message as SwiftProtobuf encodes it.
    package var message: Models_QueryResult {
        var result = Models_QueryResult()
        result.refID = refID
        result.error = error
        result.metaJson = metaJSON
        result.series = series.map { input in
            var series = Models_TimeSeries()
            series.name = input.name
            series.tags = input.tags
            series.points = input.points.map { milliseconds, value in
                var point = Models_Point()
                point.timestamp = milliseconds
                point.value = value
                return point
            }
            return series
        }
        result.tables = tables.map { input in
            var table = Models_Table()
            table.columns = input.columns.map { name in
                var column = Models_TableColumn()
                column.name = name
                return column
            }
            table.rows = input.rows.map { cells in
                var row = Models_TableRow()
                row.values = cells.map(\.message)
                return row
            }
            return table
        }
        return result
    }
}

extension CaseInput.Cell {
    package var message: Models_RowValue {
        var value = Models_RowValue()
        switch self {
        case .null: value.kind = .typeNull
        case .double(let double):
            value.kind = .typeDouble
            value.doubleValue = double
        case .int(let int):
            value.kind = .typeInt64
            value.int64Value = int
        case .bool(let bool):
            value.kind = .typeBool
            value.boolValue = bool
        case .string(let string):
            value.kind = .typeString
            value.stringValue = string
        case .bytes(let bytes):
            value.kind = .typeBytes
            value.bytesValue.append(contentsOf: bytes)
        case .kind(let number):
            value.kind = .UNRECOGNIZED(number)
        }
        return value
    }
}
