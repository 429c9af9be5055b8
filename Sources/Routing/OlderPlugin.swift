internal import Synchronization

/// What one attachment has learned of a plugin of the host's own version that may be older than the host.
final class OlderPlugin: Sendable {
    /// Whether the plugin has `QueryChunkedData`.
    enum Chunks: Sendable {
        case unknown, native, missing
    }

    private struct State {
        /// The process that `chunks` is about; a new one may be a new build.
        var generation = 0
        var chunks = Chunks.unknown
    }
    private let state = Mutex(State())

    func chunks(of generation: Int) -> Chunks {
        state.withLock { $0.generation == generation ? $0.chunks : .unknown }
    }

    func learn(_ chunks: Chunks, of generation: Int) {
        state.withLock { state in
            // Two first calls may overlap; an older process has nothing to tell of a newer one.
            if generation >= state.generation { state = State(generation: generation, chunks: chunks) }
        }
    }
}
