/// One record batch: rows of a frame as a header (lengths and places) and a body (the columns' buffers).
struct ArrowBatch {
    private let fields: [Field]
    private let rows: Range<Int>
    private let nullCounts: [Int]
    /// True lengths of the buffers in body order; each starts on a multiple of 8.
    private let bufferLengths: [Int]
    let bodyLength: Int

    init(_ frame: Frame, rows: Range<Int>) {
        fields = frame.fields
        self.rows = rows
        nullCounts = frame.fields.map { $0.column.validity.nullCount(in: rows) }
        var lengths: [Int] = []
        lengths.reserveCapacity(3 * frame.fields.count)
        for (field, nullCount) in zip(frame.fields, nullCounts) {
            lengths.append(nullCount == 0 ? 0 : PackedBits.byteCount(rows.count))
            switch field.column {
            case .bool: lengths.append(PackedBits.byteCount(rows.count))
            case .utf8(let column), .json(let column):
                lengths.append(4 * (rows.count + 1))
                lengths.append(Int(column.offsets[rows.upperBound]) - Int(column.offsets[rows.lowerBound]))
            default: lengths.append(rows.count * field.column.kind.byteWidth)
            }
        }
        bufferLengths = lengths
        bodyLength = lengths.reduce(0) { $0 + ArrowSchema.padded($1) }
    }

    func writeHeader(to writer: inout FlatBufferWriter, at reference: FlatBufferWriter.Reference) {
        typealias Layout = ArrowSchema.RecordBatch
        let table = writer.table(Layout.layout, at: reference)
        writer.set(Int64(rows.count), at: table.field(Layout.length))
        writer.wideStructs(fields.count, at: table.field(Layout.nodes))
        for nullCount in nullCounts {
            writer.append(Int64(rows.count))
            writer.append(Int64(nullCount))
        }
        writer.wideStructs(bufferLengths.count, at: table.field(Layout.buffers))
        var offset = 0
        for length in bufferLengths {
            writer.append(Int64(offset))
            writer.append(Int64(length))
            offset += ArrowSchema.padded(length)
        }
    }

    /// Appends ``bodyLength`` bytes. The position in the file must be a multiple of 8.
    func writeBody(to file: inout [UInt8]) {
        for (field, nullCount) in zip(fields, nullCounts) {
            if nullCount > 0 { bits(field.column.validity.bitmap, to: &file) }
            switch field.column {
            case .timestamp(let column), .int64(let column): cells(column.values, to: &file)
            case .int8(let column): cells(column.values, to: &file)
            case .int16(let column): cells(column.values, to: &file)
            case .int32(let column): cells(column.values, to: &file)
            case .uint8(let column): cells(column.values, to: &file)
            case .uint16(let column), .enumeration(let column): cells(column.values, to: &file)
            case .uint32(let column): cells(column.values, to: &file)
            case .uint64(let column): cells(column.values, to: &file)
            case .float32(let column): cells(column.values, to: &file)
            case .float64(let column): cells(column.values, to: &file)
            case .bool(let column): bits(column.bits, to: &file)
            case .utf8(let column), .json(let column): text(column, to: &file)
            }
        }
    }

    private func cells<Value>(_ values: ColumnValues<Value>, to file: inout [UInt8]) {
        values.withUnsafeBytes(rows) { file.append(contentsOf: $0) }
        pad(&file)
    }

    private func bits(_ bits: [UInt8], to file: inout [UInt8]) {
        PackedBits.append(bits, rows, to: &file, bitCount: file.count * 8)
        pad(&file)
    }

    /// Offsets start at 0 in every batch. As no body exceeds 256 MiB they fit Arrow's signed 32 bits.
    private func text(_ column: TextColumn, to file: inout [UInt8]) {
        let first = column.offsets[rows.lowerBound]
        if first == 0 {
            column.offsets[rows.lowerBound...rows.upperBound].withUnsafeBytes { file.append(contentsOf: $0) }
        } else {
            let rebased = column.offsets[rows.lowerBound...rows.upperBound].map { $0 - first }
            rebased.withUnsafeBytes { file.append(contentsOf: $0) }
        }
        pad(&file)
        file.append(contentsOf: column.bytes[Int(first)..<Int(column.offsets[rows.upperBound])])
        pad(&file)
    }

    private func pad(_ file: inout [UInt8]) {
        let missing = ArrowSchema.padded(file.count) - file.count
        if missing > 0 { file.append(contentsOf: repeatElement(0, count: missing)) }
    }
}
