internal import NIOCore

/// What became of connections that were told to end.
package struct DrainReport: Sendable, Equatable {
    /// Calls of one method that had to be cut off.
    package struct Cut: Sendable, Equatable {
        /// As on the wire; empty when it could not be observed.
        package var path: String
        package var count: Int
        /// How long the oldest of them had been going on.
        package var oldest: Duration
    }

    /// How many connections were told to end.
    package var connections = 0
    /// By method, the most frequent first. They ended with UNAVAILABLE.
    package var cuts: [Cut] = []

    package init() {}

    package var cutCalls: Int { self.cuts.reduce(0) { $0 + $1.count } }

    package mutating func add(_ other: DrainReport) {
        self.connections += other.connections
        self.add(other.cuts)
    }

    mutating func add(_ calls: [OpenCall], now: NIODeadline) {
        self.add(
            calls.map { Cut(path: $0.path, count: 1, oldest: Duration.nanoseconds((now - $0.startedAt).nanoseconds)) })
    }

    /// Adds calls of one method that were cut off.
    package mutating func add(path: String, count: Int, oldest: Duration) {
        self.add([Cut(path: path, count: count, oldest: oldest)])
    }

    private mutating func add(_ more: [Cut]) {
        for cut in more {
            if let index = self.cuts.firstIndex(where: { $0.path == cut.path }) {
                self.cuts[index].count += cut.count
                self.cuts[index].oldest = Swift.max(self.cuts[index].oldest, cut.oldest)
            } else {
                self.cuts.append(cut)
            }
        }
        self.cuts.sort { ($1.count, $0.path) < ($0.count, $1.path) }
    }

    /// Methods, counts and ages in words, the first few of them.
    package var words: String {
        let named = self.cuts.prefix(8).map { cut in
            let seconds = (cut.oldest / .milliseconds(100)).rounded() / 10
            let path = cut.path.isEmpty ? "unobserved calls" : BoundedText.prefix(cut.path, bytes: 96)
            return "\(path) ×\(cut.count) (the oldest \(seconds) s)"
        }
        return named.joined(separator: ", ") + (self.cuts.count > 8 ? " and \(self.cuts.count - 8) more methods" : "")
    }
}

/// One call in progress, as far as an end of its connection is concerned.
struct OpenCall {
    var path: String
    var startedAt: NIODeadline
}
