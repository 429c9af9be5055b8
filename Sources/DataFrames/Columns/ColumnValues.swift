/// The cells of a column in contiguous memory, with the value semantics of an array.
///
/// An array would do, were it not for two things: memory that is reused (see ``ColumnMemorySource``), and filling it in place without knowing how
/// many cells will come.
@usableFromInline
package struct ColumnValues<Value: BitwiseCopyable & Sendable>: Sendable {
    @usableFromInline var memory: ColumnMemory?
    @usableFromInline package private(set) var count = 0
    @usableFromInline let source: (any ColumnMemorySource)?

    @inlinable
    package init() {
        source = nil
    }

    /// - Parameter source: where memory is taken from when the column becomes large.
    package init(reserving capacity: Int = 0, from source: (any ColumnMemorySource)?) {
        self.source = source
        if capacity > 0 { makeRoom(for: capacity, preferring: capacity) }
    }

    package init(_ values: some Collection<Value>) {
        source = nil
        guard !values.isEmpty else { return }
        let count = values.count
        _ = UnsafeMutableBufferPointer(start: room(for: count), count: count).initialize(fromContentsOf: values)
        appended(count)
    }

    /// Cells as they lie in memory; a rest that is no whole cell is left out.
    init(copying bytes: UnsafeRawBufferPointer) {
        source = nil
        append(bytes: bytes)
    }

    /// How many cells fit without another allocation.
    @inlinable
    package var capacity: Int { (memory?.byteCount ?? 0) / MemoryLayout<Value>.stride }

    @inlinable
    package mutating func append(_ value: Value) {
        if !hasOwnRoom(for: 1) { makeRoom(for: 1, preferring: 0) }
        guard let memory else { return }
        memory.base.storeBytes(of: value, toByteOffset: count &* MemoryLayout<Value>.stride, as: Value.self)
        count &+= 1
    }

    /// Memory for `added` more cells behind the last one, good until the column is used again. ``appended(_:)`` says how many were written.
    /// - Parameter preferred: how many more cells there may come to be, if the sender is right; see ``ColumnMemorySource``.
    package mutating func room(for added: Int, preferring preferred: Int = 0) -> UnsafeMutablePointer<Value> {
        if memory == nil || !hasOwnRoom(for: added) { makeRoom(for: Swift.max(1, added), preferring: preferred) }
        guard let memory else { preconditionFailure("a column that was given room has memory") }
        return (memory.base + count &* MemoryLayout<Value>.stride).assumingMemoryBound(to: Value.self)
    }

    /// Takes over cells that were written to ``room(for:preferring:)``.
    package mutating func appended(_ added: Int) {
        precondition(added >= 0 && added <= capacity - count)
        count &+= added
    }

    package mutating func append(contentsOf other: ColumnValues) {
        other.withUnsafeBytes(0..<other.count) { append(bytes: $0) }
    }

    /// Appends cells as they lie in memory; a rest that is no whole cell is left out.
    package mutating func append(bytes: UnsafeRawBufferPointer, preferring preferred: Int = 0) {
        let added = bytes.count / MemoryLayout<Value>.stride
        guard added > 0, let start = bytes.baseAddress else { return }
        UnsafeMutableRawPointer(room(for: added, preferring: preferred))
            .copyMemory(from: start, byteCount: added * MemoryLayout<Value>.stride)
        appended(added)
    }

    /// The memory of some cells. The range must lie within the column.
    package func withUnsafeBytes<Result, Failure>(
        _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        let start = memory.map { UnsafeRawPointer($0.base) + range.lowerBound * MemoryLayout<Value>.stride }
        defer { withExtendedLifetime(memory) {} }
        return try body(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : range.count * MemoryLayout<Value>.stride))
    }

    /// Whether all cells have the same bits, one by one.
    func hasSameBits(as other: ColumnValues) -> Bool {
        guard count == other.count, memory !== other.memory else { return count == other.count }
        return withUnsafeBytes(0..<count) { left in
            other.withUnsafeBytes(0..<count) { right in
                var place = 0
                while place &+ 8 <= left.count {
                    guard
                        left.loadUnaligned(fromByteOffset: place, as: UInt64.self)
                            == right.loadUnaligned(fromByteOffset: place, as: UInt64.self)
                    else { return false }
                    place &+= 8
                }
                return left[place...].elementsEqual(right[place...])
            }
        }
    }

    @inlinable
    mutating func hasOwnRoom(for added: Int) -> Bool {
        isKnownUniquelyReferenced(&memory) && capacity &- count >= added
    }

    /// How many more cells there is memory for.
    package var spare: Int { capacity - count }

    /// Grows by doubling. Nothing is reserved for what was only announced.
    @usableFromInline
    mutating func makeRoom(for added: Int, preferring preferred: Int) {
        let stride = MemoryLayout<Value>.stride
        let (needed, overflow) = count.addingReportingOverflow(added)
        precondition(!overflow && added >= 0 && needed <= Int.max / 4 / stride, "a column cannot be that long")
        let isOwn = isKnownUniquelyReferenced(&memory)
        let wanted = Swift.max(needed, isOwn ? 2 * count : 0, added == 1 ? 8 : 0)
        let expected = Swift.min(Swift.max(preferred, 0), Int.max / 4 / stride - count) + count
        let larger = ColumnMemory(wanted * stride, preferring: expected * stride, from: source)
        if let memory, count > 0 { larger.base.copyMemory(from: memory.base, byteCount: count * stride) }
        memory = larger
    }
}

extension ColumnValues: RandomAccessCollection, MutableCollection {
    @inlinable package var startIndex: Int { 0 }
    @inlinable package var endIndex: Int { count }

    @inlinable
    package subscript(position: Int) -> Value {
        get {
            guard position >= 0, position < count, let memory else { preconditionFailure("a cell that the column does not have") }
            return memory.base.load(fromByteOffset: position &* MemoryLayout<Value>.stride, as: Value.self)
        }
        set {
            precondition(position >= 0 && position < count)
            if !hasOwnRoom(for: 0) { makeRoom(for: 0, preferring: 0) }
            memory?.base.storeBytes(of: newValue, toByteOffset: position &* MemoryLayout<Value>.stride, as: Value.self)
        }
    }

    @inlinable
    package func withContiguousStorageIfAvailable<Result>(
        _ body: (UnsafeBufferPointer<Value>) throws -> Result
    ) rethrows -> Result? {
        try withExtendedLifetime(memory) {
            try body(
                UnsafeBufferPointer(
                    start: memory.map { UnsafePointer($0.base.assumingMemoryBound(to: Value.self)) }, count: count))
        }
    }
}
