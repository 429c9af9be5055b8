/// Copies the columns out of one record batch, in the order of the schema.
struct ArrowBatchReader {
    private let view: FlatBufferView
    private let body: UnsafeRawBufferPointer
    /// Where the body starts in the file, for error messages.
    private let bodyOffset: Int
    private let rows: Int
    private var nodes: (start: Int, left: Int)
    private var buffers: (start: Int, left: Int)

    init(
        _ view: FlatBufferView, _ header: FlatBufferView.Table, body: UnsafeRawBufferPointer, bodyOffset: Int
    ) throws(FrameError) {
        self.view = view
        self.body = body
        self.bodyOffset = bodyOffset
        // No column has more rows than the body has bits.
        guard let rows = Int(exactly: try view.scalar(Int64.self, header, slot: 0) ?? 0), rows >= 0, rows / 8 <= body.count else {
            throw FlatBufferView.malformed("a record batch has an impossible number of rows", at: view.base)
        }
        self.rows = rows
        let nodes = try view.vector(header, slot: 1, elementSize: 16) ?? (start: 0, count: 0)
        let buffers = try view.vector(header, slot: 2, elementSize: 16) ?? (start: 0, count: 0)
        self.nodes = (nodes.start, nodes.count)
        self.buffers = (buffers.start, buffers.count)
    }

    mutating func column(_ type: ArrowFieldType, _ budget: inout ArrowBudget) throws(FrameError) -> Column {
        guard nodes.left > 0 else { throw malformed("it has fewer nodes than the schema has fields") }
        let length = try view.load(Int64.self, at: nodes.start)
        let nullCount = try view.load(Int64.self, at: nodes.start + 8)
        nodes = (nodes.start + 16, nodes.left - 1)
        guard length == Int64(rows), nullCount <= length else { throw malformed("a node contradicts the number of rows") }
        let validity = try validity(hasNulls: nullCount != 0, &budget)
        switch type.kind {
        case .timestamp:
            var column: PrimitiveColumn<Int64> = try cells(validity, &budget)
            if type.nanosecondsPerUnit != 1 {
                for row in column.values.indices {
                    let scaled = column.values[row].multipliedReportingOverflow(by: type.nanosecondsPerUnit)
                    guard !scaled.overflow else { throw malformed("a time lies outside the years 1677 to 2262") }
                    column.values[row] = scaled.partialValue
                }
            }
            return .timestamp(column)
        case .int8: return .int8(try cells(validity, &budget))
        case .int16: return .int16(try cells(validity, &budget))
        case .int32: return .int32(try cells(validity, &budget))
        case .int64: return .int64(try cells(validity, &budget))
        case .uint8: return .uint8(try cells(validity, &budget))
        case .uint16: return .uint16(try cells(validity, &budget))
        case .uint32: return .uint32(try cells(validity, &budget))
        case .uint64: return .uint64(try cells(validity, &budget))
        case .enumeration: return .enumeration(try cells(validity, &budget))
        case .float32: return .float32(try cells(validity, &budget))
        case .float64: return .float64(try cells(validity, &budget))
        case .bool:
            var bits = try bits(&budget)
            for index in validity.bitmap.indices { bits[index] &= validity.bitmap[index] }
            return .bool(BoolColumn(bits: bits, validity: validity))
        case .utf8: return .utf8(try text(validity, &budget))
        case .json: return .json(try text(validity, &budget))
        }
    }

    /// After the last column: a batch that holds more than the schema says is damaged.
    func finish() throws(FrameError) {
        guard nodes.left == 0, buffers.left == 0 else {
            throw malformed("it has more nodes or buffers than the schema has fields")
        }
    }

    // MARK: Buffers

    private func malformed(_ what: String) -> FrameError {
        FlatBufferView.malformed("a record batch does not hold together: \(what)", at: bodyOffset)
    }

    /// The next buffer, which must lie inside the body and hold at least `minimum` bytes.
    private mutating func buffer(atLeast minimum: Int) throws(FrameError) -> UnsafeRawBufferPointer {
        guard buffers.left > 0 else { throw malformed("it has fewer buffers than its fields need") }
        let offset = try view.load(Int64.self, at: buffers.start)
        let length = try view.load(Int64.self, at: buffers.start + 8)
        buffers = (buffers.start + 16, buffers.left - 1)
        guard offset >= 0, length >= 0, offset <= Int64(body.count), length <= Int64(body.count) - offset else {
            throw malformed("a buffer leaves the body")
        }
        guard length >= Int64(minimum) else { throw malformed("a buffer is too short for \(rows) rows") }
        return UnsafeRawBufferPointer(rebasing: body[Int(offset)..<Int(offset + length)])
    }

