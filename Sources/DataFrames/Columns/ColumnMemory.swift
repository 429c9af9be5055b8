/// Where the memory of large columns comes from and goes back to, so that one call can use what another has given up.
///
/// More than half of what it costs to fill a large column is the system providing its pages. The columns themselves do not depend on a source:
/// without one, or when it has nothing, memory is allocated and freed as usual.
@usableFromInline
package protocol ColumnMemorySource: AnyObject, Sendable {
    /// Memory of at least `byteCount` bytes, with any content, that was allocated with ``ColumnMemory/alignment``; nil when there is none to spare.
    /// - Parameter preferred: how much the column may come to need. A claim of the sender, so nothing may be allocated for it.
    func take(_ byteCount: Int, preferring preferred: Int) -> UnsafeMutableRawBufferPointer?

    /// Takes memory over. What is not kept must be deallocated.
    func give(_ memory: UnsafeMutableRawBufferPointer)
}

/// The memory of one column. It goes back to its source when nobody refers to it any more.
///
/// Sendable, because it is written only through a ``ColumnValues`` that holds the only reference, and never changes while it is shared.
@usableFromInline
package final class ColumnMemory: @unchecked Sendable {
    package static let alignment = 8
    /// Less than this is quicker allocated than looked for.
    static let smallestShared = 64 * 1024

    @usableFromInline let base: UnsafeMutableRawPointer
    @usableFromInline let byteCount: Int
    private let source: (any ColumnMemorySource)?

    init(_ byteCount: Int, preferring preferred: Int, from source: (any ColumnMemorySource)?) {
        let isShared = byteCount >= Self.smallestShared
        let memory =
            (isShared ? source?.take(byteCount, preferring: preferred) : nil)
            ?? UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: Self.alignment)
        self.source = isShared ? source : nil
        if let base = memory.baseAddress {
            self.base = base
            self.byteCount = memory.count
        } else {
            // Only of nothing there is no address.
            self.base = UnsafeMutableRawPointer.allocate(byteCount: Self.alignment, alignment: Self.alignment)
            self.byteCount = Self.alignment
        }
    }

    deinit {
        if let source {
            source.give(UnsafeMutableRawBufferPointer(start: base, count: byteCount))
        } else {
            base.deallocate()
        }
    }
}
