package import DataFrames

/// Random frames of every type that a plugin of today can send.
extension RandomMessages {
    package mutating func frame() -> Frame {
        // Row counts around the edges of bytes and words of bitmaps.
        let rows = chance(3) ? pick([0, 1, 7, 8, 9, 63, 64, 65]) : number(below: 12)
        var frame = Frame(name: text(), refID: text())
        if chance(2) { frame.meta = meta() }
        for _ in 0..<number(below: 5) { frame.fields.append(field(rows: rows)) }
        return frame
    }

    private mutating func field(rows: Int) -> Field {
        let nullable = !chance(3)
        let nullShare = nullable ? pick([0, 10, 50, 100]) : 0
        var field = Field(name: text(), nullable: nullable, column: column(rows: rows, nullShare: nullShare))
        if chance(3) { field.labels = Labels((0..<(1 + number(below: 3))).map { _ in (key: text(), value: text()) }) }
        if chance(3) {
            field.config = FieldConfig(
                displayNameFromDS: text(), other: [JSONMember(key: "unit", value: JSONText(string: text()))])
        }
        return field
    }

    private mutating func meta() -> FrameMeta {
        var meta = FrameMeta()
        if chance(2) {
            meta.type = "timeseries-multi"
            meta.typeVersion = FrameTypeVersion(0, 1)
        }
        if chance(3) { meta.custom = JSONText(object: [JSONMember(key: text(), value: JSONText(string: text()))]) }
        if chance(3) { meta.notices = [Notice(severity: .info, text: text(), link: text(), inspect: .data)] }
        if chance(3) { meta.executedQueryString = text() }
        if chance(3) { meta.other = [JSONMember(key: "channel", value: JSONText(string: text()))] }
        return meta
    }

    private mutating func column(rows: Int, nullShare: Int) -> Column {
        switch number(below: 15) {
        case 0: return .timestamp(PrimitiveColumn(cells(rows, nullShare) { $0.integer() }))
        case 1: return .int8(PrimitiveColumn(cells(rows, nullShare) { Int8(truncatingIfNeeded: $0.integer()) }))
        case 2: return .int16(PrimitiveColumn(cells(rows, nullShare) { Int16(truncatingIfNeeded: $0.integer()) }))
        case 3: return .int32(PrimitiveColumn(cells(rows, nullShare) { Int32(truncatingIfNeeded: $0.integer()) }))
        case 4: return .int64(PrimitiveColumn(cells(rows, nullShare) { $0.integer() }))
        case 5: return .uint8(PrimitiveColumn(cells(rows, nullShare) { UInt8(truncatingIfNeeded: $0.integer()) }))
        case 6: return .uint16(PrimitiveColumn(cells(rows, nullShare) { UInt16(truncatingIfNeeded: $0.integer()) }))
        case 7: return .uint32(PrimitiveColumn(cells(rows, nullShare) { UInt32(truncatingIfNeeded: $0.integer()) }))
        case 8: return .uint64(PrimitiveColumn(cells(rows, nullShare) { UInt64(bitPattern: $0.integer()) }))
        case 9: return .float32(PrimitiveColumn(cells(rows, nullShare) { Float($0.double()) }))
        case 10: return .float64(PrimitiveColumn(cells(rows, nullShare) { $0.double() }))
        case 11: return .bool(BoolColumn(cells(rows, nullShare) { $0.chance(2) }))
        case 12: return .enumeration(PrimitiveColumn(cells(rows, nullShare) { UInt16($0.number(below: 9)) }))
        case 13:
            var column = TextColumn()
            for cell in cells(rows, nullShare, { JSONText(array: [JSONText(string: $0.text()), .null]) }) {
                if let cell { column.appendBytes(cell.bytes) } else { column.appendNull() }
            }
            return .json(column)
        default: return .utf8(TextColumn(cells(rows, nullShare) { $0.text() }))
        }
    }

    private mutating func cells<Value>(_ rows: Int, _ nullShare: Int, _ make: (inout RandomMessages) -> Value) -> [Value?] {
        (0..<rows).map { _ in number(below: 100) < nullShare ? nil : make(&self) }
    }
}
