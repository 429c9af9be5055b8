package import Logging
internal import Synchronization

/// The least severe level that is logged: one for the whole process, which a reload of the configuration may change.
package final class AdjustableLogLevel: Sendable {
    private static let all = Logger.Level.allCases
    /// The index among all levels, since it is read for every line that might be logged.
    private let index: Atomic<Int>

    package init(_ level: Logger.Level) {
        index = Atomic(Self.index(of: level))
    }

    package var current: Logger.Level { Self.all[index.load(ordering: .relaxed)] }

    package func set(_ level: Logger.Level) {
        index.store(Self.index(of: level), ordering: .relaxed)
    }

    private static func index(of level: Logger.Level) -> Int {
        all.firstIndex(of: level) ?? 0
    }
}
