/// Rows of a float column that JSON has no number for.
struct NonFiniteRows {
    var nan: [Int] = []
    var positiveInfinity: [Int] = []
    var negativeInfinity: [Int] = []
}

extension JSONWriter {
    mutating func integers<Value: PrimitiveValue & FixedWidthInteger>(_ column: PrimitiveColumn<Value>) {
        let validity = column.validity
        let hasNulls = validity.nullCount > 0
        let values = column.values
        cells(values.count) { row, out in
            hasNulls && !validity.isValid(row) ? writeNull(to: out) : JSONNumber.write(values[row], to: out)
        }
    }

    /// Times as whole milliseconds, rounded down. Tells whether any has a remainder, which ``nanos(_:)`` then writes.
    /// - Parameter shared: what was written before, to be copied if it is the same.
    mutating func milliseconds(_ column: TimestampColumn, _ shared: SharedTimes? = nil) -> Bool {
        if let shared, let text = shared.written(column) {
            bytes.append(contentsOf: text)
            return shared.haveRemainders
        }
        let values = column.values
        let validity = column.validity
        let hasNulls = validity.nullCount > 0
        var remainders: Int64 = 0
        var head = JSONNumber.Head()
        cells(values.count) { row, out in
            if hasNulls, !validity.isValid(row) { return writeNull(to: out) }
            let time = splitTime(values[row])
            remainders |= time.nanoseconds
            return JSONNumber.write(time.milliseconds, after: &head, to: out)
        }
        return remainders != 0
    }

    mutating func nanos(_ column: TimestampColumn) {
        let values = column.values
        byte(UInt8(ascii: "["))
        cells(values.count) { row, out in
            // A null slot holds zero, so its remainder is zero as it should be.
            JSONNumber.write(splitTime(values[row]).nanoseconds, to: out)
        }
        byte(UInt8(ascii: "]"))
    }

    /// Writes finite numbers; gives the rows of the others, `nil` if there are none.
    mutating func floats<Value: PrimitiveValue & BinaryFloatingPoint>(
        _ column: PrimitiveColumn<Value>, _ write: (Value, UnsafeMutablePointer<UInt8>) -> Int
    ) -> NonFiniteRows? {
        let values = column.values
        let validity = column.validity
        let hasNulls = validity.nullCount > 0
        var rows: NonFiniteRows?
        cells(values.count) { row, out in
            if hasNulls, !validity.isValid(row) { return writeNull(to: out) }
            let value = values[row]
            if value.isFinite { return write(value, out) }
            var found = rows ?? NonFiniteRows()
            rows = nil
            if value.isNaN {
                found.nan.append(row)
            } else if value > 0 {
                found.positiveInfinity.append(row)
            } else {
                found.negativeInfinity.append(row)
            }
            rows = found
            return writeNull(to: out)
        }
        return rows
    }

    mutating func entities(_ rows: NonFiniteRows) {
        let lists: [(StaticString, [Int])] = [
            ("NaN", rows.nan), ("Inf", rows.positiveInfinity), ("NegInf", rows.negativeInfinity),
        ]
        var first = true
        byte(UInt8(ascii: "{"))
        for (key, list) in lists {
            if list.isEmpty { continue }
            separator(&first)
            byte(UInt8(ascii: "\""))
            raw(key)
            raw("\":[")
            cells(list.count) { row, out in JSONNumber.write(list[row], to: out) }
            byte(UInt8(ascii: "]"))
        }
        byte(UInt8(ascii: "}"))
    }

    mutating func booleans(_ column: BoolColumn) {
        cells(column.count) { row, out in
            switch column[row] {
            case nil: return writeNull(to: out)
            case true?:
                UnsafeMutableRawPointer(out).copyMemory(from: "true", byteCount: 4)
                return 4
            case false?:
                UnsafeMutableRawPointer(out).copyMemory(from: "false", byteCount: 5)
                return 5
            }
        }
    }

    mutating func strings(_ column: TextColumn) {
        let hasNulls = column.validity.nullCount > 0
        column.bytes.withUnsafeBytes { text in
            for row in 0..<column.count {
                if row > 0 { comma() }
                if hasNulls, !column.validity.isValid(row) {
                    raw("null")
                } else {
                    string(UnsafeRawBufferPointer(rebasing: text[Int(column.offsets[row])..<Int(column.offsets[row + 1])]))
                }
            }
        }
    }

    /// Cells that are JSON themselves. What is not JSON becomes null, as in the SDK: one bad cell must not break the document.
    mutating func documents(_ column: TextColumn) {
        column.bytes.withUnsafeBytes { text in
            for row in 0..<column.count {
                if row > 0 { comma() }
                let cell = UnsafeRawBufferPointer(rebasing: text[Int(column.offsets[row])..<Int(column.offsets[row + 1])])
                if column.validity.isValid(row), JSONText.isDocument(cell) {
                    if UTF8Repair.isValid(cell) {
                        bytes.append(contentsOf: cell)
                    } else {
                        bytes.append(contentsOf: UTF8Repair.repaired(cell))
                    }
                } else {
                    raw("null")
                }
            }
        }
    }

    private static let blockRows = 64
    /// What the cells of a block can take at most.
    static let blockSize = blockRows * (JSONNumber.maximumLength + 1)

    /// Writes `count` comma-separated cells of at most ``JSONNumber/maximumLength`` bytes, many at a time into reserved memory.
    @inline(__always)
    private mutating func cells(_ count: Int, _ write: (Int, UnsafeMutablePointer<UInt8>) -> Int) {
        var row = 0
        while row < count {
            let end = min(count, row + Self.blockRows)
            bytes.append(addingCapacity: (end - row) * (JSONNumber.maximumLength + 1)) { output in
                output.withUnsafeMutableBufferPointer { memory, length in
                    guard let base = memory.baseAddress else { return }
                    while row < end {
                        if row > 0 {
                            base[length] = UInt8(ascii: ",")
                            length += 1
                        }
                        length += write(row, base + length)
                        row += 1
                    }
                }
            }
        }
    }
}

@inline(__always)
private func writeNull(to out: UnsafeMutablePointer<UInt8>) -> Int {
    UnsafeMutableRawPointer(out).storeBytes(of: UInt32(littleEndian: 0x6C6C_756E), as: UInt32.self)
    return 4
}

/// Nanoseconds as whole milliseconds, rounded down, and the remainder of 0…999,999.
@inline(__always)
private func splitTime(_ nanoseconds: Int64) -> (milliseconds: Int64, nanoseconds: Int64) {
    var milliseconds = nanoseconds / 1_000_000
    var remainder = nanoseconds - milliseconds * 1_000_000
    if remainder < 0 {
        milliseconds -= 1
        remainder += 1_000_000
    }
    return (milliseconds, remainder)
}
