internal import Synchronization

/// The end of what a plugin wrote to its stderr, for the error that tells why it is gone. Readable from any thread.
final class LastWords: Sendable {
    private static let maximumBytes = 512

    private struct State {
        var lines: [String] = []
        var droppedLines: UInt64 = 0
    }

    private let capacity: Int
    private let state = Mutex(State())

    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    /// Oldest first, each bounded and clean.
    var lines: [String] { state.withLock { $0.lines } }

    /// Log lines that the allowance kept out, since the process started.
    var droppedLines: UInt64 { state.withLock { $0.droppedLines } }

    func append(_ text: String) {
        let line = Self.shortened(text)
        state.withLock { state in
            if state.lines.count == capacity { state.lines.removeFirst() }
            state.lines.append(line)
        }
    }

    func countDropped(_ count: UInt64) {
        state.withLock { $0.droppedLines += count }
    }

    private static func shortened(_ text: String) -> String {
        let clean = LogText.sanitised(text, keepingLines: true).replacing("\n", with: " ⏎ ")
        guard clean.utf8.count > maximumBytes else { return clean }
        return String(decoding: clean.utf8.prefix(maximumBytes), as: UTF8.self) + "…"
    }
}
