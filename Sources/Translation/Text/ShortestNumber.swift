/// Doubles as JavaScript prints them: the shortest digits that read back to the same value.
///
/// Cells of a mixed column become text, and the browser used to print them by this rule.
enum ShortestNumber {
    static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        if value == 0 { return "0" }
        let (digits, exponent) = decimal(value.magnitude)
        let unsigned = layout(digits, exponent)
        return value < 0 ? "-" + unsigned : unsigned
    }

    /// Significant digits without leading or trailing zeros, and n such that the value is 0.digits × 10ⁿ.
    private static func decimal(_ value: Double) -> (digits: [UInt8], exponent: Int) {
        // Swift's description has the shortest digits already; only its layout differs.
        var mantissa: [UInt8] = []
        var point: Int?
        var exponent = 0
        let text = Array(value.description.utf8)
        for (index, byte) in text.enumerated() {
            if byte == UInt8(ascii: ".") {
                point = mantissa.count
            } else if byte == UInt8(ascii: "e") {
                exponent = Int(String(decoding: text[(index + 1)...], as: UTF8.self)) ?? 0
                break
            } else {
                mantissa.append(byte)
            }
        }
        let leading = mantissa.prefix { $0 == UInt8(ascii: "0") }.count
        let position = (point ?? mantissa.count) + exponent - leading
        var digits = Array(mantissa[leading...])
        while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
        return (digits, position)
    }

    /// The layout of ECMAScript's Number::toString.
    private static func layout(_ digits: [UInt8], _ exponent: Int) -> String {
        let text = String(decoding: digits, as: UTF8.self)
        let count = digits.count
        if count <= exponent, exponent <= 21 { return text + String(repeating: "0", count: exponent - count) }
        if 0 < exponent, exponent <= 21 { return text.prefix(exponent) + "." + text.dropFirst(exponent) }
        if -6 < exponent, exponent <= 0 { return "0." + String(repeating: "0", count: -exponent) + text }
        let power = exponent - 1
        let suffix = "e" + (power < 0 ? "-" : "+") + String(abs(power))
        return count == 1 ? text + suffix : text.prefix(1) + "." + text.dropFirst() + suffix
    }
}
