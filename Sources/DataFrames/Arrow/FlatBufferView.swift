/// Reads a FlatBuffer that nobody vouches for: every access is checked against the buffer before it is made.
struct FlatBufferView {
    private let bytes: UnsafeRawBufferPointer
    /// Where the buffer starts in the file, for error messages.
    let base: Int

    init(_ bytes: UnsafeRawBufferPointer, base: Int) {
        self.bytes = bytes
        self.base = base
    }

    struct Table {
        fileprivate let start: Int
        fileprivate let size: Int
        fileprivate let vtable: Int
        fileprivate let slotCount: Int
    }

    static func malformed(_ what: String, at offset: Int) -> FrameError {
        FrameError(
            .malformedArrow, "The Arrow file is damaged: \(what).",
            remedy: "The plugin that made the frame must write valid Arrow files.", byteOffset: offset)
    }

    func load<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type, at position: Int) throws(FrameError) -> Value {
        guard position >= 0, position <= bytes.count - MemoryLayout<Value>.size else {
            throw Self.malformed("an offset leaves its part of the file", at: base)
        }
        return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: Value.self))
    }

    func root() throws(FrameError) -> Table {
        try table(at: try target(of: 0))
    }

    /// The sub-table in a slot, `nil` when the slot is absent.
    func table(_ table: Table, slot: Int) throws(FrameError) -> Table? {
        guard let field = try field(table, slot: slot, size: 4) else { return nil }
        return try self.table(at: try target(of: field))
    }

    /// A table that an element of a vector of tables points to.
    func table(referredFrom position: Int) throws(FrameError) -> Table {
        try table(at: try target(of: position))
    }

    func scalar<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type, _ table: Table, slot: Int
    ) throws(FrameError) -> Value? {
        guard let field = try field(table, slot: slot, size: MemoryLayout<Value>.size) else { return nil }
        return try load(type, at: field)
    }

    /// The bytes of a string, `nil` when the slot is absent.
    func string(_ table: Table, slot: Int) throws(FrameError) -> UnsafeRawBufferPointer? {
        guard let vector = try vector(table, slot: slot, elementSize: 1) else { return nil }
        return UnsafeRawBufferPointer(rebasing: bytes[vector.start..<vector.start + vector.count])
    }

    /// Where the elements of a vector lie; all of them are inside the buffer. `nil` when the slot is absent.
    func vector(_ table: Table, slot: Int, elementSize: Int) throws(FrameError) -> (start: Int, count: Int)? {
        guard let field = try field(table, slot: slot, size: 4) else { return nil }
        let start = try target(of: field)
        let count = Int(try load(UInt32.self, at: start))
        guard count <= (bytes.count - start - 4) / elementSize else {
            throw Self.malformed("a vector or string leaves its part of the file", at: base + start)
        }
        return (start + 4, count)
    }

    /// Where a reference points: always forward, from 0 to 4 GiB.
    private func target(of position: Int) throws(FrameError) -> Int {
        position + Int(try load(UInt32.self, at: position))
    }

    private func table(at start: Int) throws(FrameError) -> Table {
        let vtable = start - Int(try load(Int32.self, at: start))
        let vtableSize = Int(try load(UInt16.self, at: vtable))
        let size = Int(try load(UInt16.self, at: vtable + 2))
        guard vtableSize >= 4, vtableSize & 1 == 0, vtableSize <= bytes.count - vtable, size >= 4, size <= bytes.count - start
        else {
            throw Self.malformed("a table leaves its part of the file", at: base + start)
        }
        return Table(start: start, size: size, vtable: vtable, slotCount: (vtableSize - 4) / 2)
    }

    /// Where a field of `size` bytes lies; `nil` when the table does not have it.
    private func field(_ table: Table, slot: Int, size: Int) throws(FrameError) -> Int? {
        guard slot < table.slotCount else { return nil }
        let offset = Int(try load(UInt16.self, at: table.vtable + 4 + 2 * slot))
        if offset == 0 { return nil }
        guard offset >= 4, offset <= table.size - size else {
            throw Self.malformed("a field lies outside its table", at: base + table.start)
        }
        return table.start + offset
    }
}
