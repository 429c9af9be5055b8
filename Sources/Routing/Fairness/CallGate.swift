internal import NIOCore
internal import Transport

/// Keeps one plugin from taking what belongs to all: how many of its calls are under way at one time, and when it translates.
///
/// Calls over the bound wait in the order they came, and so does large work of the translation, in rotation with other plugins.
struct CallGate: Sendable {
    /// Work on fewer bytes than these is done at once: it takes less time than the threads that would wait for it.
    static let smallWork = 64 * 1024
    /// The processors that translate large messages, less one: a thread stays free for what is small, whoever sends it.
    private static let translations = Turns(width: System.coreCount - 1)

    private let calls: Turns
    private let lane: Turns.Lane
    private let translationLane: Turns.Lane

    init(concurrentCalls: Int) {
        calls = Turns(width: concurrentCalls)
        lane = calls.lane()
        translationLane = Self.translations.lane()
    }

    /// A handler that begins when there is room for another call.
    func admit(_ handler: @escaping @Sendable (ServerCall) async -> CallEnd) -> @Sendable (ServerCall) async -> CallEnd {
        { call in
            do {
                return try await calls.run(in: lane) { await handler(call) }
            } catch {
                return .failure(error)
            }
        }
    }

    /// Translates a message of `bytes`, which may have to wait for messages of other plugins.
    ///
    /// - Throws: `CancellationError` when the call was over before it had its turn, and what `work` throws.
    func translate<Result>(
        bytes: Int, isolation: isolated (any Actor)? = #isolation, _ work: () throws -> Result
    ) async throws -> Result {
        guard bytes >= Self.smallWork else { return try work() }
        return try await Self.translations.run(in: translationLane) { try work() }
    }
}
