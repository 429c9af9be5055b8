/// The times that hosts took in the body of a query: milliseconds since the Unix epoch, or an offset from now.
enum LegacyTime {
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("w", 604_800_000),
    ]

    static let forms =
        "milliseconds since 1970, now, now-6h, or 6h for six hours ago, with the units \(units.map(\.name).joined(separator: ", "))"

    /// - Parameters:
    ///   - text: `1568039445000`, `now`, `now-6h`, `now+5m`, or `5m`, which alert rules wrote for `now-5m`.
    ///   - now: milliseconds since the Unix epoch.
    /// - Returns: milliseconds since the Unix epoch; nil for anything else.
    static func parse(_ text: String, now: Int64) -> Int64? {
        if let milliseconds = Int64(text) { return milliseconds }
        guard text.utf8.count <= 64 else { return nil }
        guard text.hasPrefix("now") else { return duration(text[...]).flatMap { now.subtracting($0) } }
        let offset = text.dropFirst(3)
        switch offset.first {
        case nil: return now
        case "-": return duration(offset.dropFirst()).flatMap { now.subtracting($0) }
        case "+": return duration(offset.dropFirst()).flatMap { now.subtracting(-$0) }
        default: return nil
        }
    }

    /// Not negative.
    private static func duration(_ text: Substring) -> Int64? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int64(digits), let unit = units.first(where: { $0.name == text[digits.endIndex...] }) else {
            return nil
        }
        let (milliseconds, overflow) = count.multipliedReportingOverflow(by: unit.milliseconds)
        return overflow ? nil : milliseconds
    }
}

extension Int64 {
    /// Nil when the difference is no 64-bit number.
    fileprivate func subtracting(_ other: Int64) -> Int64? {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? nil : difference
    }
}
