/// One more number for a snapshot or a scrape, read by the caller: restarts, resident memory, attachments.
package struct Gauge: Sendable {
    package enum Kind: String, Sendable {
        /// Goes up and down.
        case gauge
        /// Only grows; its name ends in `_total`.
        case counter
    }

    /// In snake case with its unit at the end, without our prefix: `resident_bytes`, `restarts_total`.
    package var name: String
    /// One line that says what is counted.
    package var help: String
    package var kind: Kind
    package var value: Double

    package init(_ name: String, _ value: Double, kind: Kind = .gauge, help: String) {
        self.name = name
        self.help = help
        self.kind = kind
        self.value = value
    }
}
