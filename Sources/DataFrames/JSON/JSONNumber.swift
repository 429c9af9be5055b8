/// Numbers as Go's `encoding/json` and JavaScript write them: the shortest digits that read back as the same value,
/// `1e+21` and `1e-7` at the far ends, never a trailing `.0`.
package enum JSONNumber {
    /// No number takes more bytes than this.
    static let maximumLength = 32

    /// 10⁰ … 10¹⁵, each an exact double.
    static let exactPowersOfTen: [Double] = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15]

    /// A double as text for people and string cells: like JSON, with `NaN`, `Infinity` and `-Infinity`.
    package static func text(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity" }
        return String(unsafeUninitializedCapacity: maximumLength) { write(value, to: $0.baseAddress) }
    }

    /// See ``text(_:)-(Double)``; the digits are those of the 32-bit value.
    package static func text(_ value: Float) -> String {
        guard value.isFinite else { return text(Double(value)) }
        return String(unsafeUninitializedCapacity: maximumLength) { write(value, to: $0.baseAddress) }
    }

    /// Writes a finite double to memory of at least ``maximumLength`` bytes and gives its length.
    static func write(_ value: Double, to out: UnsafeMutablePointer<UInt8>?) -> Int {
        guard let out else { return 0 }
        // Whole numbers that doubles hold exactly: the usual case of counters. −0 must keep its sign.
        if value.magnitude < 0x1p53 {
            let whole = Int64(value)
            if Double(whole) == value, whole != 0 || value.sign == .plus { return write(whole, to: out) }
        }
        if let length = writeShortDecimal(value, to: out) { return length }
        var digits = DigitSink(out)
        value.write(to: &digits)
        // Between these bounds the standard library writes plain decimals, and whole numbers are dealt with above.
        if value.magnitude >= 1e-4, value.magnitude < 0x1p53 { return digits.count }
        return digits.fixExponent()
    }

    /// Four decimals or fewer: prices, percentages, most of what people measure. A decimal of at most 15 digits that reads back
    /// as the value is its shortest form, because no two such decimals share a double.
    @inline(__always)
    private static func writeShortDecimal(_ value: Double, to out: UnsafeMutablePointer<UInt8>) -> Int? {
        let scaled = value.magnitude * 10_000 + 0.5
        guard scaled < 1e15, scaled >= 1 else { return nil }
        let digits = UInt64(scaled)
        guard Double(digits) / 10_000 == value.magnitude else { return nil }
        var length = 0
        if value < 0 {
            out[0] = UInt8(ascii: "-")
            length = 1
        }
        length += write(digits / 10_000, to: out + length)
        var fraction = digits % 10_000
        var decimals = 4
        while fraction % 10 == 0, decimals > 1 {
            fraction /= 10
            decimals -= 1
        }
        out[length] = UInt8(ascii: ".")
        for place in stride(from: length + decimals, to: length, by: -1) {
            out[place] = 0x30 + UInt8(truncatingIfNeeded: fraction % 10)
            fraction /= 10
        }
        return length + decimals + 1
    }

    static func write(_ value: Float, to out: UnsafeMutablePointer<UInt8>?) -> Int {
        guard let out else { return 0 }
        if value.magnitude < 0x1p24 {
            let whole = Int64(value)
            if Float(whole) == value, whole != 0 || value.sign == .plus { return write(whole, to: out) }
        }
        var digits = DigitSink(out)
        value.write(to: &digits)
        return digits.fixExponent()
    }

    /// Writes an integer to memory of at least 20 bytes and gives its length.
    @inline(__always)
    static func write(_ value: some FixedWidthInteger, to out: UnsafeMutablePointer<UInt8>) -> Int {
        var magnitude = UInt64(truncatingIfNeeded: value.magnitude)
        var end = decimalLength(magnitude)
        if value < 0 {
            out[0] = UInt8(ascii: "-")
            end += 1
        }
        let length = end
        // Eight digits at a time: the divisions within do not wait for each other.
        while magnitude >= 100_000_000 {
            let next = magnitude / 100_000_000
            let digits = UInt32(truncatingIfNeeded: magnitude &- next &* 100_000_000)
            end -= 8
            let high = digits / 10_000
            let low = digits &- high &* 10_000
            writePair(high / 100, to: out + end)
            writePair(high % 100, to: out + end + 2)
            writePair(low / 100, to: out + end + 4)
            writePair(low % 100, to: out + end + 6)
            magnitude = next
        }
        var rest = UInt32(truncatingIfNeeded: magnitude)
        while rest >= 100 {
            let next = rest / 100
            end -= 2
            writePair(rest &- next &* 100, to: out + end)
            rest = next
        }
        if rest >= 10 {
            writePair(rest, to: out + end - 2)
        } else {
            out[end - 1] = 0x30 &+ UInt8(truncatingIfNeeded: rest)
        }
        return length
    }

    @inline(__always)
    private static func writePair(_ pair: UInt32, to out: UnsafeMutablePointer<UInt8>) {
        let tens = (pair &* 103) >> 10  // pair / 10 for pairs below 100
        let units = pair &- tens &* 10
        UnsafeMutableRawPointer(out).storeBytes(
            of: UInt16(truncatingIfNeeded: 0x3030 | tens | units << 8).littleEndian, as: UInt16.self)
    }

    @inline(__always)
    private static func decimalLength(_ value: UInt64) -> Int {
        // 1233 / 4096 is a little more than the decimal logarithm of 2.
        let estimate = ((64 - (value | 1).leadingZeroBitCount) * 1233) >> 12
        return value < integerPowersOfTen[estimate] ? max(1, estimate) : estimate + 1
    }

    private static let integerPowersOfTen: InlineArray<20, UInt64> = [
        1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000, 100_000_000_000,
        1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000, 10_000_000_000_000_000,
        100_000_000_000_000_000, 1_000_000_000_000_000_000, 10_000_000_000_000_000_000,
    ]
}
