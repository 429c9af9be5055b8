/// Frames as Arrow IPC *files* (magic, messages, footer), with the metadata keys of the plugin SDK.
package enum ArrowFile {
    /// Readers (arrow-go from 18.7 on) refuse record batches with a larger body.
    package static let maximumBodyLength = 268_435_456
    /// The same readers refuse larger metadata.
    static let maximumMetadataLength = 64 << 20

    /// Writes a frame, as one record batch where it fits, else as several; none when there are no rows.
    /// - Parameter bodyLimit: the largest body of a batch in bytes; at most ``maximumBodyLength``.
    /// - Throws: ``FrameError`` (`invalidFrame`, `frameTooLarge`) for frames that a reader would crash on or misread.
    package static func write(_ frame: Frame, bodyLimit: Int = maximumBodyLength) throws(FrameError) -> [UInt8] {
        try frame.validate()
        let schema = ArrowSchemaPart(frame)
        guard schema.bytes.count < maximumMetadataLength - 1024 else {
            throw FrameError(
                .frameTooLarge,
                "Names, labels and metadata of the frame take \(schema.bytes.count) bytes; readers accept 64 MiB.",
                remedy: "The query must return fewer series or smaller labels in one frame.")
        }
        let ranges = try ArrowBatchPlan.ranges(frame, bodyLimit: min(bodyLimit, maximumBodyLength))
        let batches = ranges.map { ArrowBatch(frame, rows: $0) }

        let schemaMessage = message(ArrowSchema.MessageHeader.schema, bodyLength: 0, size: schema.bytes.count) {
            writer, reference in
            writer.part(schema.bytes, root: schema.root, at: reference)
        }
        let batchMessages = batches.map { batch in
            message(ArrowSchema.MessageHeader.recordBatch, bodyLength: batch.bodyLength, size: 128 + 64 * frame.fields.count) {
                writer, reference in
                batch.writeHeader(to: &writer, at: reference)
            }
        }

        var blocks: [ArrowBlock] = []
        var position = 8 + schemaMessage.count
        for (batch, message) in zip(batches, batchMessages) {
            blocks.append(ArrowBlock(offset: position, metadataLength: message.count, bodyLength: batch.bodyLength))
            position += message.count + batch.bodyLength
        }
        let footer = footer(schema, blocks)

        var file: [UInt8] = []
        file.reserveCapacity(position + 8 + footer.count + 10)
        file.append(contentsOf: ArrowSchema.magic)
        file.append(contentsOf: [0, 0])
        file.append(contentsOf: schemaMessage)
        for (batch, message) in zip(batches, batchMessages) {
            file.append(contentsOf: message)
            batch.writeBody(to: &file)
        }
        file.append(contentsOf: [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0])
        file.append(contentsOf: footer)
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: footer.count).littleEndian) { file.append(contentsOf: $0) }
        file.append(contentsOf: ArrowSchema.magic)
        return file
    }

    /// An encapsulated message: continuation marker, padded length, FlatBuffer, padding.
    private static func message(
        _ type: UInt8, bodyLength: Int, size: Int, _ header: (inout FlatBufferWriter, FlatBufferWriter.Reference) -> Void
    ) -> [UInt8] {
        typealias Layout = ArrowSchema.Message
        var writer = FlatBufferWriter(reserving: size + 64)
        // The prefix is written first: 8 bytes, so that places keep their remainders modulo 8.
        writer.append(ArrowSchema.continuation)
        let length = writer.reference()
        let table = writer.table(Layout.layout, at: writer.reference())
        writer.set(ArrowSchema.version, at: table.field(Layout.version))
        writer.set(type, at: table.field(Layout.headerType))
        writer.set(Int64(bodyLength), at: table.field(Layout.bodyLength))
        header(&writer, table.field(Layout.header))
        writer.align(8)
        writer.set(UInt32(truncatingIfNeeded: writer.position - 8), at: length)
        return writer.bytes
    }

    private static func footer(_ schema: ArrowSchemaPart, _ blocks: [ArrowBlock]) -> [UInt8] {
        typealias Layout = ArrowSchema.Footer
        var writer = FlatBufferWriter(reserving: 128 + schema.bytes.count + 24 * blocks.count)
        let table = writer.table(Layout.layout, at: writer.reference())
        writer.set(ArrowSchema.version, at: table.field(Layout.version))
        writer.part(schema.bytes, root: schema.root, at: table.field(Layout.schema))
        writer.wideStructs(0, at: table.field(Layout.dictionaries))
        writer.wideStructs(blocks.count, at: table.field(Layout.recordBatches))
        for block in blocks {
            writer.append(Int64(block.offset))
            writer.append(Int32(truncatingIfNeeded: block.metadataLength))
            writer.append(0 as Int32)
            writer.append(Int64(block.bodyLength))
        }
        writer.align(8)
        return writer.bytes
    }
}

/// Where the footer says that a record batch lies.
struct ArrowBlock {
    var offset: Int
    /// With the prefix of the message.
    var metadataLength: Int
    var bodyLength: Int
}
