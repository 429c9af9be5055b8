/// Reads RFC 3339 times: `2020-01-02T03:04:05.123456789+01:00`.
struct TimeParser {
    let text: UnsafeRawBufferPointer
    private var position = 0

    init(text: UnsafeRawBufferPointer) {
        self.text = text
    }

    /// Nil when the text is not a time.
    mutating func time() -> Timestamp.Reading? {
        guard let year = number(4), literal("-"), let month = number(2), literal("-"), let day = number(2),
            literal("T") || literal("t") || literal(" "),
            let hour = number(2), literal(":"), let minute = number(2), literal(":"), let second = number(2),
            (1...12).contains(month), day >= 1, day <= Self.length(ofMonth: month, year: year),
            hour < 24, minute < 60, second < 60,
            let nanoseconds = fraction(), let offset = offset(), position == text.count
        else { return nil }
        let days = Timestamp.days(year: year, month: month, day: day)
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
        return Self.combine(seconds: seconds, nanoseconds: nanoseconds)
    }

    private static func combine(seconds: Int64, nanoseconds: Int64) -> Timestamp.Reading {
        // Before the epoch the product alone may overflow although the sum fits: move one second over.
        let borrow: Int64 = seconds < 0 ? 1 : 0
        let (whole, overflow) = (seconds + borrow).multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return .outOfRange }
        let (sum, overflowOfSum) = whole.addingReportingOverflow(nanoseconds - borrow * 1_000_000_000)
        return overflowOfSum ? .outOfRange : .nanoseconds(sum)
    }

    private static func length(ofMonth month: Int64, year: Int64) -> Int64 {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }

    private mutating func literal(_ character: Unicode.Scalar) -> Bool {
        guard position < text.count, text[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func number(_ width: Int) -> Int64? {
        guard text.count - position >= width else { return nil }
        var value: Int64 = 0
        for byte in text[position..<position + width] {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            value = value * 10 + Int64(byte - 0x30)
        }
        position += width
        return value
    }

    /// An optional fraction in nanoseconds; nil when it has no digit or more than nine.
    private mutating func fraction() -> Int64? {
        guard literal(".") else { return 0 }
        var value: Int64 = 0
        var digits = 0
        while position < text.count, text[position] >= 0x30, text[position] <= 0x39 {
            guard digits < 9 else { return nil }
            value = value * 10 + Int64(text[position] - 0x30)
            digits += 1
            position += 1
        }
        guard digits > 0 else { return nil }
        for _ in digits..<9 { value *= 10 }
        return value
    }

    /// `Z` or ±hh:mm, in seconds east of UTC.
    private mutating func offset() -> Int64? {
        if literal("Z") || literal("z") { return 0 }
        let sign: Int64
        if literal("+") { sign = 1 } else if literal("-") { sign = -1 } else { return nil }
        guard let hour = number(2), literal(":"), let minute = number(2), hour < 24, minute < 60 else { return nil }
        return sign * (hour * 3600 + minute * 60)
    }
}
