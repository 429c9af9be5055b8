/// Finds the fields of a message that the schema here does not know, at every depth, by the rules alone.
///
/// For requests that the gateway answers itself: nothing else of them is decoded.
package enum UnknownFields {
    /// A message nests as deeply as its schema, which is shallow; only a recursive schema could go on.
    static let maximumDepth = 16

    /// Enters every unknown field of an encoded message.
    ///
    /// - Parameters:
    ///   - message: the full name; one that no rule names has no known fields and is left alone.
    ///   - book: where the schema is taken from.
    /// - Throws: ``TranslationError`` when the bytes are not that message; the ledger then has no new entries.
    package static func enter(
        of bytes: [UInt8], as message: String, in book: RuleBook, _ ledger: inout LossLedger
    ) throws(TranslationError) {
        var found = LossLedger()
        do throws(WireError) {
            try bytes.readWire { reader throws(WireError) in try scan(&reader, message, book, depth: 0, &found) }
        } catch {
            throw .malformedRequest(message, error, size: bytes.count)
        }
        ledger.merge(found)
    }

    private static func scan(
        _ reader: inout WireReader, _ message: String, _ book: RuleBook, depth: Int, _ ledger: inout LossLedger
    ) throws(WireError) {
        guard depth < maximumDepth, let rules = book.shapes[message] else {
            while !reader.isAtEnd { try reader.skip(try reader.tag()) }
            return
        }
        while !reader.isAtEnd {
            let tag = try reader.tag()
            guard let (field, shape) = rules[tag.number], shape.accepts(tag.type) else {
                try reader.skipUnknown(tag, in: message, &ledger)
                continue
            }
            switch shape {
            case .scalar: try reader.skip(tag)
            case .message(let name):
                var nested = try reader.message()
                try scan(&nested, name, book, depth: depth + 1, &ledger)
            case .map(let value):
                var entry = try reader.message()
                try scanEntry(&entry, "\(message).\(field)", value: value, book, depth: depth + 1, &ledger)
            }
        }
    }

    /// Reads an entry of a map that is not used otherwise: `path` is the map's field, `value` the type of its values.
    static func enterEntry(
        _ reader: inout WireReader, of path: String, value: String = "string", _ ledger: inout LossLedger
    ) throws(WireError) {
        try scanEntry(&reader, path, value: value, .v2ToV1, depth: 1, &ledger)
    }

    private static func scanEntry(
        _ reader: inout WireReader, _ path: String, value: String, _ book: RuleBook, depth: Int, _ ledger: inout LossLedger
    ) throws(WireError) {
        while !reader.isAtEnd {
            let tag = try reader.tag()
            switch (tag.number, tag.type) {
            case (1, .bytes): _ = try reader.delimited()
            case (2, .bytes):
                var nested = try reader.message()
                if book.shapes[value] != nil { try scan(&nested, value, book, depth: depth + 1, &ledger) }
            default: try reader.skipUnknown(tag, in: path, &ledger)
            }
        }
    }
}
