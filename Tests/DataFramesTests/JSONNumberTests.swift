import Foundation
import Testing

@testable import DataFrames

@Suite struct JSONNumberTests {
    @Test(
        arguments: [
            (0.0, "0"), (-0.0, "-0"), (1, "1"), (3.0, "3"), (0.1, "0.1"), (-1.5, "-1.5"), (1e21, "1e+21"),
            (1e20, "100000000000000000000"),
            (123456789012345680000, "123456789012345680000"), (1e-6, "0.000001"), (1e-7, "1e-7"), (1.5e-7, "1.5e-7"),
            (0.00001234, "0.00001234"),
            (5e-324, "5e-324"), (1.7976931348623157e308, "1.7976931348623157e+308"), (9007199254740993, "9007199254740992"),
            (-9007199254740991, "-9007199254740991"), (1e16, "10000000000000000"), (-1.2345e17, "-123450000000000000"),
            (9223372036854775807, "9223372036854776000"), (0.3, "0.3"),
            (100.0 / 3, "33.333333333333336"), (-1e-10, "-1e-10"), (2.5e-6, "0.0000025"),
        ] as [(Double, String)])
    func doublesAreWrittenAsJavaScriptDoes(value: Double, expected: String) {
        #expect(JSONNumber.text(value) == expected)
    }

    @Test func nonFiniteNumbersHaveNames() {
        #expect(JSONNumber.text(Double.nan) == "NaN")
        #expect(JSONNumber.text(Double.infinity) == "Infinity")
        #expect(JSONNumber.text(-Double.infinity) == "-Infinity")
        #expect(JSONNumber.text(Float.nan) == "NaN")
    }

    @Test(
        arguments: [
            (0.1, "0.1"), (3.4028235e38, "3.4028235e+38"), (1e-45, "1e-45"), (16777216, "16777216"), (1e10, "10000000000"),
            (-0.0, "-0"),
        ] as [(Float, String)])
    func floatsUseTheirOwnShortestDigits(value: Float, expected: String) {
        #expect(JSONNumber.text(value) == expected)
    }

    @Test func everyDoubleReadsBackExactlyAndInJSONsGrammar() throws {
        var frames = RandomFrames(numbers: .fresh())
        let grammar = try Regex(#"-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?(e[+-][1-9][0-9]*)?"#)
        for _ in 0..<20000 {
            let value = frames.double()
            guard value.isFinite else { continue }
            let text = JSONNumber.text(value)
            try #require(Double(text)?.bitPattern == value.bitPattern, "seed \(frames.numbers.seed): \(value) → \(text)")
            try #require(text.wholeMatch(of: grammar) != nil, "\(text)")
            let magnitude = abs(value)
            try #require(text.contains("e") == (magnitude != 0 && (magnitude < 1e-6 || magnitude >= 1e21)), "\(text)")
        }
    }

    private static func written(_ write: (UnsafeMutablePointer<UInt8>) -> Int) -> String {
        String(unsafeUninitializedCapacity: JSONNumber.maximumLength) { memory in memory.baseAddress.map(write) ?? 0 }
    }

    /// Around every number of digits, where the ways to write them part.
    private static let edges: [Int64] = (0..<19).flatMap { digits -> [Int64] in
        let power = (0..<digits).reduce(1 as Int64) { product, _ in product * 10 }
        return [power - 1, power, power + 1, power / 2 * 9, -power]
    }

    @Test func integersOfEveryLengthHaveTheirDigits() {
        for number in Self.edges + [.min, .max] {
            #expect(Self.written { JSONNumber.write(number, to: $0) } == String(number))
            #expect(Self.written { JSONNumber.write(UInt64(number.magnitude), to: $0) } == String(number.magnitude))
        }
        #expect(Self.written { JSONNumber.write(UInt64.max, to: $0) } == String(UInt64.max))
    }

    @Test func numbersThatBeginAsTheOneBeforeHaveTheirDigits() {
        var head = JSONNumber.Head()
        var numbers = Self.edges + [.min, .max]
        // Times one after the other, and what is no time between them.
        for step in 0..<300 {
            numbers += [1_700_000_000_000 + Int64(step) * 999_999, step % 7 == 0 ? Int64(step) - 150 : 1_700_099_999_999]
        }
        for number in numbers { #expect(Self.written { JSONNumber.write(number, after: &head, to: $0) } == String(number)) }
    }

    @Test func wholeDoublesAndShortDecimalsHaveTheDigitsOfTheStandardLibrary() {
        for exponent in 50...54 {
            for difference in -3...3 {
                let value = Double(1 << exponent) + Double(difference) / 2
                #expect(Self.parts(JSONNumber.text(value)) == Self.parts(value.description), "\(value)")
            }
        }
        for digits in stride(from: 1, to: 2_000_000, by: 997) {
            for divisor in [10.0, 100, 1000, 10_000, 100_000] {
                for value in [Double(digits) / divisor, (Double(digits) / divisor).nextUp, -Double(digits) / divisor] {
                    #expect(Self.parts(JSONNumber.text(value)) == Self.parts(value.description), "\(value)")
                }
            }
        }
    }

    /// The digits of the standard library, which finds them in another way.
    @Test func digitsAreThoseOfTheStandardLibrary() throws {
        var numbers = RandomFrames(numbers: .fresh()).numbers
        let seed = numbers.seed
        for round in 0..<50000 {
            // Any bits, and the neighbours of powers of two, where the distance between doubles changes.
            let bits = UInt64.random(in: 0 ... .max, using: &numbers)
            let value = Double(bitPattern: round.isMultiple(of: 2) ? bits : ((bits >> 52) << 52) &+ UInt64(round % 9) &- 4)
            guard value.isFinite else { continue }
            let text = JSONNumber.text(value)
            try #require(Self.parts(text) == Self.parts(value.description), "seed \(seed): \(value.description) → \(text)")
        }
    }

    /// The digits without zeros at both ends, and the place of the decimal point among them.
    private static func parts(_ text: String) -> [String] {
        let halves = text.split(separator: "e")
        let mantissa = halves[0].drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false)
        let digits = mantissa.joined()
        let leading = digits.prefix { $0 == "0" }.count
        var significant = String(digits.dropFirst(leading))
        while significant.hasSuffix("0") { significant.removeLast() }
        let exponent = halves.count > 1 ? Int(halves[1]) ?? 0 : 0
        let point = significant.isEmpty ? 0 : mantissa[0].count - leading + exponent
        return [text.hasPrefix("-") ? "-" : "", significant, String(point)]
    }
}
