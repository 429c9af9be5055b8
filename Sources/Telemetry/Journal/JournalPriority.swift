/// The severity of an entry: the journal's PRIORITY field, as syslog(3) numbers it.
package enum JournalPriority: Int, Sendable, Comparable, CaseIterable {
    case emergency, alert, critical, error, warning, notice, info, debug

    /// More severe is smaller.
    package static func < (left: JournalPriority, right: JournalPriority) -> Bool {
        left.rawValue < right.rawValue
    }

    /// The word for it on standard error.
    package var name: String { "\(self)" }
}
