extension JSONScanner {
    /// An integer that fits `Value`. Fractions and exponents are refused, even where they would come out whole.
    mutating func integer<Value: FixedWidthInteger>(as type: Value.Type = Value.self) throws(FrameError) -> Value {
        let start = position
        let number = try number()
        guard number.isInteger else { throw malformed("expected an integer", at: start) }
        let isNegative = number.text[0] == UInt8(ascii: "-")
        var value: Value = 0
        for index in (isNegative ? 1 : 0)..<number.text.count {
            let digit = Value(truncatingIfNeeded: number.text[index] &- 0x30)
            let scaled = value.multipliedReportingOverflow(by: 10)
            let next =
                isNegative
                ? scaled.partialValue.subtractingReportingOverflow(digit) : scaled.partialValue.addingReportingOverflow(digit)
            guard !scaled.overflow, !next.overflow else { throw malformed("an integer does not fit \(Value.self)", at: start) }
            value = next.partialValue
        }
        return value
    }

    /// The double nearest to a number. Numbers beyond the largest double are refused, as in Go.
    mutating func double() throws(FrameError) -> Double {
        let start = position
        let number = try number()
        if let exact = Self.shortDecimal(number.text) { return exact }
        guard let value = Double(String(decoding: number.text, as: UTF8.self)), value.isFinite else {
            throw malformed("a number does not fit a 64-bit float", at: start)
        }
        return value
    }

    mutating func float() throws(FrameError) -> Float {
        let start = position
        let number = try number()
        guard let value = Float(String(decoding: number.text, as: UTF8.self)), value.isFinite else {
            throw malformed("a number does not fit a 32-bit float", at: start)
        }
        return value
    }

    /// Up to 15 digits and no exponent: digits and power of ten are exact doubles, so one division rounds correctly.
    private static func shortDecimal(_ text: UnsafeRawBufferPointer) -> Double? {
        guard text.count <= 17 else { return nil }
        var digits: Int64 = 0
        var digitCount = 0
        var decimals = 0
        var isFraction = false
        let isNegative = text[0] == UInt8(ascii: "-")
        for index in (isNegative ? 1 : 0)..<text.count {
            let byte = text[index]
            if byte == UInt8(ascii: ".") {
                isFraction = true
            } else if byte &- 0x30 <= 9 {
                digits = digits * 10 + Int64(byte &- 0x30)
                digitCount += 1
                if isFraction { decimals += 1 }
            } else {
                return nil
            }
        }
        guard digitCount <= 15, decimals < JSONNumber.exactPowersOfTen.count else { return nil }
        let magnitude = Double(digits) / JSONNumber.exactPowersOfTen[decimals]
        return isNegative ? -magnitude : magnitude
    }
}
