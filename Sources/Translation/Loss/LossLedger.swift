/// One thing that did not arrive as it was sent.
package struct Loss: Sendable, Hashable {
    package var path: LossPath
    package var cause: LossCause
    /// Fields, points, cells or values, whatever the path names.
    package var count: Int

    package init(_ path: LossPath, _ cause: LossCause, count: Int) {
        self.path = path
        self.cause = cause
        self.count = count
    }
}

/// Everything that one call lost or altered. Converters fill it; nothing is dropped without an entry.
package struct LossLedger: Sendable {
    private struct Key: Hashable {
        var path: LossPath
        var cause: LossCause
    }

    /// A peer may send any number of unknown fields; behind this many entries the rest is counted under ``overflow``, one entry per cause.
    package static let maximumEntries = 256
    package static let overflow: LossPath = "(more)"

    /// In the order of first sight.
    package private(set) var losses: [Loss] = []
    private var places: [Key: Int] = [:]

    package init() {}

    package var isEmpty: Bool { losses.isEmpty }

    /// Counts below one are ignored, so that callers can pass what they counted.
    package mutating func add(_ path: LossPath, _ cause: LossCause, count: Int = 1) {
        guard count > 0 else { return }
        var key = Key(path: path, cause: cause)
        if places.count >= Self.maximumEntries, places[key] == nil { key.path = Self.overflow }
        if let place = places[key] {
            losses[place].count += count
        } else {
            places[key] = losses.count
            losses.append(Loss(key.path, cause, count: count))
        }
    }

    package mutating func merge(_ other: LossLedger) {
        for loss in other.losses { add(loss.path, loss.cause, count: loss.count) }
    }

    /// How often `path` was lost for `cause`.
    package func count(_ path: LossPath, _ cause: LossCause) -> Int {
        places[Key(path: path, cause: cause)].map { losses[$0].count } ?? 0
    }
}
