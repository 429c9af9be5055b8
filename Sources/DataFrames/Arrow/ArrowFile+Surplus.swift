extension ArrowFile {
    /// How many metadata entries of a file's schema and fields have no property in ``Frame``, and are therefore not written again.
    ///
    /// - Parameter file: one that ``read(_:)`` accepted, which bounds the work.
    package static func unknownMetadata(in file: [UInt8]) throws(FrameError) -> Int {
        try withBytes(of: file) { raw throws(FrameError) in
            let view = try ArrowReader(raw).footer()
            guard let schema = try view.table(try view.root(), slot: 1) else { return 0 }
            var count = try unknownMetadata(view, schema, slot: 2, known: ["name", "refId", "meta"])
            let fields = try view.vector(schema, slot: 1, elementSize: 4) ?? (start: 0, count: 0)
            for index in 0..<fields.count {
                let field = try view.table(referredFrom: fields.start + 4 * index)
                count += try unknownMetadata(view, field, slot: 6, known: ["labels", "config", "tstype"])
            }
            return count
        }
    }

    /// Entries that are not the first one of a known key.
    private static func unknownMetadata(
        _ view: FlatBufferView, _ table: FlatBufferView.Table, slot: Int, known: [String]
    ) throws(FrameError) -> Int {
        let entries = try view.vector(table, slot: slot, elementSize: 4) ?? (start: 0, count: 0)
        var missing = known
        for index in 0..<entries.count {
            let pair = try view.table(referredFrom: entries.start + 4 * index)
            guard let key = try view.string(pair, slot: 0) else { continue }
            missing.removeAll { key.elementsEqual($0.utf8) }
        }
        return entries.count - (known.count - missing.count)
    }
}
