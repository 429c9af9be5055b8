/// How the cells of a field lie in a record batch, and what they become.
struct ArrowFieldType {
    var kind: ColumnKind
    /// Nanoseconds in one unit of a timestamp.
    var nanosecondsPerUnit: Int64 = 1
}

/// Reads the schema in a footer: fields, types, and the metadata that frames keep there.
struct ArrowSchemaReader {
    private let view: FlatBufferView

    /// What a field costs in memory apart from its texts.
    private static let fieldCost = 256

    init(_ view: FlatBufferView) {
        self.view = view
    }

    func frame(
        _ schema: FlatBufferView.Table, _ budget: inout ArrowBudget
    ) throws(FrameError) -> (Frame, [ArrowFieldType]) {
        guard try view.scalar(Int16.self, schema, slot: 0) ?? 0 == 0 else {
            throw ArrowReader.unsupported("big-endian numbers", remedy: "The plugin must write little-endian buffers.")
        }
        var frame = Frame()
        var types: [ArrowFieldType] = []
        let fields = try view.vector(schema, slot: 1, elementSize: 4) ?? (start: 0, count: 0)
        for index in 0..<fields.count {
            try budget.spend(Self.fieldCost)
            let (field, type) = try field(try view.table(referredFrom: fields.start + 4 * index), index, &budget)
            frame.fields.append(field)
            types.append(type)
        }
        let metadata = try metadata(schema, slot: 2, &budget)
        frame.name = metadata.text("name") ?? ""
        frame.refID = metadata.text("refId") ?? ""
        if let meta = metadata.first("meta") {
            frame.meta = try Self.parse(meta) { scanner throws(FrameError) in try scanner.meta() }
        }
        return (frame, types)
    }

    private func field(
        _ table: FlatBufferView.Table, _ index: Int, _ budget: inout ArrowBudget
    ) throws(FrameError) -> (Field, ArrowFieldType) {
        let name = try view.string(table, slot: 0)
        try budget.spend(name?.count ?? 0)
        guard try view.table(table, slot: 4) == nil else {
            throw ArrowReader.unsupported(
                "a dictionary for field \(index)", remedy: "The plugin must send texts as Utf8 columns.")
        }
        guard try view.vector(table, slot: 5, elementSize: 4)?.count ?? 0 == 0 else {
            throw ArrowReader.unsupported("a nested type for field \(index)", remedy: "The plugin must send flat columns.")
        }
        let metadata = try metadata(table, slot: 6, &budget)
        let type = try type(table, index, isEnum: metadata.text("tstype") == "enum")
        var field = Field(
            name: name.map(ArrowMetadata.string) ?? "", nullable: try view.scalar(UInt8.self, table, slot: 1) ?? 0 != 0,
            column: type.kind.emptyColumn)
        if let labels = metadata.first("labels") {
            field.labels = try Self.parse(labels) { scanner throws(FrameError) in try scanner.labels() }
        }
        if let config = metadata.first("config") {
            field.config = try Self.parse(config) { scanner throws(FrameError) in try scanner.config() }
        }
        return (field, type)
    }

    private func type(_ table: FlatBufferView.Table, _ index: Int, isEnum: Bool) throws(FrameError) -> ArrowFieldType {
        let id = try view.scalar(UInt8.self, table, slot: 2) ?? 0
        let parameters = try view.table(table, slot: 3)
        func parameter<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type, _ slot: Int) throws(FrameError) -> Value {
            guard let parameters else { return 0 }
            return try view.scalar(type, parameters, slot: slot) ?? 0
        }
        switch id {
        case ArrowSchema.TypeID.utf8: return ArrowFieldType(kind: .utf8)
        case ArrowSchema.TypeID.binary: return ArrowFieldType(kind: .json)
        case ArrowSchema.TypeID.bool: return ArrowFieldType(kind: .bool)
        case ArrowSchema.TypeID.timestamp:
            switch try parameter(Int16.self, 0) {
            case 0: return ArrowFieldType(kind: .timestamp, nanosecondsPerUnit: 1_000_000_000)
            case 1: return ArrowFieldType(kind: .timestamp, nanosecondsPerUnit: 1_000_000)
            case 2: return ArrowFieldType(kind: .timestamp, nanosecondsPerUnit: 1000)
            case 3: return ArrowFieldType(kind: .timestamp)
            default: break
            }
        case ArrowSchema.TypeID.floatingPoint:
            switch try parameter(Int16.self, 0) {
            case ArrowSchema.singlePrecision: return ArrowFieldType(kind: .float32)
            case ArrowSchema.doublePrecision: return ArrowFieldType(kind: .float64)
            default: break
            }
        case ArrowSchema.TypeID.int:
            switch (try parameter(Int32.self, 0), try parameter(UInt8.self, 1) != 0) {
            case (8, true): return ArrowFieldType(kind: .int8)
            case (16, true): return ArrowFieldType(kind: .int16)
            case (32, true): return ArrowFieldType(kind: .int32)
            case (64, true): return ArrowFieldType(kind: .int64)
            case (8, false): return ArrowFieldType(kind: .uint8)
            case (16, false): return ArrowFieldType(kind: isEnum ? .enumeration : .uint16)
            case (32, false): return ArrowFieldType(kind: .uint32)
            case (64, false): return ArrowFieldType(kind: .uint64)
            default: break
            }
        default: break
        }
        throw ArrowReader.unsupported(
            "\(ArrowSchema.TypeID.name(id)) for field \(index), in this form",
            remedy: "The plugin must use a column type of the plugin SDK (times, numbers, booleans, Utf8, JSON as Binary).")
    }

    private static func parse<Result>(
        _ json: UnsafeRawBufferPointer, _ read: (inout JSONScanner) throws(FrameError) -> Result
    ) throws(FrameError) -> Result {
        var scanner = JSONScanner(json)
        let result = try read(&scanner)
        try scanner.expectEnd()
        return result
    }

    // MARK: Custom metadata

    private func metadata(
        _ table: FlatBufferView.Table, slot: Int, _ budget: inout ArrowBudget
    ) throws(FrameError) -> ArrowMetadata {
        var metadata = ArrowMetadata()
        let entries = try view.vector(table, slot: slot, elementSize: 4) ?? (start: 0, count: 0)
        for index in 0..<entries.count {
            let pair = try view.table(referredFrom: entries.start + 4 * index)
            let key = try view.string(pair, slot: 0) ?? UnsafeRawBufferPointer(start: nil, count: 0)
            let value = try view.string(pair, slot: 1) ?? UnsafeRawBufferPointer(start: nil, count: 0)
            try budget.spend(key.count + value.count + 32)
            metadata.entries.append((key, value))
        }
        return metadata
    }
}

/// Key-value metadata; of several equal keys the first counts.
struct ArrowMetadata {
    var entries: [(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)] = []

    func first(_ key: String) -> UnsafeRawBufferPointer? {
        entries.first { $0.key.elementsEqual(key.utf8) }?.value
    }

    func text(_ key: String) -> String? { first(key).map(Self.string) }

    static func string(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: UTF8Repair.text(bytes), as: UTF8.self)
    }
}
