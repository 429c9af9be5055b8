extension ArrowFile {
    /// Reads an Arrow IPC file as a frame, joining its record batches.
    ///
    /// Every offset and length in it counts as hostile. Everything copied out is paid from a budget of 8 × the file's size
    /// + 64 KiB, so parts of a file that are referred to again and again cannot multiply; parsed labels and notices take at
    /// most 32 bytes for each byte paid. Times of any unit become nanoseconds.
    /// - Throws: ``FrameError``: `notAnArrowFile`, `malformedArrow`, `unsupportedArrow`, `malformedMetadata`, `malformedJSON`,
    ///   `amplification`.
    package static func read(_ file: [UInt8]) throws(FrameError) -> Frame {
        try withBytes(of: file) { raw throws(FrameError) in
            var reader = ArrowReader(raw)
            return try reader.frame()
        }
    }
}

/// What reading may still copy.
struct ArrowBudget {
    private var remaining: Int

    init(fileSize: Int) {
        remaining = fileSize * 8 + 65536
    }

    mutating func spend(_ bytes: Int) throws(FrameError) {
        guard bytes >= 0, bytes <= remaining else {
            throw FrameError(
                .amplification, "The file refers to the same bytes so often that reading it would take many times its size.",
                remedy: "The plugin that made the frame must write every part of it once.")
        }
        remaining -= bytes
    }
}

/// Walks a file the way Grafana does: end magic, footer, schema in the footer, blocks.
struct ArrowReader {
    private let file: UnsafeRawBufferPointer
    private var budget: ArrowBudget

    init(_ file: UnsafeRawBufferPointer) {
        self.file = file
        budget = ArrowBudget(fileSize: file.count)
    }

    mutating func frame() throws(FrameError) -> Frame {
        let footer = try footer()
        let root = try footer.root()
        try checkVersion(footer, root)
        guard let schema = try footer.table(root, slot: 1) else {
            throw FlatBufferView.malformed("the footer has no schema", at: footer.base)
        }
        guard try footer.vector(root, slot: 2, elementSize: 24)?.count ?? 0 == 0 else {
            throw Self.unsupported("dictionaries", remedy: "The plugin must send texts as Utf8 columns.")
        }
        var (frame, types) = try ArrowSchemaReader(footer).frame(schema, &budget)
        let blocks = try footer.vector(root, slot: 3, elementSize: 24) ?? (start: 0, count: 0)
        for index in 0..<blocks.count {
            try batch(footer, blocks.start + 24 * index, types, into: &frame)
        }
        for (index, field) in frame.fields.enumerated() {
            guard !field.column.exceededCapacity else {
                throw FrameError(
                    .frameTooLarge, "The text of field \(index) exceeds 4 GiB.",
                    remedy: "The plugin must split so much text over several frames.")
            }
            guard field.nullable || field.column.nullCount == 0 else {
                throw FlatBufferView.malformed(
                    "field \(index) is declared without nulls but holds \(field.column.nullCount)", at: footer.base)
            }
        }
        return frame
    }

    func footer() throws(FrameError) -> FlatBufferView {
        guard file.count >= 10, file.suffix(6).elementsEqual(ArrowSchema.magic) else {
            let isStream = file.count >= 4 && file.prefix(4).allSatisfy { $0 == 0xFF }
            throw FrameError(
                .notAnArrowFile,
                isStream ? "The bytes are an Arrow stream, not an Arrow file." : "The bytes do not end like an Arrow file.",
                remedy: "The plugin must send each frame as a complete Arrow IPC file.", byteOffset: max(0, file.count - 6))
        }
        let whole = FlatBufferView(file, base: 0)
        let length = Int(try whole.load(UInt32.self, at: file.count - 10))
        guard length >= 1, length <= file.count - 16 else {
            throw FrameError(
                .notAnArrowFile, "The footer of the Arrow file claims \(length) bytes of a file of \(file.count).",
                remedy: "The plugin must send each frame as a complete Arrow IPC file.", byteOffset: file.count - 10)
        }
        let start = file.count - 10 - length
        return FlatBufferView(UnsafeRawBufferPointer(rebasing: file[start..<start + length]), base: start)
    }

    private func checkVersion(_ view: FlatBufferView, _ table: FlatBufferView.Table) throws(FrameError) {
        let version = try view.scalar(Int16.self, table, slot: 0) ?? 0
        guard version == ArrowSchema.version || version == ArrowSchema.olderVersion else {
            throw Self.unsupported("metadata version V\(Int(version) + 1)", remedy: "The plugin must write version V4 or V5.")
        }
    }

    static func unsupported(_ what: String, remedy: String) -> FrameError {
        FrameError(.unsupportedArrow, "The Arrow file uses \(what), which data frames do not have.", remedy: remedy)
    }

    // MARK: Record batches

    private mutating func batch(
        _ footer: FlatBufferView, _ block: Int, _ types: [ArrowFieldType], into frame: inout Frame
    ) throws(FrameError) {
        let place = footer.base + block
        let offset = try footer.load(Int64.self, at: block)
        let metadataLength = Int64(try footer.load(Int32.self, at: block + 8))
        let bodyLength = try footer.load(Int64.self, at: block + 16)
        guard offset >= 0, metadataLength >= 8, bodyLength >= 0, (offset | metadataLength | bodyLength) & 7 == 0,
            offset <= Int64(file.count), metadataLength <= Int64(file.count) - offset,
            bodyLength <= Int64(file.count) - offset - metadataLength
        else {
            throw FlatBufferView.malformed("a record batch lies outside the file or off the 8-byte grid", at: place)
        }
        try budget.spend(Int(metadataLength))

        let start = Int(offset)
        let whole = FlatBufferView(file, base: 0)
        // With continuation marker, without it (older writers), or neither prefix.
        let mark = try whole.load(UInt32.self, at: start)
        let prefix = mark == ArrowSchema.continuation ? 8 : mark == 0 ? 0 : 4
        let bodyStart = start + Int(metadataLength)
        let message = FlatBufferView(UnsafeRawBufferPointer(rebasing: file[start + prefix..<bodyStart]), base: start + prefix)
        let root = try message.root()
        try checkVersion(message, root)
        guard try message.scalar(UInt8.self, root, slot: 1) == ArrowSchema.MessageHeader.recordBatch,
            let header = try message.table(root, slot: 2)
        else {
            throw FlatBufferView.malformed("the footer names a message that is no record batch", at: start)
        }
        guard try message.scalar(Int64.self, root, slot: 3) ?? 0 == bodyLength else {
            throw FlatBufferView.malformed("footer and message disagree about the length of a body", at: start)
        }
        guard try message.table(header, slot: 3) == nil else {
            throw Self.unsupported("compression", remedy: "The plugin must write record batches uncompressed.")
        }
        let body = UnsafeRawBufferPointer(rebasing: file[bodyStart..<bodyStart + Int(bodyLength)])
        var reader = try ArrowBatchReader(message, header, body: body, bodyOffset: bodyStart)
        for (index, type) in types.enumerated() {
            let column = try reader.column(type, &budget)
            guard frame.fields[index].column.append(column) else {
                throw FlatBufferView.malformed("record batches disagree about a type", at: start)
            }
        }
        try reader.finish()
    }
}
