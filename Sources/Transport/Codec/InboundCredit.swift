/// The credit of a connection: how much its peer may still send, and when it is told of more.
///
/// Streams hold their own credit back until data was consumed. The connection as a whole does not, or a few slow streams would
/// stop all others; it holds credit back only when more than `budget` bytes wait on all streams together. So a connection never
/// holds more than `budget` plus one window.
struct InboundCredit {
    let window: Int
    let budget: Int
    /// What the codec says the peer may still send.
    private(set) var remaining: Int
    private(set) var held = 0

    init(window: Int, budget: Int, remaining: Int) {
        self.window = window
        self.budget = budget
        self.remaining = remaining
    }

    mutating func windowIs(_ size: Int) { self.remaining = size }
    mutating func hold(_ bytes: Int) { self.held += bytes }
    mutating func release(_ bytes: Int) { self.held -= bytes }

    /// The increment to send now, or nil while it is too small to be worth a frame.
    mutating func increment() -> Int? {
        let wanted = Swift.min(self.window, Swift.max(0, self.window + self.budget - self.held))
        guard wanted - self.remaining >= self.window / 4 else { return nil }
        defer { self.remaining = wanted }
        return wanted - self.remaining
    }
}
