/// What the first look at a column found: enough to choose its type.
struct ColumnFacts {
    let hasTimeName: Bool
    private(set) var kinds: CellKinds = []
    /// Whether every BYTES value so far is UTF-8.
    private(set) var bytesAreText = true
    /// Whether every STRING value so far is a time; only looked at in columns with a time's name.
    private(set) var stringsAreTimes = true

    /// Bytes of all STRING and BYTES values so far.
    private(set) var textSize = 0

    init(name: String, _ options: TranslationOptions) {
        hasTimeName = options.timeColumns.contains { Self.matches(name, $0) }
    }

    /// Equality without regard to the case of ASCII letters.
    private static func matches(_ left: String, _ right: String) -> Bool {
        func lower(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte }
        return left.utf8.count == right.utf8.count && left.utf8.lazy.map(lower).elementsEqual(right.utf8.lazy.map(lower))
    }

    @inline(__always)
    mutating func add(_ cell: Cell, _ reader: WireReader) {
        kinds.formUnion(CellKinds(cell.kind))
        textSize &+= cell.text.count
        switch cell.kind {
        case .bytes: if bytesAreText { bytesAreText = reader.bytes(cell.text).isValidUTF8 }
        case .string:
            if hasTimeName, stringsAreTimes { stringsAreTimes = Timestamp.fromText(reader.bytes(cell.text)) != .notATime }
        default: break
        }
    }

    /// The type of the column (rule B.4).
    var target: ColumnTarget {
        if hasTimeName, kinds.isDisjoint(with: [.bool, .bytes]), stringsAreTimes { return .time }
        switch kinds {
        case .int64: return .int64
        case .double, [.int64, .double]: return .float64
        case .bool: return .bool
        default: return .text
        }
    }

    /// Whether BYTES cells become text, or base64.
    func bytesBecomeText(_ encoding: TranslationOptions.BytesEncoding) -> Bool {
        switch encoding {
        case .auto: bytesAreText
        case .utf8: true
        case .base64: false
        }
    }
}

/// What a table column becomes. NULL alone becomes text.
enum ColumnTarget {
    case time, int64, float64, bool, text
}
