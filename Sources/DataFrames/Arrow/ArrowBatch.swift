/// One record batch: rows of a frame as a header (lengths and places) and a body (the columns' buffers).
struct ArrowBatch {
    private let fields: [Field]
    private let rows: Range<Int>
    let bodyLength: Int

    init(_ frame: Frame, rows: Range<Int>, bodyLength: Int) {
        fields = frame.fields
        self.rows = rows
        self.bodyLength = bodyLength
    }

    /// Bytes of the body that these rows take.
    static func bodyLength(_ fields: [Field], _ rows: Range<Int>) -> Int {
        var length = 0
        forEachBuffer(fields, rows) { length += ArrowSchema.padded($0) }
        return length
    }

    /// The true lengths of the buffers in body order; each starts on a multiple of 8.
    private static func forEachBuffer(_ fields: [Field], _ rows: Range<Int>, _ body: (Int) -> Void) {
        for field in fields {
            body(field.column.validity.nullCount(in: rows) == 0 ? 0 : PackedBits.byteCount(rows.count))
            switch field.column {
            case .bool: body(PackedBits.byteCount(rows.count))
            case .utf8(let column), .json(let column):
                body(4 * (rows.count + 1))
                body(Int(column.offsets[rows.upperBound]) - Int(column.offsets[rows.lowerBound]))
            default: body(rows.count * field.column.kind.byteWidth)
            }
        }
    }

    func writeHeader(to writer: inout FlatBufferWriter, at reference: FlatBufferWriter.Reference) {
        typealias Layout = ArrowSchema.RecordBatch
        let table = writer.table(Layout.layout, at: reference)
        writer.set(Int64(rows.count), at: table.field(Layout.length))
        writer.wideStructs(fields.count, at: table.field(Layout.nodes))
        for field in fields {
            writer.append(Int64(rows.count))
            writer.append(Int64(field.column.validity.nullCount(in: rows)))
        }
        var buffers = 0
        Self.forEachBuffer(fields, rows) { _ in buffers += 1 }
        writer.wideStructs(buffers, at: table.field(Layout.buffers))
        var offset = 0
        Self.forEachBuffer(fields, rows) { length in
            writer.append(Int64(offset))
            writer.append(Int64(length))
            offset += ArrowSchema.padded(length)
        }
    }

    /// Appends ``bodyLength`` bytes. The position in the file must be a multiple of 8.
    func writeBody(to file: inout [UInt8]) {
        for field in fields {
            if field.column.validity.nullCount(in: rows) > 0 { bits(field.column.validity.bitmap, to: &file) }
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
