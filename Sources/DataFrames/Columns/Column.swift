package typealias TimestampColumn = PrimitiveColumn<Int64>
package typealias Int64Column = PrimitiveColumn<Int64>
package typealias Float64Column = PrimitiveColumn<Double>

/// The cells of a field: every type that frames of the plugin protocol have.
///
/// Fill a payload (``TimestampColumn``, ``Float64Column``, ``BoolColumn``, ``TextColumn``) with its `append` and wrap it.
package enum Column: Sendable, Equatable {
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    case timestamp(PrimitiveColumn<Int64>)
    case int8(PrimitiveColumn<Int8>)
    case int16(PrimitiveColumn<Int16>)
    case int32(PrimitiveColumn<Int32>)
    case int64(PrimitiveColumn<Int64>)
    case uint8(PrimitiveColumn<UInt8>)
    case uint16(PrimitiveColumn<UInt16>)
    case uint32(PrimitiveColumn<UInt32>)
    case uint64(PrimitiveColumn<UInt64>)
    case float32(PrimitiveColumn<Float>)
    case float64(PrimitiveColumn<Double>)
    case bool(BoolColumn)
    case utf8(TextColumn)
    /// Each cell is a JSON document (`json.RawMessage` in the SDK).
    case json(TextColumn)
    /// Indices into the texts of the field's `config.type.enum`.
    case enumeration(PrimitiveColumn<UInt16>)

    package var validity: Validity {
        switch self {
        case .timestamp(let column), .int64(let column): column.validity
        case .int8(let column): column.validity
        case .int16(let column): column.validity
        case .int32(let column): column.validity
        case .uint8(let column): column.validity
        case .uint16(let column), .enumeration(let column): column.validity
        case .uint32(let column): column.validity
        case .uint64(let column): column.validity
        case .float32(let column): column.validity
        case .float64(let column): column.validity
        case .bool(let column): column.validity
        case .utf8(let column), .json(let column): column.validity
        }
    }

    package var count: Int { validity.count }
    package var nullCount: Int { validity.nullCount }

    /// Whether a text column dropped values because it was full; such a frame must not be sent.
    package var exceededCapacity: Bool {
        switch self {
        case .utf8(let column), .json(let column): column.exceededCapacity
        default: false
        }
    }

    /// `range` must lie within the column.
    func rows(in range: Range<Int>) -> Column {
        switch self {
        case .timestamp(let column): .timestamp(column.rows(in: range))
        case .int8(let column): .int8(column.rows(in: range))
        case .int16(let column): .int16(column.rows(in: range))
        case .int32(let column): .int32(column.rows(in: range))
        case .int64(let column): .int64(column.rows(in: range))
        case .uint8(let column): .uint8(column.rows(in: range))
        case .uint16(let column): .uint16(column.rows(in: range))
        case .uint32(let column): .uint32(column.rows(in: range))
        case .uint64(let column): .uint64(column.rows(in: range))
        case .float32(let column): .float32(column.rows(in: range))
        case .float64(let column): .float64(column.rows(in: range))
        case .bool(let column): .bool(column.rows(in: range))
        case .utf8(let column): .utf8(column.rows(in: range))
        case .json(let column): .json(column.rows(in: range))
        case .enumeration(let column): .enumeration(column.rows(in: range))
        }
    }

    /// Appends a column of the same type; `false` when the types differ.
    mutating func append(_ other: Column) -> Bool {
        if count == 0, kind == other.kind {
            self = other
            return true
        }
        // Each case empties `self` first, so that the payload is the only holder of its storage and grows in place.
        switch (self, other) {
        case (.timestamp(var all), .timestamp(let more)):
            self = kind.emptyColumn
            all.append(more)
            self = .timestamp(all)
        case (.int8(var all), .int8(let more)):
            self = kind.emptyColumn
            all.append(more)
            self = .int8(all)
        case (.int16(var all), .int16(let more)):
            self = kind.emptyColumn
            all.append(more)
            self = .int16(all)
        case (.int32(var all), .int32(let more)):
            self = kind.emptyColumn
            all.append(more)
            self = .int32(all)
        case (.int64(var all), .int64(let more)):
            self = kind.emptyColumn
            all.append(more)
            self = .int64(all)
        case (.uint8(var all), .uint8(let more)):
            self = kind.emptyColumn
            all.append(more)
            self = .uint8(all)
        case (.uint16(var all), .uint16(let more)):
            self = kind.emptyColumn
            all.append(more)
            self = .uint16(all)
        case (.uint32(var all), .uint32(let more)):
            self = kind.emptyColumn
            all.append(more)
            self = .uint32(all)
        case (.uint64(var all), .uint64(let more)):
            self = kind.emptyColumn
            all.append(more)
            self = .uint64(all)
        case (.float32(var all), .float32(let more)):
            self = kind.emptyColumn
            all.append(more)
            self = .float32(all)
        case (.float64(var all), .float64(let more)):
            self = kind.emptyColumn
            all.append(more)
            self = .float64(all)
        case (.bool(var all), .bool(let more)):
            self = kind.emptyColumn
            all.append(more)
            self = .bool(all)
        case (.utf8(var all), .utf8(let more)):
            self = kind.emptyColumn
            all.append(more)
            self = .utf8(all)
        case (.json(var all), .json(let more)):
            self = kind.emptyColumn
            all.append(more)
            self = .json(all)
        case (.enumeration(var all), .enumeration(let more)):
            self = kind.emptyColumn
            all.append(more)
            self = .enumeration(all)
        default: return false
        }
        return true
    }
}
