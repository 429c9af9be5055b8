internal import NIOCore
internal import Synchronization

/// By how much the event loops are late. What is to be done on a loop waits so long for what the loop does already: the first sign of
/// work that should not be there, or of a machine without processors to spare.
final class LoopLag: Sendable {
    /// Seldom enough to cost nothing. A loop that is held up for a shorter time may be missed.
    static let interval = TimeAmount.seconds(1)

    private struct State {
        var longest: Duration = .zero
        /// When each loop should look at the clock next.
        var due: [Int: NIODeadline] = [:]
    }

    private let state = Mutex(State())

    /// Looks at the clock on each of the loops, again and again, until they are shut down.
    func watch(_ loops: some Sequence<any EventLoop>, every interval: TimeAmount = interval) {
        for (number, loop) in loops.enumerated() { look(number, loop, interval) }
    }

    private func look(_ number: Int, _ loop: any EventLoop, _ interval: TimeAmount) {
        let due = NIODeadline.now() + interval
        state.withLock { $0.due[number] = due }
        loop.scheduleTask(deadline: due) {
            self.state.withLock { $0.longest = max($0.longest, Self.since(due)) }
            self.look(number, loop, interval)
        }
    }

    /// The longest since it was taken last, a loop that is late at the moment included.
    func takeLongest() -> Duration {
        state.withLock { state in
            defer { state.longest = .zero }
            return Self.longest(state)
        }
    }

    /// As ``takeLongest()``, which begins anew, and this does not.
    var longest: Duration { state.withLock { Self.longest($0) } }

    private static func longest(_ state: State) -> Duration {
        state.due.values.reduce(state.longest) { max($0, since($1)) }
    }

    private static func since(_ due: NIODeadline) -> Duration {
        .nanoseconds(max(0, (NIODeadline.now() - due).nanoseconds))
    }
}
