extension FrameReader {
    mutating func data() throws(FrameError) {
        try beginObject("data")
        var seen: Set<String> = []
        var fieldsWithNanos: Set<Int> = []
        var first = true
        while let key = try scanner.nextKey(&first) {
            guard key == "values" || seen.contains("values") else {
                throw violation(
                    key == "entities" || key == "nanos" ? "\(key) come before values" : "an unknown key stands in data")
            }
            guard seen.insert(key).inserted else { throw violation("a key of data appears twice") }
            switch key {
            case "values": try values()
            case "entities": try entities()
            case "nanos": try nanos(&fieldsWithNanos)
            default: throw violation("an unknown key stands in data")
            }
        }
        for index in frame.fields.indices {
            if !fieldsWithNanos.contains(index) { try finishTimes(index) { _ in 0 } }
            guard frame.fields[index].nullable || frame.fields[index].column.nullCount == 0 else {
                throw violation("field \(index) is not nullable but holds nulls")
            }
        }
    }

    private mutating func values() throws(FrameError) {
        try beginArray("values")
        var index = 0
        var first = true
        while try scanner.nextElement(&first) {
            guard index < frame.fields.count else { throw violation("values has more columns than the schema has fields") }
            frame.fields[index].column = try column(like: frame.fields[index])
            index += 1
        }
        let rows = frame.rowCount
        for (index, field) in frame.fields.enumerated() where field.column.count != rows {
            throw violation("field \(index) has \(field.column.count) rows, field 0 has \(rows)")
        }
    }

    private mutating func column(like field: Field) throws(FrameError) -> Column {
        let nullable = field.nullable
        switch field.column {
        // Milliseconds for now; `finishTimes` makes nanoseconds of them.
        case .timestamp: return .timestamp(try cells(nullable) { scanner throws(FrameError) in try scanner.integer() })
        case .int8: return .int8(try cells(nullable) { scanner throws(FrameError) in try scanner.integer() })
        case .int16: return .int16(try cells(nullable) { scanner throws(FrameError) in try scanner.integer() })
        case .int32: return .int32(try cells(nullable) { scanner throws(FrameError) in try scanner.integer() })
        case .int64: return .int64(try cells(nullable) { scanner throws(FrameError) in try scanner.integer() })
        case .uint8: return .uint8(try cells(nullable) { scanner throws(FrameError) in try scanner.integer() })
        case .uint16: return .uint16(try cells(nullable) { scanner throws(FrameError) in try scanner.integer() })
        case .uint32: return .uint32(try cells(nullable) { scanner throws(FrameError) in try scanner.integer() })
        case .uint64: return .uint64(try cells(nullable) { scanner throws(FrameError) in try scanner.integer() })
        case .enumeration: return .enumeration(try cells(nullable) { scanner throws(FrameError) in try scanner.integer() })
        // Nulls of floats may turn out to be NaN or infinite, so they are judged after the entities.
        case .float32: return .float32(try cells(true) { scanner throws(FrameError) in try scanner.float() })
        case .float64: return .float64(try cells(true) { scanner throws(FrameError) in try scanner.double() })
        case .bool:
            var column = BoolColumn()
            try eachCell { reader throws(FrameError) in
                if reader.scanner.takeLiteral("true") {
                    column.append(true)
                } else if reader.scanner.takeLiteral("false") {
                    column.append(false)
                } else {
                    try reader.expectNull(nullable)
                    column.appendNull()
                }
            }
            return .bool(column)
        case .utf8:
            var column = TextColumn()
            try eachCell { reader throws(FrameError) in
                if reader.scanner.peek() == UInt8(ascii: "\"") {
                    try reader.scanner.string(into: &column)
                } else {
                    try reader.expectNull(nullable)
                    column.appendNull()
                }
            }
            return .utf8(column)
        case .json:
            var column = TextColumn()
            try eachCell { reader throws(FrameError) in
                if nullable, reader.scanner.takeNull() {
                    column.appendNull()
                } else {
                    column.appendBytes(try reader.scanner.value().bytes)
                }
            }
            return .json(column)
        }
    }

    private mutating func eachCell(_ body: (inout FrameReader) throws(FrameError) -> Void) throws(FrameError) {
        try beginArray("a column")
        var first = true
        while try scanner.nextElement(&first) { try body(&self) }
    }

    private mutating func cells<Value>(
        _ nullable: Bool, _ read: (inout JSONScanner) throws(FrameError) -> Value
    ) throws(FrameError) -> PrimitiveColumn<Value> {
        var column = PrimitiveColumn<Value>()
        try eachCell { reader throws(FrameError) in
            if reader.scanner.peek() == UInt8(ascii: "n") {
                try reader.expectNull(nullable)
                column.appendNull()
            } else {
                column.append(try read(&reader.scanner))
            }
        }
        return column
    }

