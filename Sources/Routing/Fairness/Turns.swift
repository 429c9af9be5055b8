internal import NIOCore
internal import Synchronization

/// A bounded number of turns, given to lanes in rotation: who has a thousand waiting takes one turn after each of the others' turns, as
/// does who has one. Within a lane, first come, first served.
///
/// A free turn is taken at once, at the cost of a lock. Waiting ends with the task that waits.
package final class Turns: Sendable {
    /// One of those who share the turns, such as a plugin.
    package struct Lane: Hashable, Sendable {
        fileprivate let number: Int
    }

    private struct Waiter {
        let ticket: Int
        /// Given false when the waiting task was cancelled.
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var free: Int
        /// Lanes somebody waits in; never an empty queue.
        var waiters: [Lane: CircularBuffer<Waiter>] = [:]
        /// The same lanes in the order of their next turns.
        var rotation = CircularBuffer<Lane>()
        var lanes = 0
        var tickets = 0
    }

    private let state: Mutex<State>

    /// - Parameter width: how many turns there are at one time; at least one.
    package init(width: Int) {
        state = Mutex(State(free: max(1, width)))
    }

    /// A new lane. It costs nothing while nobody waits in it.
    package func lane() -> Lane {
        state.withLock { state in
            state.lanes += 1
            return Lane(number: state.lanes)
        }
    }

    /// How many wait, in all lanes.
    package var waiting: Int {
        state.withLock { $0.waiters.values.reduce(0) { $0 + $1.count } }
    }

    /// Does `work` when the lane has a turn.
    ///
    /// - Throws: `CancellationError` when the task was cancelled before it had its turn, and what `work` throws.
    package func run<Result>(
        in lane: Lane, isolation: isolated (any Actor)? = #isolation, _ work: () async throws -> Result
    ) async throws -> Result {
        guard await take(lane) else { throw CancellationError() }
        defer { give() }
        return try await work()
    }

    private func take(_ lane: Lane) async -> Bool {
        let ticket: Int? = state.withLock { state in
            guard state.free == 0 else {
                state.free -= 1
                return nil
            }
            state.tickets += 1
            return state.tickets
        }
        guard let ticket else { return true }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in wait(Waiter(ticket: ticket, continuation: continuation), in: lane) }
        } onCancel: {
            leave(ticket, lane)
        }
    }

    private func wait(_ waiter: Waiter, in lane: Lane) {
        let answer = state.withLock { state -> Bool? in
            // Whoever is cancelled later finds the waiter in its queue.
            if Task.isCancelled { return false }
            if state.free > 0 {
                state.free -= 1
                return true
            }
            if state.waiters[lane, default: CircularBuffer()].isEmpty { state.rotation.append(lane) }
            state.waiters[lane, default: CircularBuffer()].append(waiter)
            return nil
        }
        if let answer { waiter.continuation.resume(returning: answer) }
    }

    private func leave(_ ticket: Int, _ lane: Lane) {
        let waiter = state.withLock { state -> Waiter? in
            guard let place = state.waiters[lane]?.firstIndex(where: { $0.ticket == ticket }) else { return nil }
            let waiter = state.waiters[lane]?.remove(at: place)
            if state.waiters[lane]?.isEmpty == true {
                state.waiters[lane] = nil
                state.rotation.removeAll { $0 == lane }
            }
            return waiter
        }
        waiter?.continuation.resume(returning: false)
    }

    /// Hands the turn to the next lane in rotation.
    private func give() {
        let next = state.withLock { state -> Waiter? in
            guard let lane = state.rotation.popFirst(), let waiter = state.waiters[lane]?.popFirst() else {
                state.free += 1
                return nil
            }
            if state.waiters[lane]?.isEmpty == true {
                state.waiters[lane] = nil
            } else {
                state.rotation.append(lane)
            }
            return waiter
        }
        next?.continuation.resume(returning: true)
    }
}
