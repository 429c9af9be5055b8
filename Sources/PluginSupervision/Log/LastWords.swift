internal import Synchronization

/// The end of what a plugin wrote to its stderr, for the error that tells why it is gone. Readable from any thread.
final class LastWords: Sendable {
    private static let shownBytes = 512
    /// Kept of a line until it is read: what is withheld may be longer than what is shown.
    private static let keptBytes = 2048

    private struct State {
        var lines: [String] = []
        var droppedLines: UInt64 = 0
    }

    private let capacity: Int
    /// Withholds secrets that a plugin may have quoted.
    private let redact: @Sendable (String) -> String
    private let state = Mutex(State())

    init(capacity: Int, redact: @escaping @Sendable (String) -> String = { $0 }) {
        self.capacity = max(1, capacity)
        self.redact = redact
    }

    /// Oldest first, each bounded, clean and redacted.
    var lines: [String] {
        state.withLock { $0.lines }.map { Self.shortened(redact($0), to: Self.shownBytes) }
    }

    /// Log lines that the allowance kept out, since the process started.
    var droppedLines: UInt64 { state.withLock { $0.droppedLines } }

    func append(_ text: String) {
        let clean = LogText.sanitised(text, keepingLines: true).replacing("\n", with: " ⏎ ")
        let line = clean.utf8.count > Self.keptBytes ? Self.cut(clean) : clean
        state.withLock { state in
            if state.lines.count == capacity { state.lines.removeFirst() }
            state.lines.append(line)
        }
    }

    func countDropped(_ count: UInt64) {
        state.withLock { $0.droppedLines += count }
    }

    /// Cut between words, if they are words: half a secret would not be known as one.
    private static func cut(_ line: String) -> String {
        let kept = line.utf8.prefix(keptBytes)
        let end = kept.suffix(shownBytes).lastIndex(of: UInt8(ascii: " ")) ?? kept.endIndex
        return String(decoding: kept[..<end], as: UTF8.self) + "…"
    }

    private static func shortened(_ line: String, to limit: Int) -> String {
        guard line.utf8.count > limit else { return line }
        return String(decoding: line.utf8.prefix(limit), as: UTF8.self) + "…"
    }
}
