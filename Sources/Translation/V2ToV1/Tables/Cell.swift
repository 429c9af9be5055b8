/// A `models.RowValue`: the one value that its kind names.
struct Cell {
    static let message = "models.RowValue"

    private(set) var kind = CellKind.null
    /// A number as it stands on the wire.
    private var bits: UInt64 = 0
    /// Place of the text or bytes; empty when the field is absent.
    private(set) var text = 0..<0

    var double: Double { Double(bitPattern: bits) }
    var int64: Int64 { Int64(bitPattern: bits) }
    var bool: Bool { bits != 0 }
}

extension Cell {
    /// Any cell, without its tag and length: missing, repeated, foreign and reordered fields included.
    ///
    /// - Parameters:
    ///   - unknownField: called with the number of every field that the schema does not have.
    ///   - unknownKind: called with the number of a kind that nobody knows; the cell is then like NULL.
    init(
        any reader: inout WireReader, unknownField: (UInt32) -> Void, unknownKind: (Int32) -> Void
    ) throws(WireError) {
        var (double, int64, bool) = (0 as UInt64, 0 as UInt64, 0 as UInt64)
        var (string, bytes) = (0..<0, 0..<0)
        var stranger: Int32?
        while !reader.isAtEnd {
            let tag = try reader.tag()
            switch (tag.number, tag.type) {
            case (1, .varint):
                let number = try reader.enumeration()
                let known = CellKind(rawValue: number)
                kind = known ?? .null
                stranger = known == nil ? number : nil
            case (2, .fixed64): double = try reader.fixed64()
            case (3, .varint): int64 = try reader.varint()
            case (4, .varint): bool = try reader.varint()
            case (5, .bytes): string = try reader.delimited()
            case (6, .bytes): bytes = try reader.delimited()
            default:
                try reader.skip(tag)
                unknownField(tag.number)
            }
        }
        if let stranger { unknownKind(stranger) }
        switch kind {
        case .null: break
        case .double: bits = double
        case .int64: bits = int64
        case .bool: bits = bool
        case .string: text = string
        case .bytes: text = bytes
        }
    }

    /// A cell as nearly all are, with its tag and length: the kind, then the value of that kind unless it is the default, and nothing else.
    /// Nil, and the reader where it was, when something else stands there.
    ///
    /// - Parameter readable: end of the memory that may be looked at, which may lie behind the end of the row.
    @inline(__always)
    init?(usual reader: inout WireReader, readable: Int) {
        let left = reader.remaining
        guard left >= 2 else { return nil }
        let at = reader.base + reader.position
        let length = Int(at.load(fromByteOffset: 1, as: UInt8.self))
        guard at.load(as: UInt8.self) == 0x0a, length < 0x80, left &- 2 >= length else { return nil }
        if length > 0 {
            guard length >= 2, at.load(fromByteOffset: 2, as: UInt8.self) == 0x08,
                let kind = CellKind(rawValue: Int32(at.load(fromByteOffset: 3, as: UInt8.self)))
            else { return nil }
            self.kind = kind
            // Proto3 leaves zeros and empty texts out.
            if length > 2 {
                let tag = at.load(fromByteOffset: 4, as: UInt8.self)
                switch kind {
                case .null: return nil
                case .double:
                    guard tag == 0x11, length == 11 else { return nil }
                    bits = UInt64(littleEndian: at.loadUnaligned(fromByteOffset: 5, as: UInt64.self))
                case .int64:
                    guard tag == 0x18, readable &- reader.position >= 13,
                        let varint = ShortVarint(at.loadUnaligned(fromByteOffset: 5, as: UInt64.self)), length == 3 &+ varint.size
                    else { return nil }
                    bits = varint.value
                case .bool:
                    guard tag == 0x20, length == 4 else { return nil }
                    let value = at.load(fromByteOffset: 5, as: UInt8.self)
                    guard value < 0x80 else { return nil }
                    bits = UInt64(value)
                case .string, .bytes:
                    guard tag == (kind == .string ? 0x2a : 0x32), length >= 4,
                        Int(at.load(fromByteOffset: 5, as: UInt8.self)) == length &- 4
                    else { return nil }
                    let start = reader.position &+ 6
                    text = start..<start &+ (length &- 4)
                }
            }
        }
        reader.position &+= 2 &+ length
    }
}
