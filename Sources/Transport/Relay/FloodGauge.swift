internal import NIOCore

/// Counts frames that cost their sender nothing, by the second.
///
/// The clock is read only when the count is reached, so counting costs next to nothing: `limit` frames within a second of the last
/// such moment are too many.
struct FloodGauge {
    private let limit: Int
    private var count = 0
    private var since: NIODeadline

    init(limit: Int, now: NIODeadline) {
        self.limit = limit
        self.since = now
    }

    /// True when it is one too many.
    mutating func count(now: NIODeadline) -> Bool {
        self.count += 1
        guard self.count > self.limit else { return false }
        if now - self.since < .seconds(1) { return true }
        self.since = now
        self.count = 0
        return false
    }
}
