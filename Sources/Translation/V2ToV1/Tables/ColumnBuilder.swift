internal import DataFrames

/// Fills one column of a table, cell by cell.
struct ColumnBuilder {
    private let target: ColumnTarget
    private let bytesBecomeText: Bool
    private let nanBecomesNull: Bool

    private var integers = Int64Column()
    private var doubles = Float64Column()
    private var bools = BoolColumn()
    private var texts = TextColumn()

    private var timesOutOfRange = 0
    private var roundedIntegers = 0
    private var repairedTexts = 0
    private var nanValues = 0

    init(
        _ facts: ColumnFacts, rows: Int, _ options: TranslationOptions, from source: (any ColumnMemorySource)? = nil
    ) {
        target = facts.target
        bytesBecomeText = facts.bytesBecomeText(options.bytes)
        nanBecomesNull = options.nan == .null
        switch target {
        case .time, .int64: integers = Int64Column(reserving: rows, from: source)
        case .float64: doubles = Float64Column(reserving: rows, from: source)
        case .bool: bools = BoolColumn(reserving: rows)
        case .text: texts = TextColumn(reserving: rows)
        }
    }

    var column: Column {
        switch target {
        case .time: .timestamp(integers)
        case .int64: .int64(integers)
        case .float64: .float64(doubles)
        case .bool: .bool(bools)
        case .text: .utf8(texts)
        }
    }

    mutating func appendNull() {
        switch target {
        case .time, .int64: integers.appendNull()
        case .float64: doubles.appendNull()
        case .bool: bools.appendNull()
        case .text: texts.appendNull()
        }
    }

    @inline(__always)
    mutating func append(_ cell: Cell, _ reader: WireReader) {
        guard cell.kind != .null else { return appendNull() }
        switch target {
        case .int64: integers.append(cell.int64)
        case .float64: appendDouble(cell)
        case .bool: bools.append(cell.bool)
        case .time: appendTime(cell, reader)
        case .text: appendText(cell, reader)
        }
    }

    private mutating func appendDouble(_ cell: Cell) {
        if cell.kind == .int64 {
            let double = Double(cell.int64)
            // 2⁶³ itself is a double, but no Int64 any more.
            if double >= 0x1p63 || Int64(double) != cell.int64 { roundedIntegers += 1 }
            doubles.append(double)
        } else if cell.double.isNaN && nanBecomesNull {
            nanValues += 1
            doubles.appendNull()
        } else {
            doubles.append(cell.double)
        }
    }

    private mutating func appendTime(_ cell: Cell, _ reader: WireReader) {
        let reading =
            switch cell.kind {
            case .int64: Timestamp.fromMilliseconds(cell.int64)
            case .double: Timestamp.fromMilliseconds(cell.double)
            default: Timestamp.fromText(reader.bytes(cell.text))
            }
        if case .nanoseconds(let time) = reading {
            integers.append(time)
        } else {
            timesOutOfRange += 1
            integers.appendNull()
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
