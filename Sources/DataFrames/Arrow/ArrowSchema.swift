/// Names and numbers of Arrow's IPC format (`Schema.fbs`, `Message.fbs`, `File.fbs`), as far as frames use them.
enum ArrowSchema {
    /// Metadata version V5.
    static let version: Int16 = 4
    /// Metadata version V4, which older writers send; the layout of what frames use is the same.
    static let olderVersion: Int16 = 3

    enum MessageHeader {
        static let schema: UInt8 = 1
        static let recordBatch: UInt8 = 3
    }

    enum TypeID {
        static let int: UInt8 = 2
        static let floatingPoint: UInt8 = 3
        static let binary: UInt8 = 4
        static let utf8: UInt8 = 5
        static let bool: UInt8 = 6
        static let timestamp: UInt8 = 10

        /// For error messages.
        static func name(_ id: UInt8) -> String {
            let names = [
                "none", "Null", "Int", "FloatingPoint", "Binary", "Utf8", "Bool", "Decimal", "Date", "Time", "Timestamp",
                "Interval",
                "List", "Struct", "Union", "FixedSizeBinary", "FixedSizeList", "Map", "Duration", "LargeBinary", "LargeUtf8",
                "LargeList", "RunEndEncoded", "BinaryView", "Utf8View", "ListView", "LargeListView",
            ]
            return Int(id) < names.count ? names[Int(id)] : "type \(id)"
        }
    }

    /// Offsets of the fields that the writer fills, by table.
    enum Message {
        static let bodyLength = 4, header = 12, version = 16, headerType = 18
        static let layout = FlatBufferTable([16, 18, 12, 4], size: 20, holdsWideField: true)
    }
    enum Schema {
        static let fields = 4, metadata = 8
        static let layout = FlatBufferTable([0, 4, 8], size: 12)
    }
    enum Field {
        static let name = 4, type = 8, children = 12, metadata = 16, nullable = 20, typeID = 21
        static let layout = FlatBufferTable([4, 20, 21, 8, 0, 12, 16], size: 24)
    }
    enum KeyValue {
        static let key = 4, value = 8
        static let layout = FlatBufferTable([4, 8], size: 12)
    }
    /// Timestamp (unit) and FloatingPoint (precision): one 16-bit field.
    enum ShortType {
        static let value = 4
        static let layout = FlatBufferTable([4], size: 8)
    }
    enum IntType {
        static let bitWidth = 4, isSigned = 8
        static let layout = FlatBufferTable([4, 8], size: 12)
    }
    /// Utf8, Binary, Bool: a table without fields must still exist.
    static let emptyType = FlatBufferTable([], size: 4)
    enum RecordBatch {
        static let length = 4, nodes = 12, buffers = 16
        static let layout = FlatBufferTable([4, 12, 16], size: 20, holdsWideField: true)
    }
    enum Footer {
        static let schema = 4, dictionaries = 8, recordBatches = 12, version = 16
        static let layout = FlatBufferTable([16, 4, 8, 12], size: 20)
    }

    static let nanoseconds: Int16 = 3
    static let singlePrecision: Int16 = 1
    static let doublePrecision: Int16 = 2

    /// `ARROW1`
    static let magic: [UInt8] = [0x41, 0x52, 0x52, 0x4F, 0x57, 0x31]
    static let continuation: UInt32 = 0xFFFF_FFFF

    static func padded(_ length: Int) -> Int { (length + 7) & ~7 }
}

#if _endian(big)
    #error("Columns are copied to and from Arrow's little-endian buffers as they are.")
#endif
