/// The type of a column without its cells, under the names that the plugin SDK gives to it.
enum ColumnKind: String, CaseIterable, Sendable {
    case timestamp = "time.Time"
    case int8, int16, int32, int64, uint8, uint16, uint32, uint64, float32, float64, bool
    case utf8 = "string"
    case json = "json.RawMessage"
    case enumeration = "enum"

    /// The coarser type that Grafana's front end goes by (`type` in JSON frames, `tstype` in Arrow files).
    var frontEndType: StaticString {
        switch self {
        case .timestamp: "time"
        case .bool: "boolean"
        case .utf8: "string"
        case .json: "other"
        case .enumeration: "enum"
        default: "number"
        }
    }

    var emptyColumn: Column {
        switch self {
        case .timestamp: .timestamp(PrimitiveColumn())
        case .int8: .int8(PrimitiveColumn())
        case .int16: .int16(PrimitiveColumn())
        case .int32: .int32(PrimitiveColumn())
        case .int64: .int64(PrimitiveColumn())
        case .uint8: .uint8(PrimitiveColumn())
        case .uint16: .uint16(PrimitiveColumn())
        case .uint32: .uint32(PrimitiveColumn())
        case .uint64: .uint64(PrimitiveColumn())
        case .float32: .float32(PrimitiveColumn())
        case .float64: .float64(PrimitiveColumn())
        case .bool: .bool(BoolColumn())
        case .utf8: .utf8(TextColumn())
        case .json: .json(TextColumn())
        case .enumeration: .enumeration(PrimitiveColumn())
        }
    }
}

extension Column {
    var kind: ColumnKind {
        switch self {
        case .timestamp: .timestamp
        case .int8: .int8
        case .int16: .int16
        case .int32: .int32
        case .int64: .int64
        case .uint8: .uint8
        case .uint16: .uint16
        case .uint32: .uint32
        case .uint64: .uint64
        case .float32: .float32
        case .float64: .float64
        case .bool: .bool
        case .utf8: .utf8
        case .json: .json
        case .enumeration: .enumeration
        }
    }
}
