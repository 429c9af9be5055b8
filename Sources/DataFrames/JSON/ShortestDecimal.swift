/// The shortest decimal that reads back as a double, and of several as short the nearest: Raffaello Giulietti's Schubfach.
///
/// The standard library finds the same digits; this finds them in half the time, and without a text in between.
struct ShortestDecimal {
    /// Without trailing zeros.
    let digits: UInt64
    /// The value is `digits` × 10^`exponent`.
    let exponent: Int

    /// - Parameter value: finite and not zero; its sign is left out.
    @inline(__always)
    init(_ value: Double) {
        let fraction = value.significandBitPattern
        let biased = Int(truncatingIfNeeded: value.exponentBitPattern)
        let significand = biased == 0 ? fraction : fraction | 1 << 52
        let binaryExponent = biased == 0 ? -1074 : biased &- 1075
        // Below a power of two doubles lie twice as dense.
        let isLowerNearer = fraction == 0 && biased > 1
        // ⌊log₁₀ of the distance between neighbours⌋, by an approximation that holds for all doubles.
        let power = (binaryExponent &* 1_262_611 &- (isLowerNearer ? 524_031 : 0)) >> 22
        let shift = UInt64(truncatingIfNeeded: binaryExponent &+ ((-power &* 1_741_647) >> 19) &+ 1)
        let scale = PowersOfTen.table[-power &- PowersOfTen.smallest]
        // Four times the value and the middles to its neighbours, in units of 10^power. A middle belongs to the even neighbour.
        let middle = Self.scaled(scale, (4 &* significand) &<< shift)
        let exclusive = significand & 1
        let lower = Self.scaled(scale, (4 &* significand &- 2 &+ (isLowerNearer ? 1 : 0)) &<< shift) &+ exclusive
        let upper = Self.scaled(scale, (4 &* significand &+ 2) &<< shift) &- exclusive

        // Both lengths are tried, since which it is nobody can foretell, and a branch that goes wrong costs more.
        let whole = middle >> 2
        let isLowIn = lower <= 4 &* whole
        let isHighIn = 4 &* whole &+ 4 <= upper
        let (remainder, isOdd) = (middle & 3, whole & 1)
        let isHighNearer = remainder &+ isOdd > 2
        let roundsUp = isLowIn != isHighIn ? isHighIn : isHighNearer
        let all = whole &+ (roundsUp ? 1 : 0)
        // One digit less, if exactly one of the two neighbours with a zero at the end lies within.
        let tens = whole / 10
        let isLowTenIn = lower <= 40 &* tens
        let isHighTenIn = 40 &* tens &+ 40 <= upper
        let shorter = Self.bit(whole >= 10) & (Self.bit(isLowTenIn) ^ Self.bit(isHighTenIn))
        let fewer = tens &+ Self.bit(isHighTenIn)
        (digits, exponent) = Self.withoutZeros(
            all ^ ((all ^ fewer) & (0 &- shorter)), power &+ Int(truncatingIfNeeded: shorter))
    }

    @inline(__always)
    private static func bit(_ condition: Bool) -> UInt64 { condition ? 1 : 0 }

    @inline(__always)
    private static func withoutZeros(_ number: UInt64, _ power: Int) -> (UInt64, Int) {
        var (digits, exponent) = (number, power)
        while true {
            let (quotient, rest) = digits.quotientAndRemainder(dividingBy: 10)
            if rest != 0 || quotient == 0 { return (digits, exponent) }
            digits = quotient
            exponent &+= 1
        }
    }

    /// The upper 64 of 192 bits of the product; the last bit is also set when the rest is not zero.
    @inline(__always)
    private static func scaled(_ scale: PowersOfTen.Power, _ number: UInt64) -> UInt64 {
        let carried = scale.low.multipliedFullWidth(by: number).high
        let product = scale.high.multipliedFullWidth(by: number)
        let (rest, overflow) = product.low.addingReportingOverflow(carried)
        return (product.high &+ (overflow ? 1 : 0)) | (rest > 1 ? 1 : 0)
    }
}

/// 10⁻²⁹² … 10³²⁴, each as 128 bits that start with a one, rounded up.
enum PowersOfTen {
    struct Power {
        var high: UInt64
        var low: UInt64
    }

    static let smallest = -292
    static let largest = 324

    /// Computed once, with whole numbers: multiplying and dividing by five, where twos only shift.
    static let table: [Power] = {
        var negative: [Power] = []
        // 2⁸⁹⁵ divided by five again and again keeps far more than 128 bits for the last of them.
        var number = [UInt64](repeating: 0, count: 14)
        number[13] = 1 << 63
        for _ in 0 ..< -smallest {
            var rest: UInt64 = 0
            for place in number.indices.reversed() {
                (number[place], rest) = (5 as UInt64).dividingFullWidth((rest, number[place]))
            }
            negative.append(leading(number, isExact: false))
        }
        var positive: [Power] = []
        number = [UInt64](repeating: 0, count: 14)
        number[0] = 1
        for _ in 0...largest {
            positive.append(leading(number, isExact: true))
            var carry: UInt64 = 0
            for place in number.indices {
                let product = number[place].multipliedFullWidth(by: 5)
                let (sum, overflow) = product.low.addingReportingOverflow(carry)
                number[place] = sum
                carry = product.high &+ (overflow ? 1 : 0)
            }
        }
        return negative.reversed() + positive
    }()

    /// The 128 leading bits of a number, the least word of which comes first.
    /// - Parameter isExact: whether no bits are missing at its end.
    private static func leading(_ number: [UInt64], isExact: Bool) -> Power {
        let top = number.lastIndex { $0 != 0 } ?? 0
        func word(_ distance: Int) -> UInt64 { top >= distance ? number[top - distance] : 0 }
        let shift = UInt64(number[top].leadingZeroBitCount)
        func shifted(_ distance: Int) -> UInt64 {
            shift == 0 ? word(distance) : word(distance) << shift | word(distance + 1) >> (64 - shift)
        }
        var power = Power(high: shifted(0), low: shifted(1))
        let isRest = shifted(2) != 0 || (top > 2 && number[..<(top - 2)].contains { $0 != 0 })
        if isRest || !isExact {
            power.low &+= 1
            if power.low == 0 { power.high &+= 1 }
        }
        return power
    }
}
