internal import DataFrames

/// Fills one column of a table, cell by cell.
struct ColumnBuilder {
    private let target: ColumnTarget
    private let bytesBecomeText: Bool
    private let nanBecomesNull: Bool

    /// Memory for all rows, of which one of the first three is used, or else the texts.
    private var integers: ColumnValues<Int64>
    private var doubles: ColumnValues<Double>
    private var bools: [UInt8] = []
    private var texts: TextColumn
    private var validity: Validity
    private let rows: Int
    /// Where the cells of `integers` or `doubles` lie, all of them eight bytes wide.
    private let words: UnsafeMutableRawPointer?

    private var timesOutOfRange = 0
    private var roundedIntegers = 0
    private var repairedTexts = 0
    private var nanValues = 0

    /// - Parameter rows: how many rows the table has. Each of them must then get a cell or a null, in their order.
    init(
        _ facts: ColumnFacts, rows: Int, _ options: TranslationOptions, from source: (any ColumnMemorySource)? = nil
    ) {
        target = facts.target
        self.rows = rows
        bytesBecomeText = facts.bytesBecomeText(options.bytes)
        nanBecomesNull = options.nan == .null
        integers = ColumnValues(from: source)
        doubles = ColumnValues(from: source)
        validity = target == .text ? Validity() : Validity(allValid: rows)
        texts = target == .text ? TextColumn(reserving: rows, bytes: facts.textSize) : TextColumn()
        switch target {
        case .time, .int64: words = UnsafeMutableRawPointer(integers.room(for: rows))
        case .float64: words = UnsafeMutableRawPointer(doubles.room(for: rows))
        case .bool:
            bools = [UInt8](repeating: 0, count: (rows + 7) / 8)
            words = nil
        case .text: words = nil
        }
    }

    /// The column, when all rows are in it.
    consuming func column() -> Column {
        switch target {
        case .time, .int64:
            integers.appended(rows)
            let column = Int64Column(values: integers, validity: validity)
            return target == .time ? .timestamp(column) : .int64(column)
        case .float64:
            doubles.appended(rows)
            return .float64(Float64Column(values: doubles, validity: validity))
        case .bool: return .bool(BoolColumn(bits: bools, validity: validity))
        case .text: return .utf8(texts)
        }
    }

    mutating func appendNull(_ row: Int) {
        switch target {
        case .time, .int64, .float64: set(0 as Int64, row)
        case .bool: break
        case .text: return texts.appendNull()
        }
        validity.setNull(row)
    }

    @inline(__always)
    mutating func append(_ cell: Cell, _ row: Int, _ reader: WireReader) {
        guard cell.kind != .null else { return appendNull(row) }
        switch target {
        case .int64: set(cell.int64, row)
        case .float64: if cell.kind == .double, !nanBecomesNull { set(cell.double, row) } else { setDouble(cell, row) }
        case .bool: if cell.bool { bools[row >> 3] |= 1 << UInt8(row & 7) }
        case .time: setTime(cell, row, reader)
        case .text:
            let bytes = reader.bytes(cell.text)
            if cell.kind == .string, bytes.isValidUTF8 { texts.appendBytes(bytes) } else { appendText(cell, reader) }
        }
    }

    @inline(__always)
    private func set(_ value: some BitwiseCopyable, _ row: Int) {
        precondition(row < rows)
        words?.storeBytes(of: value, toByteOffset: row &* 8, as: type(of: value))
    }

    private mutating func setDouble(_ cell: Cell, _ row: Int) {
        if cell.kind == .int64 {
            let double = Double(cell.int64)
            // 2⁶³ itself is a double, but no Int64 any more.
            if double >= 0x1p63 || Int64(double) != cell.int64 { roundedIntegers += 1 }
            set(double, row)
        } else if cell.double.isNaN && nanBecomesNull {
            nanValues += 1
            appendNull(row)
        } else {
            set(cell.double, row)
        }
    }

    private mutating func setTime(_ cell: Cell, _ row: Int, _ reader: WireReader) {
        let reading =
            switch cell.kind {
            case .int64: Timestamp.fromMilliseconds(cell.int64)
            case .double: Timestamp.fromMilliseconds(cell.double)
            default: Timestamp.fromText(reader.bytes(cell.text))
            }
        if case .nanoseconds(let time) = reading {
            set(time, row)
        } else {
            timesOutOfRange += 1
            appendNull(row)
        }
    }

    private mutating func appendText(_ cell: Cell, _ reader: WireReader) {
        switch cell.kind {
        case .null: texts.appendNull()
        case .double: texts.append(ShortestNumber.text(cell.double))
        case .int64: texts.append(String(cell.int64))
        case .bool: texts.append(cell.bool ? "true" : "false")
        case .bytes where !bytesBecomeText:
            var encoded: [UInt8] = []
            Base64.encode(reader.bytes(cell.text), to: &encoded)
            texts.appendBytes(encoded)
        case .string, .bytes:
            let bytes = reader.bytes(cell.text)
            if bytes.isValidUTF8 {
                texts.appendBytes(bytes)
            } else {
                repairedTexts += 1
                texts.appendBytes(bytes.repairedUTF8())
            }
        }
    }

    /// Enters what the cells lost, and tells the user where values changed.
    func enterLosses(column name: String, _ notices: inout [Notice], _ ledger: inout LossLedger) {
        if timesOutOfRange > 0 {
            notices.append(
                Notice(
                    severity: .warning,
                    text: "\(timesOutOfRange) value(s) of column \"\(name)\" set to null: timestamp outside the nanosecond range")
            )
        }
        if roundedIntegers > 0 {
            notices.append(Notice(severity: .warning, text: "column \"\(name)\": integers rounded to double"))
        }
        ledger.add("models.RowValue", .timestampOutOfRange, count: timesOutOfRange)
        ledger.add("models.RowValue.int64Value", .roundedToDouble, count: roundedIntegers)
        ledger.add("models.RowValue.stringValue", .invalidUTF8, count: repairedTexts)
        ledger.add("models.RowValue.doubleValue", .nanToNull, count: nanValues)
    }
}
