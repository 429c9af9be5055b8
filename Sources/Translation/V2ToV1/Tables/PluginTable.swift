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
