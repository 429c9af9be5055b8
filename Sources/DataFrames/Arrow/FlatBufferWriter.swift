/// Emits a FlatBuffer front to back: each table right behind its vtable, its strings, vectors and sub-tables after it.
///
/// References are forward offsets, patched when their target is placed. All offsets are relative, so a finished part may be
/// copied into another buffer as long as its place keeps the same remainder modulo 8.
struct FlatBufferWriter {
    var bytes: [UInt8] = []

    init(reserving capacity: Int = 256) {
        bytes.reserveCapacity(capacity)
    }

    var position: Int { bytes.count }

    /// Where a reference stands that still waits for its target.
    struct Reference {
        let position: Int
    }

    /// Pads with zeros until the position leaves `remainder` when divided by `alignment`.
    mutating func align(_ alignment: Int, remainder: Int = 0) {
        let excess = (bytes.count - remainder) & (alignment - 1)
        if excess != 0 { bytes.append(contentsOf: repeatElement(0, count: alignment - excess)) }
    }

    /// A reference that is not part of a table: the root.
    mutating func reference() -> Reference {
        align(4)
        defer { bytes.append(contentsOf: repeatElement(0, count: 4)) }
        return Reference(position: bytes.count)
    }

    /// Places a table with all its fields zero.
    mutating func table(_ layout: FlatBufferTable, at reference: Reference?) -> PlacedTable {
        // A table that holds a 64-bit field starts at 4 modulo 8: behind the 4-byte link to its vtable the field is aligned.
        align(layout.holdsWideField ? 8 : 4, remainder: ((layout.holdsWideField ? 4 : 0) - layout.vtableSize) & 7)
        let start = bytes.count + layout.vtableSize
        bytes.append(contentsOf: layout.template)
        if let reference { patch(reference, to: start) }
        return PlacedTable(start: start)
    }

    struct PlacedTable {
        let start: Int
        func field(_ offset: Int) -> Reference { Reference(position: start + offset) }
    }

    /// A string of JSON, written straight to its place.
    mutating func json(at reference: Reference, _ write: (inout JSONWriter) -> Void) {
        align(4)
        patch(reference, to: bytes.count)
        let length = Reference(position: bytes.count)
        append(0 as UInt32)
        let start = bytes.count
        var writer = JSONWriter()
        swap(&writer.bytes, &bytes)
        write(&writer)
        swap(&writer.bytes, &bytes)
        set(UInt32(truncatingIfNeeded: bytes.count - start), at: length)
        bytes.append(0)
    }

    mutating func string(_ text: StaticString, at reference: Reference) {
        string(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount), at: reference)
    }

    mutating func string(_ text: String, at reference: Reference) {
        var text = text
        text.withUTF8 { string(UnsafeRawBufferPointer($0), at: reference) }
    }

    private mutating func string(_ text: UnsafeRawBufferPointer, at reference: Reference) {
        align(4)
        patch(reference, to: bytes.count)
        append(UInt32(truncatingIfNeeded: text.count))
        bytes.append(contentsOf: text)
        bytes.append(0)
    }

    /// A vector of references; the caller places their targets.
    mutating func references(_ count: Int, at reference: Reference) -> References {
        align(4)
        patch(reference, to: bytes.count)
        append(UInt32(truncatingIfNeeded: count))
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: 4 * count))
        return References(start: start, count: count)
    }

    struct References {
        let start: Int
        let count: Int
        subscript(index: Int) -> Reference { Reference(position: start + 4 * index) }
    }

    /// Begins a vector of structs whose members are 64 bits wide; the caller appends their numbers.
    mutating func wideStructs(_ count: Int, at reference: Reference) {
        align(8, remainder: 4)
        patch(reference, to: bytes.count)
        append(UInt32(truncatingIfNeeded: count))
    }

    /// Copies a part of what was written before, both on multiples of 8.
    mutating func copy(_ part: Range<Int>, root: Int, at reference: Reference) {
        align(8)
        patch(reference, to: bytes.count + root)
        // By way of a copy: a slice would share the bytes, and appending to shared bytes copies them all.
        let copy = Array(bytes[part])
        bytes.append(contentsOf: copy)
    }

    mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func set(_ value: some FixedWidthInteger & BitwiseCopyable, at reference: Reference) {
        let position = reference.position
        precondition(position >= 0 && position + MemoryLayout.size(ofValue: value) <= bytes.count)
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: value.littleEndian, toByteOffset: position, as: type(of: value)) }
    }

    private mutating func patch(_ reference: Reference, to target: Int) {
        set(UInt32(truncatingIfNeeded: target - reference.position), at: reference)
    }
}

/// Where the fields of a table lie: `slots[i]` is the offset of slot i from the table's start, 0 when it is never written.
struct FlatBufferTable {
    /// The vtable and behind it the table, with all its fields zero.
    fileprivate let template: [UInt8]
    fileprivate let vtableSize: Int
    fileprivate let holdsWideField: Bool

    init(_ slots: [UInt16], size: Int, holdsWideField: Bool = false) {
        self.holdsWideField = holdsWideField
        vtableSize = 4 + 2 * slots.count
        var template: [UInt8] = []
        for number in [UInt16(vtableSize), UInt16(size)] + slots {
            template.append(UInt8(truncatingIfNeeded: number))
            template.append(UInt8(truncatingIfNeeded: number >> 8))
        }
        // A table begins with its distance from its vtable.
        template += [UInt8(vtableSize), 0, 0, 0]
        template.append(contentsOf: repeatElement(0, count: size - 4))
        self.template = template
    }
}
