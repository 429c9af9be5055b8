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
        if value.magnitude < 0x1p52, rounded(value.magnitude) == value.magnitude, value != 0 || value.sign == .plus {
            return write(Int64(value), to: out)
        }
        if let length = writeShortDecimal(value, to: out) { return length }
        guard value != 0 else {
            // Of the zeros only −0 gets here.
            out[0] = UInt8(ascii: "-")
            out[1] = UInt8(ascii: "0")
            return 2
        }
        return write(ShortestDecimal(value), isNegative: value < 0, to: out)
    }

    /// Four decimals or fewer: prices, percentages, most of what people measure. A decimal of at most 15 digits that reads back
    /// as the value is its shortest form, because no two such decimals share a double.
    @inline(__always)
    private static func writeShortDecimal(_ value: Double, to out: UnsafeMutablePointer<UInt8>) -> Int? {
        let scaled = value.magnitude * 10_000
        guard scaled < 1e15 else { return nil }
        // A look beforehand, since most values are further away and a division is slow.
        let whole = rounded(scaled)
        guard (scaled - whole).magnitude <= whole * 0x1p-51, whole >= 1, whole / 10_000 == value.magnitude else { return nil }
        let digits = UInt64(whole)
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

    /// The nearest whole number of one from 0 to 2⁵²: above that, doubles have no fraction.
    @inline(__always)
    private static func rounded(_ value: Double) -> Double { (value + 0x1p52) - 0x1p52 }

    @inline(__always)
    private static func write(_ decimal: ShortestDecimal, isNegative: Bool, to start: UnsafeMutablePointer<UInt8>) -> Int {
        start[0] = UInt8(ascii: "-")
        let sign = isNegative ? 1 : 0
        let out = start + sign
        let (count, first) = writeDigits(decimal.digits, to: out + 1)
        // How many digits stand before the decimal point; one more than the exponent of scientific notation.
        let point = count + decimal.exponent
        if point > 0, point < count {
            moveBack(point, first, out)
            return sign + count + 1
        }
        if point > 21 || point < -5 {
            out[0] = out[1]
            var length = 1
            if count > 1 {
                out[1] = UInt8(ascii: ".")
                length += count
            }
            out[length] = UInt8(ascii: "e")
            out[length + 1] = point > 0 ? UInt8(ascii: "+") : UInt8(ascii: "-")
            return sign + length + 2 + writeLeading(UInt64((point - 1).magnitude), to: out + length + 2).length
        }
        if point <= 0 {
            for place in 0..<2 - point { out[place] = 0x30 }
            out[1] = UInt8(ascii: ".")
            return sign + 2 - point + writeDigits(decimal.digits, to: out + 2 - point).length
        }
        _ = writeDigits(decimal.digits, to: out)
        for place in count..<point { out[place] = 0x30 }
        return sign + point
    }

    /// Moves `point` digits one place towards the beginning and puts a decimal point behind them.
    /// - Parameter first: the first eight digits. They are not read again, since memory just written in other portions is slow to read.
    @inline(__always)
    private static func moveBack(_ point: Int, _ first: UInt64, _ out: UnsafeMutablePointer<UInt8>) {
        guard point < 8 else {
            for place in 0..<point { out[place] = out[place + 1] }
            out[point] = UInt8(ascii: ".")
            return
        }
        let place = UInt64(truncatingIfNeeded: 8 &* point)
        let moved = (1 as UInt64 &<< place) &- 1
        store(first & moved | UInt64(UInt8(ascii: ".")) &<< place | (first & ~moved) &<< 8, to: out)
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

    /// Writes an integer to memory of at least 20 bytes, of which those behind its end may change too, and gives its length.
    @inline(__always)
    static func write(_ value: some FixedWidthInteger, to out: UnsafeMutablePointer<UInt8>) -> Int {
        let magnitude = UInt64(truncatingIfNeeded: value.magnitude)
        guard value < 0 else { return writeDigits(magnitude, to: out).length }
        out[0] = UInt8(ascii: "-")
        return 1 + writeDigits(magnitude, to: out + 1).length
    }

    /// All but the last eight digits of a number, for the next one to use again.
    struct Head {
        fileprivate var number: UInt64 = 0
        fileprivate var digits: UInt64 = 0
        fileprivate var length = 0
    }

    /// The same as ``write(_:to:)-(some FixedWidthInteger,_)`` for numbers most of which begin as the one before does.
    @inline(__always)
    static func write(_ value: Int64, after head: inout Head, to out: UnsafeMutablePointer<UInt8>) -> Int {
        guard value >= 100_000_000, value < 10_000_000_000_000_000 else { return write(value, to: out) }
        let number = UInt64(truncatingIfNeeded: value)
        let upper = number / 100_000_000
        if upper != head.number {
            head.number = upper
            (head.length, head.digits) = writeLeading(upper, to: out)
        }
        store(head.digits, to: out)
        store(eightDigits(number &- upper &* 100_000_000) | asciiZeros, to: out + head.length)
        return head.length + 8
    }

    /// - Returns: the length, and the first eight digits in a word.
    @inline(__always)
    private static func writeDigits(_ number: UInt64, to out: UnsafeMutablePointer<UInt8>) -> (length: Int, first: UInt64) {
        if number < 100_000_000 { return writeLeading(number, to: out) }
        // Sixteen digits or seventeen, as nearly all doubles have: which of them decides no branch, since it cannot be foretold.
        if number &- 1_000_000_000_000_000 < 99_000_000_000_000_000 {
            let front = number / 100_000_000
            let top = front / 100_000_000
            let leading = eightDigits(front &- top &* 100_000_000) | asciiZeros
            let more = top == 0 ? 0 : 1
            let first = UInt8(truncatingIfNeeded: 0x30 &+ top)
            out[0] = first
            store(leading, to: out + more)
            store(eightDigits(number &- front &* 100_000_000) | asciiZeros, to: out + more + 8)
            return (16 + more, top == 0 ? leading : leading &<< 8 | UInt64(first))
        }
        let upper = number / 100_000_000
        let lower = eightDigits(number &- upper &* 100_000_000) | asciiZeros
        guard upper >= 100_000_000 else {
            let (length, word) = writeLeading(upper, to: out)
            store(lower, to: out + length)
            return (length + 8, word | following(lower, length))
        }
        let top = upper / 100_000_000
        let middle = eightDigits(upper &- top &* 100_000_000) | asciiZeros
        let (length, word) = writeLeading(top, to: out)
        store(middle, to: out + length)
        store(lower, to: out + length + 8)
        return (length + 16, word | following(middle, length))
    }

    /// The digits that fill a word up in which there are one to eight.
    @inline(__always)
    private static func following(_ digits: UInt64, _ length: Int) -> UInt64 {
        (digits &<< UInt64(truncatingIfNeeded: 8 &* (length &- 1))) &<< 8
    }

    /// At most eight digits, without zeros in front; eight bytes are written.
    @inline(__always)
    private static func writeLeading(_ number: UInt64, to out: UnsafeMutablePointer<UInt8>) -> (length: Int, first: UInt64) {
        let digits = eightDigits(number)
        // The last digit stays, also when it is zero.
        let zeros = (digits | 1 << 56).trailingZeroBitCount >> 3
        let word = (digits | asciiZeros) &>> UInt64(truncatingIfNeeded: 8 &* zeros)
        store(word, to: out)
        return (8 &- zeros, word)
    }

    private static let asciiZeros: UInt64 = 0x3030_3030_3030_3030

    /// The digits of a number below 10⁸ in the bytes of a word, the first one in the lowest: halves, pairs, and single digits all at once.
    @inline(__always)
    private static func eightDigits(_ number: UInt64) -> UInt64 {
        let high = number / 10_000
        let fours = number &<< 32 &- high &* ((10_000 &<< 32) - 1)
        let hundreds = ((fours &* 10_486) &>> 20) & 0x0000_007F_0000_007F
        let pairs = fours &<< 16 &- hundreds &* ((100 &<< 16) - 1)
        let tens = ((pairs &* 103) &>> 10) & 0x000F_000F_000F_000F
        return pairs &<< 8 &- tens &* ((10 &<< 8) - 1)
    }

    @inline(__always)
    private static func store(_ word: UInt64, to out: UnsafeMutablePointer<UInt8>) {
        UnsafeMutableRawPointer(out).storeBytes(of: word.littleEndian, as: UInt64.self)
    }
}
