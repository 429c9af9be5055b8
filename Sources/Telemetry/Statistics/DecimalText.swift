/// Numbers as people and Prometheus read them, without a locale.
package enum DecimalText {
    /// Microseconds as seconds with all their digits: `0.000064`, `1.048576`, `12`.
    static func seconds(_ microseconds: UInt64) -> String {
        let fraction = microseconds % 1_000_000
        let whole = String(microseconds / 1_000_000)
        if fraction == 0 { return whole }
        var digits = String(fraction + 1_000_000).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return "\(whole).\(digits)"
    }

    /// Whole microseconds; a negative duration counts as zero.
    package static func microseconds(_ duration: Duration) -> UInt64 {
        let (seconds, attoseconds) = duration.components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        guard !overflow else { return seconds < 0 ? 0 : .max }
        return UInt64(clamping: whole + attoseconds / 1_000_000_000_000)
    }

    /// Microseconds in the unit that suits them: `340 µs`, `1.2 ms`, `2.5 s`.
    package static func duration(_ microseconds: UInt64) -> String {
        switch microseconds {
        case ..<1000: "\(microseconds) µs"
        case ..<999_950: tenths(microseconds, 1000) + " ms"
        default: tenths(microseconds, 1_000_000) + " s"
        }
    }

    /// Bytes in the unit that suits them: `512 B`, `1.5 KiB`, `23.4 MiB`.
    static func bytes(_ bytes: UInt64) -> String {
        switch bytes {
        case ..<1024: "\(bytes) B"
        case ..<(1024 * 1024): tenths(bytes, 1024) + " KiB"
        default: tenths(bytes, 1024 * 1024) + " MiB"
        }
    }

    /// A whole number without a point, anything else as Swift prints it; `+Inf`, `-Inf` and `NaN` as Prometheus wants them.
    static func plain(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map(String.init) ?? String(value)
    }

    private static func tenths(_ value: UInt64, _ unit: UInt64) -> String {
        let tenths = (value * 10 + unit / 2) / unit
        return "\(tenths / 10).\(tenths % 10)"
    }
}
