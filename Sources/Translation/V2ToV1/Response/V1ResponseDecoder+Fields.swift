internal import DataFrames

/// One field at a time, on the level where the decoder stands.
extension V1ResponseDecoder {
    /// Reads a piece of the reply as far as its fields are complete.
    ///
    /// - Parameter origin: offset of the piece in the reply.
    /// - Returns: how many bytes were read, and how many there must be from there on for the next field; 0 when all were read.
    mutating func read(_ piece: UnsafeRawBufferPointer, at origin: Int) throws(WireError) -> (done: Int, needed: Int) {
        guard let base = piece.baseAddress else { return (0, 0) }
        var reader = WireReader(base: base, origin: origin, position: 0, end: piece.count)
        while true {
            try leaveFinishedLevels(at: reader.offset)
            if reader.isAtEnd { return (reader.position, 0) }
            if reader.offset < skipEnd {
                reader.position += min(skipEnd - reader.offset, reader.remaining)
                continue
            }
            let levelEnd = self.levelEnd
            var field = LevelReader(reader, levelEnd: levelEnd)
            if level == .series, groups == nil {
                series.points.appendUsual(&field.reader, announced: levelEnd - field.reader.offset)
                reader.position = field.reader.position
                if field.reader.isAtEnd { continue }
                // What a field needs is counted from where it begins.
                field = LevelReader(reader, levelEnd: levelEnd)
            }
            let needed = try step(&field)
            if needed > 0 { return (reader.position, needed) }
            reader.position = field.reader.position
        }
    }

    private var levelEnd: Int {
        switch level {
        case .reply: size
        case .result: resultEnd
        case .series: seriesEnd
        }
    }

    private mutating func leaveFinishedLevels(at offset: Int) throws(WireError) {
        if let groups, offset == levelEnd { throw groups.unfinished }
        if level == .series, offset == seriesEnd {
            finishSeries()
            level = .result
        }
        if level == .result, offset == resultEnd {
            finishResult()
            level = .reply
        }
    }

    /// Reads one field, or less of it where that is enough: the header of a message that is read field by field, or of bytes that are skipped.
    ///
    /// - Returns: 0, or how many bytes of the field there must be, when the piece has fewer.
    private mutating func step(_ field: inout LevelReader) throws(WireError) -> Int {
        guard let tag = try field.tag() else { return field.needsOneMore }
        if groups != nil {
            if try groups?.take(tag) == true {
                if groups?.isClosed == true { groups = nil }
                return 0
            }
            return try skip(tag, &field)
        }
        switch (level, tag.number, tag.type) {
        case (.reply, 1, .bytes):
            guard let length = try field.length() else { return field.needsOneMore }
            try allowance.part(at: tag.offset)
            resultEnd = field.reader.offset + length
            level = .result
            return 0
        case (.result, 4, .bytes):
            guard let length = try field.length() else { return field.needsOneMore }
            try allowance.part(at: tag.offset)
            seriesEnd = field.reader.offset + length
            level = .series
            return 0
        case (.result, 1...3, .bytes), (.result, 5, .bytes), (.series, 1...3, .bytes):
            guard let length = try field.length() else { return field.needsOneMore }
            guard let value = field.value(length) else { return field.needs(length) }
            switch level {
            case .series: try take(series: tag.number, value, field.reader)
            default: try take(result: tag.number, value, field.reader)
            }
            return 0
        default:
            let needed = try skip(tag, &field)
            if needed == 0 { enterUnknown(tag) }
            return needed
        }
    }

    private mutating func skip(_ tag: WireTag, _ field: inout LevelReader) throws(WireError) -> Int {
        switch tag.type {
        case .varint: return try field.skipVarint() ? 0 : field.needsOneMore
        case .fixed64: return try field.skipFixed(8) ? 0 : field.needs(8)
        case .fixed32: return try field.skipFixed(4) ? 0 : field.needs(4)
        case .bytes:
            guard let length = try field.length() else { return field.needsOneMore }
            skipEnd = field.reader.offset + length
            return 0
        case .groupStart:
            groups = OpenGroups(tag)
            return 0
        case .groupEnd: throw WireError(code: .unmatchedGroupEnd, offset: tag.offset)
        }
    }

    private mutating func enterUnknown(_ tag: WireTag) {
        let message =
            switch level {
            case .reply: PluginReply.message
            case .result: PluginResult.message
            case .series: PluginSeries.message
            }
        reply.losses.add(.unknown(tag.number, in: message), .unknownField)
    }

    // MARK: Complete fields

    private mutating func take(result number: UInt32, _ value: Range<Int>, _ reader: WireReader) throws(WireError) {
        switch number {
        case 1: result.error = reader.text(value, "models.QueryResult.error", &reply.losses).string
        case 2: result.refID = reader.text(value, "models.QueryResult.refId", &reply.losses)
        case 3: result.metaJSON = Array(reader.text(value, "models.QueryResult.metaJson", &reply.losses).string.utf8)
        default:
            let table = reader.nested(value)
            try allowance.part(at: table.offset)
            var decoder = TableDecoder(table, options, from: source)
            do {
                result.tables.append(try decoder.table(&allowance, &reply.losses))
            } catch {
                switch error {
                case .wire(let cause): throw cause
                case .unusable(let reason): result.unusable = result.unusable ?? reason
                }
            }
        }
    }

    private mutating func take(series number: UInt32, _ value: Range<Int>, _ reader: WireReader) throws(WireError) {
        switch number {
        case 1: series.name = reader.text(value, "models.TimeSeries.name", &reply.losses).string
        case 2:
            var entry = reader.nested(value)
            try allowance.tag(at: entry.offset)
            let (key, text) = try entry.textEntry("models.TimeSeries.tags", &reply.losses)
            tags.append((key.string, text.string))
        default:
            var point = reader.nested(value)
            try series.points.append(&point, &pointLosses)
        }
    }

    private mutating func finishSeries() {
        series.tags = Labels(tags)
        tags.removeAll(keepingCapacity: true)
        if !pointLosses.isEmpty {
            reply.losses.merge(pointLosses)
            pointLosses = LossLedger(policies: options.losses)
        }
        reply.losses.add("models.TimeSeries.points", .timestampOutOfRange, count: series.points.dropped)
        // A panel has some; growing from one on would cost more than the few that stay unused.
        if result.series.isEmpty { result.series.reserveCapacity(4) }
        result.series.append(series)
        series = PluginSeries(from: source)
    }

    private mutating func finishResult() {
        result.refused = reply.losses.takeRefusals()
        reply.results.append(result)
        result = PluginResult()
    }
}
