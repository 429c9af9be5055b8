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
    /// Set only where a loss can be refused, which costs a look at every entry.
    private var policies: LossPolicies?
    private var refusals: [Loss] = []

    package init() {}

    /// A ledger that notices which of its entries ``policies`` refuse.
    package init(policies: LossPolicies) {
        apply(policies)
    }

    /// From here on, entries that `policies` refuse are noticed.
    package mutating func apply(_ policies: LossPolicies) {
        self.policies = policies.canRefuse ? policies : nil
    }

    package var isEmpty: Bool { losses.isEmpty }

    /// Counts below one are ignored, so that callers can pass what they counted.
    package mutating func add(_ path: LossPath, _ cause: LossCause, count: Int = 1) {
        guard count > 0 else { return }
        if let policies, policies.policy(of: path) == .refuse { refuse(path, cause, count) }
        enter(path, cause, count)
    }

    private mutating func enter(_ path: LossPath, _ cause: LossCause, _ count: Int) {
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
        if other.policies == nil {
            for loss in other.losses { add(loss.path, loss.cause, count: loss.count) }
        } else {
            // What the other one noticed may already have had its consequence.
            for loss in other.losses { enter(loss.path, loss.cause, loss.count) }
            for loss in other.refusals { refuse(loss.path, loss.cause, loss.count) }
        }
    }

    /// How often `path` was lost for `cause`.
    package func count(_ path: LossPath, _ cause: LossCause) -> Int {
        places[Key(path: path, cause: cause)].map { losses[$0].count } ?? 0
    }
}

extension LossLedger {
    /// More refused losses than these are not told apart in one error.
    static let maximumRefusals = 8

    private mutating func refuse(_ path: LossPath, _ cause: LossCause, _ count: Int) {
        if let place = refusals.firstIndex(where: { $0.path == path && $0.cause == cause }) {
            refusals[place].count += count
        } else if refusals.count < Self.maximumRefusals {
            refusals.append(Loss(path, cause, count: count))
        }
    }

    /// The refused losses since the last time that this was asked; empty for almost every call.
    mutating func takeRefusals() -> [Loss] {
        guard !refusals.isEmpty else { return [] }
        defer { refusals = [] }
        return refusals
    }
}
