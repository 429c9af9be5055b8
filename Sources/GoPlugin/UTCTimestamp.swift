/// Points in time as hclog writes them.
enum UTCTimestamp {
    /// The last microsecond of the year 9999: the form has four digits for the year.
    private static let latest: Int64 = 253_402_300_799_999_999

    /// `2024-05-06T07:08:09.000010Z`: always six fractional digits. Times before 1970 and after 9999 become the nearest of those.
    static func text(_ microsecondsSinceEpoch: Int64) -> String {
        let time = min(max(microsecondsSinceEpoch, 0), latest)
        let (seconds, fraction) = time.quotientAndRemainder(dividingBy: 1_000_000)
        let (days, second) = seconds.quotientAndRemainder(dividingBy: 86400)

        // The proleptic Gregorian calendar in eras of 400 years that begin on 1 March, so that a leap day ends a year.
        let shifted = days + 719_468
        let (era, dayOfEra) = shifted.quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)

        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T"
            + "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2)).\(padded(fraction, 6))Z"
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
