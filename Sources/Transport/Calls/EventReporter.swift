internal import NIOCore
internal import Synchronization

/// Passes events on, at most a burst of 50 and five a second; the rest is counted.
final class EventReporter: Sendable {
    private struct State {
        var tokens = 50.0
        var last = NIODeadline.now()
        var suppressed = 0
    }

    private let state = Mutex(State())
    private let sink: @Sendable (TransportEvent) -> Void

    init(_ sink: @escaping @Sendable (TransportEvent) -> Void) {
        self.sink = sink
    }

    func report(_ kind: TransportEvent.Kind, _ side: TransportEvent.Side, _ message: String) {
        let suppressed = self.state.withLock { state -> Int? in
            let now = NIODeadline.now()
            let seconds = Double((now - state.last).nanoseconds) / 1e9
            state.last = now
            state.tokens = Swift.min(50, state.tokens + seconds * 5)
            guard state.tokens >= 1 else {
                state.suppressed += 1
                return nil
            }
            state.tokens -= 1
            defer { state.suppressed = 0 }
            return state.suppressed
        }
        guard let suppressed else { return }
        self.sink(TransportEvent(kind: kind, side: side, message: message, suppressed: suppressed))
    }
}
