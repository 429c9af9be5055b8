/// What a journal field holds.
package struct FieldDescription: Sendable {
    package enum Unit: String, Sendable {
        case text
        case number
        /// Grows from zero since ``LogKey/since`` and is never set back.
        case cumulative = "count since `SINCE`"
        case bytes
        case microseconds = "µs"
        /// Microseconds since 1970-01-01 00:00 UTC.
        case instant = "µs since 1970"
        case processID = "process id"
    }

    package var unit: Unit
    package var meaning: String
    /// Whether an entry may have the field more than once; `journalctl -o json` then shows an array.
    package var repeats = false

    init(_ unit: Unit, _ meaning: String, repeats: Bool = false) {
        self.unit = unit
        self.meaning = meaning
        self.repeats = repeats
    }
}

/// Fields whose names end in something that is not known beforehand: what a plugin or a library called it.
package struct FieldFamily: Sendable, Equatable {
    package var prefix: String
    package var meaning: String

    /// The named values of a structured log line of a plugin.
    package static let pluginFields = FieldFamily(
        prefix: FieldName.prefix + "FIELD_",
        meaning: "A named value of the plugin's log line, under the plugin's own name for it in capitals. At most 24 of one line."
    )
    /// Numbers of the gateway's own parts.
    package static let gauges = FieldFamily(
        prefix: FieldName.prefix + "GAUGE_",
        meaning: "A number of one of the gateway's parts at the moment, with its unit at the end of the name. At most 32.")
    /// What the libraries count.
    package static let metrics = FieldFamily(
        prefix: MetricsRegistry.fieldPrefix,
        meaning: "A value that a library counts, under the library's name for it; counters end in `_TOTAL`, timers in `_USEC`.")

    package func contains(_ field: String) -> Bool {
        field.hasPrefix(prefix) && field.utf8.count > prefix.utf8.count
    }
}
