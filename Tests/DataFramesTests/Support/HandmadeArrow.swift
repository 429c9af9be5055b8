@testable import DataFrames

/// An Arrow file with one column, made by hand so that any part of it can be wrong or unusual.
struct HandmadeArrow {
    var typeID = ArrowSchema.TypeID.timestamp
    /// The unit of a timestamp, the precision of a float, …
    var shortParameter: Int16 = 3
    var bitWidth: Int32 = 64
    var nullable = true
    var version: Int16 = 4
    var endianness: Int16 = 0
    var metadata: [(String, String)] = []
    var schemaMetadata: [(String, String)] = []
    var hasChildren = false
    var hasDictionary = false
    var dictionaryBlocks = 0
    var compressed = false
    var headerType = ArrowSchema.MessageHeader.recordBatch
    var legacyPrefix = false
    var rows: Int64 = 2
    var nodes: [(length: Int64, nullCount: Int64)] = [(2, 0)]
    var buffers: [(offset: Int64, length: Int64)] = [(0, 0), (0, 16)]
    var body: [UInt8] = HandmadeArrow.words([1000, 2000])
    var messageBodyLength: Int64?
    var blockShift: Int64 = 0
    var blockBodyShift: Int64 = 0
    var batchCount = 1

    static func words(_ values: [Int64]) -> [UInt8] {
        values.flatMap { value in withUnsafeBytes(of: value.littleEndian) { Array($0) } }
    }

    func bytes() -> [UInt8] {
        var file: [UInt8] = ArrowSchema.magic + [0, 0]
        let offset = file.count
        var message = batchMessage()
        var prefix: [UInt8] = []
        if !legacyPrefix { prefix += [0xFF, 0xFF, 0xFF, 0xFF] }
        while (prefix.count + 4 + message.count) & 7 != 0 { message.append(0) }
        prefix += withUnsafeBytes(of: UInt32(message.count).littleEndian) { Array($0) }
        file += prefix + message + body
        let metadataLength = Int32(prefix.count + message.count)

        var writer = FlatBufferWriter()
        let footer = writer.table(ArrowSchema.Footer.layout, at: writer.reference())
        writer.set(version, at: footer.field(ArrowSchema.Footer.version))
        schema(&writer, footer.field(ArrowSchema.Footer.schema))
        writer.wideStructs(dictionaryBlocks, at: footer.field(ArrowSchema.Footer.dictionaries))
        for _ in 0..<dictionaryBlocks * 3 { writer.append(0 as Int64) }
        writer.wideStructs(batchCount, at: footer.field(ArrowSchema.Footer.recordBatches))
        for _ in 0..<batchCount {
            writer.append(Int64(offset) &+ blockShift)
            writer.append(metadataLength)
            writer.append(0 as Int32)
            writer.append(Int64(body.count) &+ blockBodyShift)
        }
        writer.align(8)
        file += writer.bytes
        file += withUnsafeBytes(of: UInt32(writer.position).littleEndian) { Array($0) }
        return file + ArrowSchema.magic
    }

    private func batchMessage() -> [UInt8] {
        var writer = FlatBufferWriter()
        let message = writer.table(ArrowSchema.Message.layout, at: writer.reference())
        writer.set(version, at: message.field(ArrowSchema.Message.version))
        writer.set(headerType, at: message.field(ArrowSchema.Message.headerType))
        writer.set(messageBodyLength ?? Int64(body.count), at: message.field(ArrowSchema.Message.bodyLength))
        let layout = FlatBufferTable(compressed ? [4, 12, 16, 20] : [4, 12, 16], size: 24, holdsWideField: true)
        let batch = writer.table(layout, at: message.field(ArrowSchema.Message.header))
        writer.set(rows, at: batch.field(ArrowSchema.RecordBatch.length))
        writer.wideStructs(nodes.count, at: batch.field(ArrowSchema.RecordBatch.nodes))
        for node in nodes {
            writer.append(node.length)
            writer.append(node.nullCount)
        }
        writer.wideStructs(buffers.count, at: batch.field(ArrowSchema.RecordBatch.buffers))
        for buffer in buffers {
            writer.append(buffer.offset)
            writer.append(buffer.length)
        }
        if compressed { _ = writer.table(ArrowSchema.emptyType, at: batch.field(20)) }
        writer.align(4)
        return writer.bytes
    }

    private func schema(_ writer: inout FlatBufferWriter, _ reference: FlatBufferWriter.Reference) {
        let schema = writer.table(FlatBufferTable([12, 4, 8], size: 16), at: reference)
        writer.set(endianness, at: schema.field(12))
        let fields = writer.references(1, at: schema.field(4))
        let layout = FlatBufferTable(hasDictionary ? [4, 20, 21, 8, 24, 12, 16] : [4, 20, 21, 8, 0, 12, 16], size: 28)
        let field = writer.table(layout, at: fields[0])
        writer.set(nullable ? 1 : 0 as UInt8, at: field.field(20))
        writer.set(typeID, at: field.field(21))
        writer.string("column", at: field.field(4))
        if typeID == ArrowSchema.TypeID.int {
            let type = writer.table(ArrowSchema.IntType.layout, at: field.field(8))
            writer.set(bitWidth, at: type.field(4))
            writer.set(1 as UInt8, at: type.field(8))
        } else {
            let type = writer.table(ArrowSchema.ShortType.layout, at: field.field(8))
            writer.set(shortParameter, at: type.field(4))
        }
        let children = writer.references(hasChildren ? 1 : 0, at: field.field(12))
        if hasChildren { _ = writer.table(ArrowSchema.emptyType, at: children[0]) }
        if hasDictionary { _ = writer.table(ArrowSchema.emptyType, at: field.field(24)) }
        pairs(metadata, &writer, field.field(16))
        pairs(schemaMetadata, &writer, schema.field(8))
    }

    private func pairs(_ pairs: [(String, String)], _ writer: inout FlatBufferWriter, _ reference: FlatBufferWriter.Reference) {
        let places = writer.references(pairs.count, at: reference)
        for (index, (key, value)) in pairs.enumerated() {
            let pair = writer.table(ArrowSchema.KeyValue.layout, at: places[index])
            writer.string(key, at: pair.field(ArrowSchema.KeyValue.key))
            writer.string(value, at: pair.field(ArrowSchema.KeyValue.value))
        }
    }
}
