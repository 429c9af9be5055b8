/// Log lines that wait for a reader who may never come, in bounded memory. A line that finds no room is dropped whole; the next one
/// that does is preceded by a line that says how many are missing.
package struct LineBacklog: Sendable {
    package static let defaultCapacity = 256 * 1024

    /// Bytes that may wait.
    package let capacity: Int
    private var buffer: [UInt8] = []
    private var start = 0
    /// Lines dropped that no line has told of yet.
    package private(set) var dropped = 0

    /// Room that is kept for the line about dropped ones.
    private static let noticeBytes = 512

    package init(capacity: Int = defaultCapacity) {
        self.capacity = max(capacity, 2 * Self.noticeBytes)
    }

    package var byteCount: Int { buffer.count - start }
    package var isEmpty: Bool { byteCount == 0 }

    /// Adds a line, which ends in a newline. `essential` lines are added whatever waits already.
    ///
    /// - Parameter now: microseconds since 1970-01-01T00:00:00Z, for a line about dropped ones.
    package mutating func append(_ line: [UInt8], now: Int64, essential: Bool = false) {
        guard essential || byteCount + line.count + Self.noticeBytes <= capacity else {
            dropped += 1
            return
        }
        tellOfDropped(now: now)
        buffer += line
    }

    /// What to write next: at most `limit` bytes.
    package func next(_ limit: Int) -> ArraySlice<UInt8> {
        buffer[start...].prefix(limit)
    }

    /// The first `count` bytes have been written.
    package mutating func wrote(_ count: Int, now: Int64) {
        start += min(count, byteCount)
        if start == buffer.count {
            buffer.removeAll(keepingCapacity: true)
            start = 0
            tellOfDropped(now: now)
        } else if start * 2 >= buffer.count {
            buffer.removeSubrange(..<start)
            start = 0
        }
    }

    /// Forgets what waits: its reader is gone.
    package mutating func discard() {
        buffer = []
        start = 0
        dropped = 0
    }

    private mutating func tellOfDropped(now: Int64) {
        guard dropped > 0 else { return }
        let notice = HclogLine(
            level: .warn,
            message: "\(dropped) log lines were dropped because the host did not read this plugin's standard error in time",
            timestampMicroseconds: now, module: "plugin-locator", fields: [("dropped", String(dropped))])
        dropped = 0
        buffer += notice.encoded(maxBytes: Self.noticeBytes)
    }
}
