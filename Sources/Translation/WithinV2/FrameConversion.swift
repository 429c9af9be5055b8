internal import DataFrames

/// JSON frames for a host that asked for them, from a plugin of the host's own version that answered in Arrow.
///
/// Only the answers with Arrow frames are written again, and of those only frames and format; every other byte is copied.
package enum V2FrameConversion {
    /// Whether a `pluginv2.QueryDataRequest` or `QueryChunkedDataRequest` asks for JSON frames, and the operator wants them made.
    package static func isWanted(by request: [UInt8], options: TranslationOptions) -> Bool {
        options.convertFrames == .json && format(of: request) == .json
    }

    /// - Parameters:
    ///   - response: an encoded `pluginv2.QueryDataResponse`.
    ///   - ledger: takes what Arrow files hold and JSON frames do not.
    /// - Returns: the response with JSON frames; the same bytes when there was nothing to convert, or it cannot be read.
    package static func unary(_ response: [UInt8], options: TranslationOptions, ledger: inout LossLedger) -> [UInt8] {
        let conversion = ArrowToJSON(options: options)
        var found = LossLedger()
        do throws(WireError) {
            let converted = try response.readWire { reader throws(WireError) in
                var writer = WireWriter(reservingCapacity: response.count * 2)
                var hasChanged = false
                while !reader.isAtEnd {
                    let start = reader.position
                    let tag = try reader.tag()
                    if tag.isField(1, .bytes) {
                        var entry = try reader.message()
                        if let changed = try self.entry(&entry, conversion, &found) {
                            writer.delimited(1, changed)
                            hasChanged = true
                            continue
                        }
                    } else {
                        try reader.skip(tag)
                    }
                    writer.raw(reader.bytes(start..<reader.position))
                }
                return hasChanged ? writer.bytes : nil
            }
            ledger.merge(found)
            guard let converted else { return response }
            guard converted.count <= ReplyMerger.maximumAnswer else {
                ledger.add(ArrowToJSON.path, .notConverted)
                return response
            }
            return converted
        } catch {
            // The host says what is wrong with it.
            return response
        }
    }

    /// One entry of the map with its answer converted; nil when it stays as it is.
    private static func entry(
        _ reader: inout WireReader, _ conversion: ArrowToJSON, _ ledger: inout LossLedger
    ) throws(WireError) -> [UInt8]? {
        var writer = WireWriter()
        var hasChanged = false
        while !reader.isAtEnd {
            let start = reader.position
            let tag = try reader.tag()
            if tag.isField(2, .bytes) {
                var answer = try reader.message()
                if let changed = try self.answer(&answer, conversion, &ledger) {
                    writer.delimited(2, changed)
                    hasChanged = true
                    continue
                }
            } else {
                try reader.skip(tag)
            }
            writer.raw(reader.bytes(start..<reader.position))
        }
        return hasChanged ? writer.bytes : nil
    }

    /// A `pluginv2.DataResponse` with its frames converted, all or none: the format is that of all of them.
    private static func answer(
        _ reader: inout WireReader, _ conversion: ArrowToJSON, _ ledger: inout LossLedger
    ) throws(WireError) -> [UInt8]? {
        guard try isArrow(reader) else { return nil }
        var found = LossLedger()
        var writer = WireWriter(reservingCapacity: reader.remaining * 2)
        while !reader.isAtEnd {
            let start = reader.position
            let tag = try reader.tag()
            if tag.isField(6, .varint) {
                _ = try reader.enumeration()
            } else if tag.isField(1, .bytes) {
                guard let document = conversion.document(Array(reader.bytes(try reader.delimited())), &found) else {
                    ledger.merge(found)
                    return nil
                }
                writer.delimited(1, document)
            } else {
                try reader.skip(tag)
                writer.raw(reader.bytes(start..<reader.position))
            }
        }
        ledger.merge(found)
        writer.int64(6, Int64(FrameFormat.json.rawValue))
        return writer.bytes
    }

    /// Whether a `pluginv2.DataResponse` holds Arrow frames. The format stands behind them.
    private static func isArrow(_ answer: WireReader) throws(WireError) -> Bool {
        var (reader, format, hasFrames) = (answer, FrameFormat.arrow.rawValue, false)
        while !reader.isAtEnd {
            let tag = try reader.tag()
            if tag.isField(6, .varint) {
                format = try reader.enumeration()
            } else {
                hasFrames = hasFrames || tag.isField(1, .bytes)
                try reader.skip(tag)
            }
        }
        return hasFrames && format == FrameFormat.arrow.rawValue
    }

    /// The format that a request asks for.
    static func format(of request: [UInt8]) -> FrameFormat {
        var format = FrameFormat.arrow.rawValue
        do throws(WireError) {
            try request.readWire { reader throws(WireError) in
                while !reader.isAtEnd {
                    let tag = try reader.tag()
                    if tag.isField(4, .varint) { format = try reader.enumeration() } else { try reader.skip(tag) }
                }
            }
        } catch {
            return .arrow
        }
        return FrameFormat(rawValue: format) ?? .arrow
    }
}
