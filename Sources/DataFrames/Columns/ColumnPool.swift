internal import Synchronization

/// Memory of large columns between two calls. More than half of what filling a new column costs is the system providing its pages.
///
/// What is kept is bounded, in bytes and in blocks, for the whole process. Old contents stay in it until they are written over: nobody reads a cell
/// that was not written before.
package final class ColumnPool: ColumnMemorySource {
    package static let shared = ColumnPool()

    private struct State {
        /// The most recently given back last: its pages are the likeliest to be in the caches.
        var blocks: [Block] = []
        var bytes = 0
    }

    /// Owned by the pool while it is in it, and by one column while it is not.
    /// Sendable, because whoever takes a block out of the pool is its only owner.
    private struct Block: @unchecked Sendable {
        let memory: UnsafeMutableRawBufferPointer
    }

    /// Two series of a million points, as they grow.
    private let maximumBytes: Int
    private let maximumBlocks: Int
    private let state = Mutex(State())

    package init(maximumBytes: Int = 32 << 20, maximumBlocks: Int = 64) {
        self.maximumBytes = maximumBytes
        self.maximumBlocks = maximumBlocks
    }

    deinit {
        for block in state.withLock({ $0.blocks }) { block.memory.deallocate() }
    }

    /// Bytes that lie ready.
    package var keptBytes: Int { state.withLock { $0.bytes } }

    package func take(_ byteCount: Int, preferring preferred: Int) -> UnsafeMutableRawBufferPointer? {
        state.withLock { state in
            // The smallest that will do for all that may come; where none will, the largest that will do for now.
            var best: Int?
            for (place, block) in state.blocks.enumerated().reversed() where block.memory.count >= byteCount {
                guard let rival = best.map({ state.blocks[$0].memory.count }) else {
                    best = place
                    continue
                }
                let size = block.memory.count
                if size >= preferred ? rival < preferred || size < rival : rival < preferred && size > rival { best = place }
            }
            guard let best else { return nil }
            let block = state.blocks.remove(at: best)
            state.bytes -= block.memory.count
            return block.memory
        }
    }

    package func give(_ memory: UnsafeMutableRawBufferPointer) {
        let block = Block(memory: memory)
        let rejected = state.withLock { state -> [Block] in
            guard block.memory.count <= maximumBytes else { return [block] }
            state.blocks.append(block)
            state.bytes += block.memory.count
            var rejected: [Block] = []
            while state.bytes > maximumBytes || state.blocks.count > maximumBlocks {
                let oldest = state.blocks.removeFirst()
                state.bytes -= oldest.memory.count
                rejected.append(oldest)
            }
            return rejected
        }
        for block in rejected { block.memory.deallocate() }
    }
}
