/// Points in time as the frames hold them: nanoseconds since the Unix epoch in an Int64 (years 1677 to 2262).
enum Timestamp {
    static let nanosecondsPerMillisecond: Int64 = 1_000_000
    /// The last whole millisecond before and after the epoch that fits.
    static let validMilliseconds: ClosedRange<Int64> = -9_223_372_036_854...9_223_372_036_854

    /// What a cell of a time column turned out to be.
    enum Reading: Equatable {
        case nanoseconds(Int64)
        /// A time, but not one that fits.
        case outOfRange
        /// Not a time at all.
        case notATime
    }

    static func fromMilliseconds(_ milliseconds: Int64) -> Reading {
        let (value, overflow) = milliseconds.multipliedReportingOverflow(by: nanosecondsPerMillisecond)
        return overflow ? .outOfRange : .nanoseconds(value)
    }

    /// Milliseconds with a fraction, which is kept to the nanosecond.
    static func fromMilliseconds(_ milliseconds: Double) -> Reading {
        // Beyond this the conversion to Int64 would trap; NaN fails both comparisons.
        guard milliseconds > -9.3e12, milliseconds < 9.3e12 else { return .outOfRange }
        var whole = Int64(milliseconds)
        if Double(whole) > milliseconds { whole -= 1 }
        let fraction = Int64((milliseconds - Double(whole)) * 1_000_000 + 0.5)
        let (product, overflow) = whole.multipliedReportingOverflow(by: nanosecondsPerMillisecond)
        let (value, overflowOfSum) = product.addingReportingOverflow(fraction)
        return overflow || overflowOfSum ? .outOfRange : .nanoseconds(value)
    }

    /// An integer (milliseconds) or an RFC 3339 time with `T` or a space, at most nine fraction digits, and `Z` or an offset.
    static func fromText(_ text: UnsafeRawBufferPointer) -> Reading {
        if let integer = integer(text) { return integer }
        var parser = TimeParser(text: text)
        return parser.time() ?? .notATime
    }

    /// Nil when the text is not `-?[0-9]+`.
    private static func integer(_ text: UnsafeRawBufferPointer) -> Reading? {
        let negative = text.first == UInt8(ascii: "-")
        let digits = text.dropFirst(negative ? 1 : 0)
        guard !digits.isEmpty, digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        var value: Int64 = 0
        for digit in digits {
            value = value &* 10 &+ Int64(digit - 0x30)
            guard value <= validMilliseconds.upperBound else { return .outOfRange }
        }
        return fromMilliseconds(negative ? -value : value)
    }

    /// Days since the epoch of a proleptic Gregorian date.
    static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// RFC 3339 in UTC with milliseconds, for people and for health details.
    static func text(milliseconds: Int64) -> String {
        let days = milliseconds.flooringDivision(by: 86_400_000)
        let rest = milliseconds - days * 86_400_000
        let shifted = days + 719_468
        let era = shifted.flooringDivision(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
        let seconds = rest / 1000
        let time = "\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
        return "\(date)T\(time).\(padded(rest % 1000, 3))Z"
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}

extension Int64 {
    /// Division that rounds towards minus infinity; the divisor is positive.
    func flooringDivision(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
