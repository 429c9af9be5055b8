/// Frames as Arrow IPC *files* (magic, messages, footer), with the metadata keys of the plugin SDK.
package enum ArrowFile {
    /// Readers (arrow-go from 18.7 on) refuse record batches with a larger body.
    package static let maximumBodyLength = 268_435_456
    /// The same readers refuse larger metadata.
    static let maximumMetadataLength = 64 << 20

    private static let smallBodies = 256 * 1024

    /// Writes a frame, as one record batch where it fits, else as several; none when there are no rows.
    /// - Parameter bodyLimit: the largest body of a batch in bytes; at most ``maximumBodyLength``.
    /// - Throws: ``FrameError`` (`invalidFrame`, `frameTooLarge`) for frames that a reader would crash on or misread.
    package static func write(_ frame: Frame, bodyLimit: Int = maximumBodyLength) throws(FrameError) -> [UInt8] {
        try frame.validate()
        let ranges = try ArrowBatchPlan.ranges(frame, bodyLimit: min(bodyLimit, maximumBodyLength))

        var blocks = ranges.map { ArrowBlock(bodyLength: ArrowBatch.bodyLength(frame.fields, $0)) }
        let bodies = blocks.reduce(0) { $0 + $1.bodyLength + 256 + 64 * frame.fields.count }

        // All parts are written to their place in the file; what is counted from a part's beginning stays right, as all begin on multiples of 8.
        // Of a small file the memory is asked for at once, of a large one when the size of its schema is known.
        var writer = FlatBufferWriter(reserving: 1024 + 384 * frame.fields.count + (bodies < smallBodies ? bodies : 0))
        writer.bytes.append(contentsOf: ArrowSchema.magic)
        writer.bytes.append(contentsOf: [0, 0])
        var root = 0
        var start = 0
        message(ArrowSchema.MessageHeader.schema, bodyLength: 0, &writer) { writer, reference in
            writer.align(8)
            start = writer.position
            root = writer.schema(frame, at: reference)
        }
        let schema = start..<writer.position
        guard schema.count < maximumMetadataLength - 1024 else {
            throw FrameError(
                .frameTooLarge,
                "Names, labels and metadata of the frame take \(schema.count) bytes; readers accept 64 MiB.",
                remedy: "The query must return fewer series or smaller labels in one frame.")
        }

        // Now the size is known, but for a few bytes, and the columns' bytes are copied once.
        writer.bytes.reserveCapacity(writer.position + bodies + 256 + schema.count + 24 * blocks.count)
        for (place, rows) in ranges.enumerated() {
            let batch = ArrowBatch(frame, rows: rows, bodyLength: blocks[place].bodyLength)
            let offset = writer.position
            message(ArrowSchema.MessageHeader.recordBatch, bodyLength: batch.bodyLength, &writer) { writer, reference in
                batch.writeHeader(to: &writer, at: reference)
            }
            blocks[place].offset = offset
            blocks[place].metadataLength = writer.position - offset
            batch.writeBody(to: &writer.bytes)
        }
        writer.append(ArrowSchema.continuation)
        writer.append(0 as UInt32)
        let footerStart = writer.position
        footer(schema, root: root, blocks, &writer)
        writer.append(UInt32(truncatingIfNeeded: writer.position - footerStart))
        writer.bytes.append(contentsOf: ArrowSchema.magic)
        return writer.bytes
    }

    /// An encapsulated message: continuation marker, padded length, FlatBuffer, padding.
    private static func message(
        _ type: UInt8, bodyLength: Int, _ writer: inout FlatBufferWriter,
        _ header: (inout FlatBufferWriter, FlatBufferWriter.Reference) -> Void
    ) {
        typealias Layout = ArrowSchema.Message
        // The prefix takes 8 bytes, so that places keep their remainders modulo 8.
        writer.append(ArrowSchema.continuation)
        let length = writer.reference()
        let start = writer.position
        let table = writer.table(Layout.layout, at: writer.reference())
        writer.set(ArrowSchema.version, at: table.field(Layout.version))
        writer.set(type, at: table.field(Layout.headerType))
        writer.set(Int64(bodyLength), at: table.field(Layout.bodyLength))
        header(&writer, table.field(Layout.header))
        writer.align(8)
        writer.set(UInt32(truncatingIfNeeded: writer.position - start), at: length)
    }

    private static func footer(
        _ schema: Range<Int>, root: Int, _ blocks: [ArrowBlock], _ writer: inout FlatBufferWriter
    ) {
        typealias Layout = ArrowSchema.Footer
        let table = writer.table(Layout.layout, at: writer.reference())
        writer.set(ArrowSchema.version, at: table.field(Layout.version))
        writer.copy(schema, root: root, at: table.field(Layout.schema))
        writer.wideStructs(0, at: table.field(Layout.dictionaries))
        writer.wideStructs(blocks.count, at: table.field(Layout.recordBatches))
        for block in blocks {
            writer.append(Int64(block.offset))
            writer.append(Int32(truncatingIfNeeded: block.metadataLength))
            writer.append(0 as Int32)
            writer.append(Int64(block.bodyLength))
        }
        writer.align(8)
    }
}

/// Where the footer says that a record batch lies.
struct ArrowBlock {
    var offset = 0
    /// With the prefix of the message.
    var metadataLength = 0
    let bodyLength: Int
}