    /// The validity buffer counts only when the node speaks of nulls; the nulls are counted anew.
    private mutating func validity(hasNulls: Bool, _ budget: inout ArrowBudget) throws(FrameError) -> Validity {
        let size = hasNulls ? PackedBits.byteCount(rows) : 0
        let source = try buffer(atLeast: size)
        var validity = Validity(allValid: rows)
        guard hasNulls else { return validity }
        try budget.spend(size)
        var bitmap = Array(source.prefix(size))
        PackedBits.clearTail(&bitmap, bitCount: rows)
        validity.nullCount = rows - PackedBits.countOnes(in: bitmap, 0..<rows)
        if validity.nullCount > 0 { validity.bitmap = bitmap }
        return validity
    }

    private mutating func bits(_ budget: inout ArrowBudget) throws(FrameError) -> [UInt8] {
        let size = PackedBits.byteCount(rows)
        let source = try buffer(atLeast: size)
        try budget.spend(size)
        var bits = Array(source.prefix(size))
        PackedBits.clearTail(&bits, bitCount: rows)
        return bits
    }

    private mutating func cells<Value: PrimitiveValue>(
        _ validity: Validity, _ budget: inout ArrowBudget
    ) throws(FrameError) -> PrimitiveColumn<Value> {
        var values = ColumnValues<Value>(copying: try bytes(of: rows, Value.self, &budget))
        if validity.nullCount > 0 {
            for row in values.indices where !validity.isValid(row) { values[row] = .zero }
        }
        return PrimitiveColumn(values: values, validity: validity)
    }

    private mutating func numbers<Value: BitwiseCopyable>(
        _ count: Int, _ budget: inout ArrowBudget
    ) throws(FrameError) -> [Value] {
        let source = try bytes(of: count, Value.self, &budget)
        return Array(unsafeUninitializedCapacity: count) { memory, initialized in
            UnsafeMutableRawBufferPointer(memory).copyMemory(from: source)
            initialized = count
        }
    }

    private mutating func bytes<Value>(
        of count: Int, _ type: Value.Type, _ budget: inout ArrowBudget
    ) throws(FrameError) -> UnsafeRawBufferPointer {
        let size = count.multipliedReportingOverflow(by: MemoryLayout<Value>.stride)
        guard !size.overflow else { throw malformed("it has an impossible number of rows") }
        let source = try buffer(atLeast: size.partialValue)
        try budget.spend(size.partialValue)
        return UnsafeRawBufferPointer(rebasing: source.prefix(size.partialValue))
    }

    private mutating func text(_ validity: Validity, _ budget: inout ArrowBudget) throws(FrameError) -> TextColumn {
        // A column without rows may leave out even its first offset.
        let offsets: [UInt32]
        if rows == 0 {
            _ = try buffer(atLeast: 0)
            offsets = [0]
        } else {
            offsets = try numbers(rows + 1, &budget)
        }
        let source = try buffer(atLeast: 0)
        var previous = offsets[0]
        for offset in offsets {
            // Arrow's offsets are signed: one with the highest bit is negative, thus damage.
            guard offset >= previous, offset <= UInt32(Int32.max), Int(offset) <= source.count else {
                throw malformed("the offsets of a text column descend or leave its text")
            }
            previous = offset
        }
        let first = offsets[0]
        let bytes = source[Int(first)..<Int(previous)]
        try budget.spend(bytes.count)
        let column = TextColumn(
            offsets: first == 0 ? offsets : offsets.map { $0 - first }, bytes: Array(bytes), validity: validity)
        return validity.nullCount == 0 ? column : withEmptyNulls(column)
    }

    /// Writers may leave anything behind a null; here null slots are empty.
    private func withEmptyNulls(_ column: TextColumn) -> TextColumn {
        guard (0..<rows).contains(where: { !column.validity.isValid($0) && !column.bytes(at: $0).isEmpty }) else { return column }
        var clean = TextColumn(reserving: rows, bytes: column.bytes.count)
        column.bytes.withUnsafeBytes { text in
            for row in 0..<rows {
                if column.validity.isValid(row) {
                    let cell = text[Int(column.offsets[row])..<Int(column.offsets[row + 1])]
                    clean.appendBytes(UnsafeRawBufferPointer(rebasing: cell))
                } else {
                    clean.appendNull()
                }
            }
        }
        return clean
    }
}
