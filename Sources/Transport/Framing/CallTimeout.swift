internal import NIOCore

/// `grpc-timeout`: at most eight digits and a unit.
enum CallTimeout {
    /// Nil when the text does not follow the specification.
    static func parse(_ text: some StringProtocol) -> TimeAmount? {
        let bytes = Array(text.utf8.prefix(10))
        guard (2...9).contains(bytes.count), let unit = bytes.last else { return nil }
        var value: Int64 = 0
        for digit in bytes.dropLast() {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
            value = value * 10 + Int64(digit - UInt8(ascii: "0"))
        }
        let nanoseconds: Int64
        switch unit {
        case UInt8(ascii: "H"): nanoseconds = 3_600_000_000_000
        case UInt8(ascii: "M"): nanoseconds = 60_000_000_000
        case UInt8(ascii: "S"): nanoseconds = 1_000_000_000
        case UInt8(ascii: "m"): nanoseconds = 1_000_000
        case UInt8(ascii: "u"): nanoseconds = 1000
        case UInt8(ascii: "n"): nanoseconds = 1
        default: return nil
        }
        let (product, overflow) = value.multipliedReportingOverflow(by: nanoseconds)
        // A hundred years are as good as for ever, and keep sums with the clock from overflowing.
        let longest: Int64 = 100 * 365 * 24 * 3_600_000_000_000
        return .nanoseconds(overflow ? longest : Swift.min(product, longest))
    }

    /// The finest unit that fits, rounded up so that the other side does not give up earlier than asked.
    static func print(_ amount: TimeAmount) -> String {
        let nanoseconds = Swift.max(amount.nanoseconds, 1)
        let units: [(Int64, String)] = [
            (1, "n"), (1000, "u"), (1_000_000, "m"), (1_000_000_000, "S"), (60_000_000_000, "M"),
        ]
        for (unit, name) in units {
            let value = nanoseconds / unit + (nanoseconds % unit == 0 ? 0 : 1)
            if value <= 99_999_999 { return "\(value)\(name)" }
        }
        return "\(nanoseconds / 3_600_000_000_000 + 1)H"
    }
}
