internal import DataFrames
internal import Foundation

/// Times and numbers in text, by other means than the translator's.
enum ReferenceText {
    enum Time: Equatable {
        /// No value at all.
        case none
        case nanoseconds(Int64)
        case outOfRange

        var nanoseconds: Int64? {
            if case .nanoseconds(let time) = self { time } else { nil }
        }

        init(_ exact: Int128) {
            self = Int64(exactly: exact).map { .nanoseconds($0) } ?? .outOfRange
        }

        static func milliseconds(_ value: Int64) -> Time { Time(Int128(value) * 1_000_000) }

        /// The fraction is rounded to the nanosecond.
        static func milliseconds(_ value: Double) -> Time {
            guard value.isFinite, value.magnitude < 1e13 else { return .outOfRange }
            let whole = value.rounded(.down)
            return Time(Int128(whole) * 1_000_000 + Int128(((value - whole) * 1_000_000 + 0.5).rounded(.down)))
        }
    }

    /// Milliseconds as an integer, or RFC 3339; nil for other text.
    static func time(_ text: String) -> Time? {
        // Whole bytes: neither canonical equivalence nor letters with accents may match anything.
        if text.utf8.contains(where: { $0 >= 0x80 }) { return nil }
        let unsigned = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
        if !unsigned.isEmpty, unsigned.allSatisfy({ (0x30...0x39).contains($0) }) {
            return Int128(text).map { abs($0) < 1 << 64 ? Time($0 * 1_000_000) : .outOfRange } ?? .outOfRange
        }
        let pattern =
            /([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})/
        // No shorter text matches, and to ask costs.
        guard text.utf8.count >= 20, let match = text.wholeMatch(of: pattern.matchingSemantics(.unicodeScalar)) else {
            return nil
        }
        func number(_ text: Substring) -> Int32 { Int32(text) ?? -1 }
        var parts = tm()
        parts.tm_year = number(match.1) - 1900
        parts.tm_mon = number(match.2) - 1
        parts.tm_mday = number(match.3)
        parts.tm_hour = number(match.4)
        parts.tm_min = number(match.5)
        parts.tm_sec = number(match.6)
        let asked = parts
        let seconds = timegm(&parts)
        // A date that does not exist comes back as another one.
        guard parts.tm_year == asked.tm_year, parts.tm_mon == asked.tm_mon, parts.tm_mday == asked.tm_mday,
            parts.tm_hour == asked.tm_hour, parts.tm_min == asked.tm_min, parts.tm_sec == asked.tm_sec
        else { return nil }
        var east = 0
        if match.8.count == 6 {
            let hours = Int(match.8.dropFirst().prefix(2)) ?? 99
            let minutes = Int(match.8.suffix(2)) ?? 99
            guard hours < 24, minutes < 60 else { return nil }
            east = (hours * 60 + minutes) * (match.8.first == "-" ? -60 : 60)
        }
        let digits = match.7.map { String($0.dropFirst()) } ?? ""
        let fraction = Int128(digits.padding(toLength: 9, withPad: "0", startingAt: 0)) ?? 0
        return Time(Int128(seconds - east) * 1_000_000_000 + fraction)
    }

    /// As JavaScript prints it: like JSON, but without the sign of −0.
    static func number(_ value: Double) -> String {
        value == 0 ? "0" : JSONNumber.text(value)
    }

    /// Only ASCII letters have a case here.
    static func equalsIgnoringCase(_ left: String, _ right: String) -> Bool {
        func folded(_ text: String) -> [UInt8] { text.utf8.map { $0 >= 0x41 && $0 <= 0x5a ? $0 + 0x20 : $0 } }
        return folded(left) == folded(right)
    }
}
