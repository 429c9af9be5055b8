extension FlatBufferWriter {
    /// Places a frame's schema. It begins and ends on a multiple of 8, so that its bytes may be copied to another such place.
    ///
    /// - Returns: the offset of the Schema table from the beginning of those bytes.
    mutating func schema(_ frame: Frame, at reference: Reference) -> Int {
        align(8)
        let start = position
        let schema = table(ArrowSchema.Schema.layout, at: reference)
        let places = references(frame.fields.count, at: schema.field(ArrowSchema.Schema.fields))
        for (index, field) in frame.fields.enumerated() { self.field(field, at: places[index]) }

        // Sorted keys, as the SDK writes them.
        let metadata = schema.field(ArrowSchema.Schema.metadata)
        let entries = references(frame.meta == nil ? 2 : 3, at: metadata)
        if let meta = frame.meta {
            pair("meta", at: entries[0]) { $0.json(at: $1) { $0.meta(meta) } }
        }
        pair("name", at: entries[entries.count - 2]) { $0.string(frame.name, at: $1) }
        pair("refId", at: entries[entries.count - 1]) { $0.string(frame.refID, at: $1) }
        align(8)
        return schema.start - start
    }
}

extension FlatBufferWriter {
    fileprivate mutating func field(_ field: Field, at place: Reference) {
        typealias Layout = ArrowSchema.Field
        let kind = field.column.kind
        let table = table(Layout.layout, at: place)
        set(field.nullable ? 1 : 0 as UInt8, at: table.field(Layout.nullable))
        set(kind.arrowType, at: table.field(Layout.typeID))
        string(field.name, at: table.field(Layout.name))
        type(kind, at: table.field(Layout.type))
        _ = references(0, at: table.field(Layout.children))

        let entries = references((field.config == nil ? 1 : 2) + (field.labels == nil ? 0 : 1), at: table.field(Layout.metadata))
        if let config = field.config {
            pair("config", at: entries[0]) { $0.json(at: $1) { $0.config(config) } }
        }
        if let labels = field.labels {
            pair("labels", at: entries[entries.count - 2]) { $0.json(at: $1) { $0.labels(labels) } }
        }
        pair("tstype", at: entries[entries.count - 1]) { $0.string(kind.frontEndType, at: $1) }
    }

    fileprivate mutating func pair(
        _ key: StaticString, at place: Reference, _ value: (inout FlatBufferWriter, Reference) -> Void
    ) {
        let pair = table(ArrowSchema.KeyValue.layout, at: place)
        string(key, at: pair.field(ArrowSchema.KeyValue.key))
        value(&self, pair.field(ArrowSchema.KeyValue.value))
    }

    private mutating func type(_ kind: ColumnKind, at reference: Reference) {
        switch kind {
        case .timestamp: shortType(ArrowSchema.nanoseconds, at: reference)
        case .float32: shortType(ArrowSchema.singlePrecision, at: reference)
        case .float64: shortType(ArrowSchema.doublePrecision, at: reference)
        case .int8: intType(8, signed: true, at: reference)
        case .int16: intType(16, signed: true, at: reference)
        case .int32: intType(32, signed: true, at: reference)
        case .int64: intType(64, signed: true, at: reference)
        case .uint8: intType(8, signed: false, at: reference)
        case .uint16, .enumeration: intType(16, signed: false, at: reference)
        case .uint32: intType(32, signed: false, at: reference)
        case .uint64: intType(64, signed: false, at: reference)
        case .bool, .utf8, .json: _ = table(ArrowSchema.emptyType, at: reference)
        }
    }

    private mutating func shortType(_ value: Int16, at reference: Reference) {
        let table = table(ArrowSchema.ShortType.layout, at: reference)
        set(value, at: table.field(ArrowSchema.ShortType.value))
    }

    private mutating func intType(_ bitWidth: Int32, signed: Bool, at reference: Reference) {
        let table = table(ArrowSchema.IntType.layout, at: reference)
        set(bitWidth, at: table.field(ArrowSchema.IntType.bitWidth))
        set(signed ? 1 : 0 as UInt8, at: table.field(ArrowSchema.IntType.isSigned))
    }
}

extension ColumnKind {
    fileprivate var arrowType: UInt8 {
        switch self {
        case .timestamp: ArrowSchema.TypeID.timestamp
        case .float32, .float64: ArrowSchema.TypeID.floatingPoint
        case .bool: ArrowSchema.TypeID.bool
        case .utf8: ArrowSchema.TypeID.utf8
        case .json: ArrowSchema.TypeID.binary
        default: ArrowSchema.TypeID.int
        }
    }
}
