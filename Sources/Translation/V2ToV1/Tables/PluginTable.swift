internal import DataFrames

/// A `models.Table` as columns.
struct PluginTable: Sendable {
    var fields: [Field]
    var rowCount: Int
    /// What the user should know about cells that changed.
    var notices: [Notice]
}

/// Why a table could not be read.
enum TableFault: Error {
    case wire(WireError)
    /// The table is readable, but nothing sensible can be made of it; the text is for the user.
    case unusable(String)
}

/// `models.RowValue.Kind`.
enum CellKind: Int32, CaseIterable {
    case null = 0
    case double = 1
    case int64 = 2
    case bool = 3
    case string = 4
    case bytes = 5
}

/// The kinds that occur in a column, NULL left out.
struct CellKinds: OptionSet {
    let rawValue: UInt8

    init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    init(_ kind: CellKind) {
        self.init(rawValue: kind == .null ? 0 : 1 << UInt8(truncatingIfNeeded: kind.rawValue))
    }

    static let double = CellKinds(.double)
    static let int64 = CellKinds(.int64)
    static let bool = CellKinds(.bool)
    static let string = CellKinds(.string)
    static let bytes = CellKinds(.bytes)
}

/// A `models.RowValue`: the one value that its kind names.
struct Cell {
    static let message = "models.RowValue"

    var kind = CellKind.null
    /// The number of a kind that nobody knows.
    var unknownKind: Int32?
    var double = 0.0
    var int64: Int64 = 0
    var bool = false
    /// Place of the text or bytes; empty when the field is absent.
    var text = 0..<0

    /// - Parameter unknownField: called with the number of every field that the schema does not have.
    @inline(__always)
    init(_ reader: inout WireReader, unknownField: (UInt32) -> Void) throws(WireError) {
        var string = 0..<0
        var bytes = 0..<0
        while !reader.isAtEnd {
            let tag = try reader.tag()
            switch (tag.number, tag.type) {
            case (1, .varint):
                let number = try reader.enumeration()
                let known = CellKind(rawValue: number)
                kind = known ?? .null
                unknownKind = known == nil ? number : nil
            case (2, .fixed64): double = try reader.double()
            case (3, .varint): int64 = try reader.int64()
            case (4, .varint): bool = try reader.bool()
            case (5, .bytes): string = try reader.delimited()
            case (6, .bytes): bytes = try reader.delimited()
            default:
                try reader.skip(tag)
                unknownField(tag.number)
            }
        }
        text = kind == .bytes ? bytes : string
    }
}
