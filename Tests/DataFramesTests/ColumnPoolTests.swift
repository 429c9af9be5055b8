import Testing

@testable import DataFrames

@Suite("Memory of columns between calls")
struct ColumnPoolTests {
    private func block(_ byteCount: Int) -> UnsafeMutableRawBufferPointer {
        .allocate(byteCount: byteCount, alignment: ColumnMemory.alignment)
    }

    @Test("What is kept is bounded in bytes: the oldest goes first, and a block that is larger than all may be is not kept")
    func bytes() {
        let pool = ColumnPool(maximumBytes: 1000, maximumBlocks: 64)
        for size in [300, 400, 500] { pool.give(block(size)) }
        #expect(pool.keptBytes == 900)
        pool.give(block(1001))
        #expect(pool.keptBytes == 900)
        pool.give(block(1000))
        #expect(pool.keptBytes == 1000)
    }

    @Test("What is kept is bounded in blocks, however small they are")
    func blocks() {
        let pool = ColumnPool(maximumBytes: 1 << 20, maximumBlocks: 3)
        for size in [16, 32, 64, 128, 256] { pool.give(block(size)) }
        #expect(pool.keptBytes == 64 + 128 + 256)
    }

    @Test("A block is taken once, is never smaller than wanted, and is the smallest that will do for what is to come")
    func choice() throws {
        let pool = ColumnPool(maximumBytes: 10_000, maximumBlocks: 8)
        for size in [1000, 4000, 2000] { pool.give(block(size)) }
        #expect(pool.take(4001, preferring: 4001) == nil)
        let middle = try #require(pool.take(100, preferring: 1500))
        #expect(middle.count == 2000)
        // Nothing will do for all of that: the largest.
        let largest = try #require(pool.take(100, preferring: 1 << 40))
        #expect(largest.count == 4000)
        #expect(pool.keptBytes == 1000)
        let last = try #require(pool.take(100, preferring: 0))
        #expect(last.count == 1000)
        #expect(pool.take(1, preferring: 1) == nil)
        for memory in [middle, largest, last] { pool.give(memory) }
        #expect(pool.keptBytes == 7000)
    }

    @Test("A large column gives its memory back with its last copy, and the next one starts in it; small ones do not ask")
    func reuse() {
        let pool = ColumnPool()
        var first: ColumnValues<Int64>? = ColumnValues(reserving: 100_000, from: pool)
        first?.append(7)
        var copy = first
        first = nil
        #expect(pool.keptBytes == 0)
        #expect(copy?[0] == 7)
        copy = nil
        let kept = pool.keptBytes
        #expect(kept >= 800_000)
        var second = ColumnValues<Double>(reserving: 50_000, from: pool)
        #expect(pool.keptBytes == 0)
        second.append(1.5)
        #expect(second.count == 1 && second[0] == 1.5)
        let small = ColumnValues<Int64>(reserving: 10, from: pool)
        #expect(small.isEmpty && pool.keptBytes == 0)
    }
}