    private mutating func expectNull(_ allowed: Bool) throws(FrameError) {
        let start = scanner.position
        guard scanner.takeNull() else { throw violation("a cell has the wrong type") }
        guard allowed else { throw violation("null stands in a field that is not nullable", at: start) }
    }

    // MARK: What JSON numbers cannot say

    private mutating func entities() throws(FrameError) {
        try eachField("entities") { reader, index throws(FrameError) in
            try reader.beginObject("an entry of entities")
            var seen: Set<String> = []
            var first = true
            while let key = try reader.scanner.nextKey(&first) {
                guard seen.insert(key).inserted else { throw reader.violation("an entry of entities names a value twice") }
                let value: Double
                switch key {
                case "NaN": value = .nan
                case "Inf": value = .infinity
                case "NegInf": value = -.infinity
                default: throw reader.violation("entities knows only NaN, Inf and NegInf")
                }
                try reader.setRows(of: index, to: value)
            }
        }
    }

    private mutating func setRows(of index: Int, to value: Double) throws(FrameError) {
        let rows = frame.rowCount
        switch frame.fields[index].column {
        case .float64(var column):
            frame.fields[index].column = .bool(BoolColumn())  // leaves one holder of the storage: no copy
            try eachCell { reader throws(FrameError) in column.set(value, at: try reader.row(below: rows)) }
            frame.fields[index].column = .float64(column)
        case .float32(var column):
            frame.fields[index].column = .bool(BoolColumn())
            try eachCell { reader throws(FrameError) in column.set(Float(value), at: try reader.row(below: rows)) }
            frame.fields[index].column = .float32(column)
        default: throw violation("entities stand at field \(index), which holds no floats")
        }
    }

    private mutating func row(below rows: Int) throws(FrameError) -> Int {
        let row: Int = try scanner.integer()
        guard row >= 0, row < rows else { throw violation("entities name row \(row) of \(rows)") }
        return row
    }

    private mutating func nanos(_ done: inout Set<Int>) throws(FrameError) {
        let rows = frame.rowCount
        var finished: Set<Int> = []
        try eachField("nanos") { reader, index throws(FrameError) in
            guard case .timestamp = reader.frame.fields[index].column else {
                throw reader.violation("nanos stand at field \(index), which holds no times")
            }
            var remainders: [Int64] = []
            try reader.eachCell { reader throws(FrameError) in
                let remainder: Int64 = try reader.scanner.integer()
                guard (0..<1_000_000).contains(remainder), remainders.count < rows else {
                    throw reader.violation("nanos must hold 0…999999, one for a row")
                }
                remainders.append(remainder)
            }
            try reader.finishTimes(index) { $0 < remainders.count ? remainders[$0] : 0 }
            finished.insert(index)
        }
        done = finished
    }

    /// Calls `body` at every entry that is not null.
    private mutating func eachField(
        _ what: String, _ body: (inout FrameReader, Int) throws(FrameError) -> Void
    ) throws(FrameError) {
        if scanner.takeNull() { return }
        try beginArray(what)
        var index = 0
        var first = true
        while try scanner.nextElement(&first) {
            guard index < frame.fields.count else { throw violation("\(what) has more entries than the schema has fields") }
            if !scanner.takeNull() { try body(&self, index) }
            index += 1
        }
    }

    /// Makes nanoseconds of the milliseconds of a time column.
    private mutating func finishTimes(_ index: Int, _ nanoseconds: (Int) -> Int64) throws(FrameError) {
        guard case .timestamp(var column) = frame.fields[index].column else { return }
        frame.fields[index].column = .bool(BoolColumn())
        for row in 0..<column.count where column.validity.isValid(row) {
            // The earliest times round down to a millisecond that has no nanoseconds of its own: count from the next one.
            var milliseconds = column.values[row]
            var remainder = nanoseconds(row)
            if milliseconds < 0, remainder > 0 {
                milliseconds += 1
                remainder -= 1_000_000
            }
            let scaled = milliseconds.multipliedReportingOverflow(by: 1_000_000)
            let sum = scaled.partialValue.addingReportingOverflow(remainder)
            guard !scaled.overflow, !sum.overflow else {
                throw violation("the time in row \(row) of field \(index) lies outside the years 1677 to 2262")
            }
            column.values[row] = sum.partialValue
        }
        frame.fields[index].column = .timestamp(column)
    }
}
