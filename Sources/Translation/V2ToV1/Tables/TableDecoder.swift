internal import DataFrames

/// Reads a `models.Table` in three passes over the bytes: the header, the kinds of every column, the cells.
///
/// There is never an object per cell; what the kinds say decides the type of a column before it is filled.
struct TableDecoder {
    static let message = "models.Table"
    /// More columns than any table has; each costs memory even when the table has no rows.
    static let maximumColumns = 65_536
    private let start: WireReader
    private let options: TranslationOptions
    private let source: (any ColumnMemorySource)?
    private var names: [String] = []
    private var facts: [ColumnFacts] = []
    private var rowCount = 0
    private var extraCells = 0
    private var unknownKind: Int32?

    /// - Parameter source: where large columns take their memory from.
    init(_ reader: WireReader, _ options: TranslationOptions, from source: (any ColumnMemorySource)? = nil) {
        start = reader
        self.options = options
        self.source = source
    }

    mutating func table(_ allowance: inout ReplyAllowance, _ ledger: inout LossLedger) throws(TableFault) -> PluginTable {
        var columns: [ColumnBuilder] = []
        do throws(WireError) {
            try readHeader(&ledger)
            try allowance.columns(names.count, at: start.offset + start.remaining)
        } catch {
            throw .wire(error)
        }
        try checkSize(&allowance)
        do throws(WireError) {
            try collectKinds(&ledger)
        } catch {
            throw .wire(error)
        }
        if let unknownKind {
            ledger.add("models.RowValue.kind", .unknownCellKind)
            throw .unusable("unsupported row value kind \(unknownKind)")
        }
        do throws(WireError) {
            columns = facts.map { ColumnBuilder($0, rows: rowCount, options, from: source) }
            try fill(&columns)
        } catch {
            throw .wire(error)
        }
        ledger.add("models.TableRow.values", .cellBeyondHeader, count: extraCells)

        var notices: [Notice] = []
        if extraCells > 0 {
            notices.append(Notice(severity: .warning, text: "\(extraCells) cell(s) dropped: row longer than the header"))
        }
        var fields: [Field] = []
        fields.reserveCapacity(columns.count)
        for (name, column) in zip(names, columns) {
            column.enterLosses(column: name, &notices, &ledger)
            fields.append(Field(name: name, nullable: true, column: column.column()))
        }
        return PluginTable(fields: fields, rowCount: rowCount, notices: notices)
    }

    private mutating func readHeader(_ ledger: inout LossLedger) throws(WireError) {
        var reader = start
        while !reader.isAtEnd {
            let tag = try reader.tag()
            switch (tag.number, tag.type) {
            case (1, .bytes):
                var column = try reader.message()
                var name = WireText("")
                while !column.isAtEnd {
                    let tag = try column.tag()
                    if tag.isField(1, .bytes) {
                        name = try column.text("models.TableColumn.name", &ledger)
                    } else {
                        try column.skipUnknown(tag, in: "models.TableColumn", &ledger)
                    }
                }
                names.append(name.string)
            case (2, .bytes):
                _ = try reader.delimited()
                rowCount += 1
            default: try reader.skipUnknown(tag, in: Self.message, &ledger)
            }
        }
    }

    private func checkSize(_ allowance: inout ReplyAllowance) throws(TableFault) {
        guard names.count <= Self.maximumColumns else {
            throw .unusable("the plugin sent a table with \(names.count) columns; at most \(Self.maximumColumns) can be shown")
        }
        let (cells, overflow) = names.count.multipliedReportingOverflow(by: rowCount)
        guard !overflow, allowance.pad(cells - start.remaining) else {
            throw .unusable(
                "the plugin sent a table of \(rowCount) rows and \(names.count) columns, but most of its rows are shorter; "
                    + "the plugin must send rows as long as the header")
        }
    }

    private mutating func collectKinds(_ ledger: inout LossLedger) throws(WireError) {
        var facts = names.map { ColumnFacts(name: $0, options) }
        var extra = 0
        var unknownKind: Int32?
        var found = LossLedger()
        try facts.withUnsafeMutableBufferPointer { facts throws(WireError) in
            let columns = facts.count
            try forEachCell { reader, _, column, cell in
                if column < columns { facts[column].add(cell, reader) } else { extra += 1 }
            } endOfRow: { _, _ in
            } unknownField: { number, message in
                found.add(.unknown(number, in: message), .unknownField)
            } unknownKind: { number in
                unknownKind = unknownKind ?? number
            }
        }
        ledger.merge(found)
        self.facts = facts
        self.unknownKind = unknownKind
        extraCells = extra
    }

    private func fill(_ columns: inout [ColumnBuilder]) throws(WireError) {
        try columns.withUnsafeMutableBufferPointer { columns throws(WireError) in
            let count = columns.count
            try forEachCell { reader, row, column, cell in
                if column < count { columns[column].append(cell, row, reader) }
            } endOfRow: { row, cells in
                for column in min(cells, count)..<count { columns[column].appendNull(row) }
            } unknownField: { _, _ in
            } unknownKind: { _ in
            }
        }
    }

    /// Calls `body` with every cell in the order of the wire, and `endOfRow` with the number of cells of each row.
    @inline(__always)
    private func forEachCell(
        _ body: (_ reader: WireReader, _ row: Int, _ column: Int, _ cell: Cell) -> Void,
        endOfRow: (_ row: Int, _ cells: Int) -> Void,
        unknownField: (_ number: UInt32, _ message: String) -> Void, unknownKind: (Int32) -> Void
    ) throws(WireError) {
        var reader = start
        var row = 0
        while !reader.isAtEnd {
            let tag = try reader.tag()
            guard tag.isField(2, .bytes) else {
                try reader.skip(tag)
                continue
            }
            var cells = try reader.message()
            var column = 0
            while !cells.isAtEnd {
                var found = Cell(usual: &cells, readable: reader.end)
                if found == nil { found = try anyCell(&cells, unknownField: unknownField, unknownKind: unknownKind) }
                guard let cell = found else { continue }
                body(reader, row, column, cell)
                column += 1
            }
            endOfRow(row, column)
            row += 1
        }
    }

    /// Nil for a field of a row that is no cell.
    @inline(never)
    private func anyCell(
        _ row: inout WireReader, unknownField: (_ number: UInt32, _ message: String) -> Void, unknownKind: (Int32) -> Void
    ) throws(WireError) -> Cell? {
        let tag = try row.tag()
        guard tag.isField(1, .bytes) else {
            try row.skip(tag)
            unknownField(tag.number, "models.TableRow")
            return nil
        }
        var cell = try row.message()
        return try Cell(any: &cell, unknownField: { unknownField($0, Cell.message) }, unknownKind: unknownKind)
    }
}
