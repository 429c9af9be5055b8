/// Frames as JSON documents: the form that Grafana's browser reads and, since 2026, its server asks plugins for.
///
/// Times are integer milliseconds with an extra `nanos` row, NaN and infinities are null with their rows in `entities`.
package enum JSONFrame {
    /// What a document holds. Later chunks of a streamed frame carry only data.
    package enum Part: Sendable {
        case schemaAndData
        case data
    }

    /// Writes a frame. Key order and omissions are those that Grafana's decoder insists on.
    /// - Throws: ``FrameError`` (`invalidFrame`, `frameTooLarge`) for frames that a reader would misread.
    package static func write(_ frame: Frame, part: Part = .schemaAndData) throws(FrameError) -> [UInt8] {
        var times = SharedTimes()
        return try write(frame, part: part, sharing: &times)
    }

    /// The same for one of several frames, in their order.
    package static func write(
        _ frame: Frame, part: Part = .schemaAndData, sharing times: inout SharedTimes
    ) throws(FrameError) -> [UInt8] {
        try frame.validate()
        var writer = JSONWriter()
        writer.bytes.reserveCapacity(sizeEstimate(frame))
        writer.byte(UInt8(ascii: "{"))
        if part == .schemaAndData {
            writer.raw("\"schema\":")
            writer.schema(frame)
            writer.comma()
        }
        writer.raw("\"data\":")
        let first = writer.data(frame, times)
        writer.byte(UInt8(ascii: "}"))
        if case .timestamp(let column)? = frame.fields.first?.column {
            times.keep(column, haveRemainders: first.haveRemainders, in: writer.bytes, at: first.place)
        }
        return writer.bytes
    }

    /// How many cells of a JSON column ``write(_:part:)`` makes null because they are not JSON; 0 for every other column.
    package static func brokenCells(in column: Column) -> Int {
        guard case .json(let column) = column else { return 0 }
        return column.bytes.withUnsafeBytes { text in
            (0..<column.count).count { row in
                column.validity.isValid(row)
                    && !JSONText.isDocument(
                        UnsafeRawBufferPointer(rebasing: text[Int(column.offsets[row])..<Int(column.offsets[row + 1])]))
            }
        }
    }

    private static func sizeEstimate(_ frame: Frame) -> Int {
        frame.fields.reduce(256 + JSONWriter.blockSize) { size, field in
            let rows = field.column.count
            switch field.column {
            case .timestamp: return size + 128 + rows * 14
            case .float64: return size + 128 + rows * 20
            case .utf8(let column), .json(let column): return size + 128 + rows * 4 + column.bytes.count
            default: return size + 128 + rows * 10
            }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func schema(_ frame: Frame) {
        byte(UInt8(ascii: "{"))
        if !frame.name.isEmpty {
            raw("\"name\":")
            string(frame.name)
            comma()
        }
        if !frame.refID.isEmpty {
            raw("\"refId\":")
            string(frame.refID)
            comma()
        }
        if let meta = frame.meta {
            raw("\"meta\":")
            self.meta(meta)
            comma()
        }
        raw("\"fields\":[")
        var first = true
        for field in frame.fields {
            separator(&first)
            schema(field)
        }
        raw("]}")
    }

    private mutating func schema(_ field: Field) {
        let kind = field.column.kind
        raw("{\"name\":")
        string(field.name)
        raw(",\"type\":\"")
        raw(kind.frontEndType)
        raw("\",\"typeInfo\":{\"frame\":\"")
        bytes.append(contentsOf: kind.rawValue.utf8)
        raw(field.nullable ? "\",\"nullable\":true}" : "\"}")
        if let labels = field.labels, !labels.isEmpty {
            raw(",\"labels\":")
            self.labels(labels)
        }
        if let config = field.config, !config.isEmpty {
            raw(",\"config\":")
            self.config(config)
        }
        byte(UInt8(ascii: "}"))
    }

    /// - Returns: where the cells of the first field stand, and whether as times they have nanoseconds besides.
    fileprivate mutating func data(_ frame: Frame, _ times: SharedTimes) -> (place: Range<Int>, haveRemainders: Bool) {
        var first = 0..<0
        var entities: [Int: NonFiniteRows] = [:]
        var fieldsWithNanos: [Int] = []
        raw("{\"values\":[")
        for (index, field) in frame.fields.enumerated() {
            if index > 0 { comma() }
            byte(UInt8(ascii: "["))
            let start = bytes.count
            switch field.column {
            case .timestamp(let column): if milliseconds(column, index == 0 ? times : nil) { fieldsWithNanos.append(index) }
            case .float64(let column): entities[index] = floats(column) { JSONNumber.write($0, to: $1) }
            case .float32(let column): entities[index] = floats(column) { JSONNumber.write($0, to: $1) }
            case .int8(let column): integers(column)
            case .int16(let column): integers(column)
            case .int32(let column): integers(column)
            case .int64(let column): integers(column)
            case .uint8(let column): integers(column)
            case .uint16(let column), .enumeration(let column): integers(column)
            case .uint32(let column): integers(column)
            case .uint64(let column): integers(column)
            case .bool(let column): booleans(column)
            case .utf8(let column): strings(column)
            case .json(let column): documents(column)
            }
            if index == 0 { first = start..<bytes.count }
            byte(UInt8(ascii: "]"))
        }
        byte(UInt8(ascii: "]"))
        if !entities.isEmpty {
            raw(",\"entities\":[")
            var first = true
            for index in frame.fields.indices {
                separator(&first)
                if let rows = entities[index] { self.entities(rows) } else { raw("null") }
            }
            byte(UInt8(ascii: "]"))
        }
        if !fieldsWithNanos.isEmpty {
            raw(",\"nanos\":[")
            var first = true
            for (index, field) in frame.fields.enumerated() {
                separator(&first)
                if fieldsWithNanos.contains(index), case .timestamp(let column) = field.column {
                    nanos(column)
                } else {
                    raw("null")
                }
            }
            byte(UInt8(ascii: "]"))
        }
        byte(UInt8(ascii: "}"))
        return (first, fieldsWithNanos.first == 0)
    }
}
