/// Takes the shortest digits of a float straight from the standard library into memory, without a `String` in between, and
/// brings them into JSON's form.
struct DigitSink: TextOutputStream {
    private let out: UnsafeMutablePointer<UInt8>
    private(set) var count = 0

    /// `out` must have room for ``JSONNumber/maximumLength`` bytes.
    init(_ out: UnsafeMutablePointer<UInt8>) {
        self.out = out
    }

    mutating func write(_ string: String) {
        var string = string
        string.withUTF8 { _writeASCII($0) }
    }

    // The standard library hands digits over through this entry when a stream has it; without it `write` is called.
    mutating func _writeASCII(_ buffer: UnsafeBufferPointer<UInt8>) {
        guard let base = buffer.baseAddress, buffer.count <= JSONNumber.maximumLength - count else { return }
        UnsafeMutableRawPointer(out + count).copyMemory(from: base, byteCount: buffer.count)
        count += buffer.count
    }

    /// Swift writes `1e-07`, `1e+16` and `12.0` where JSON's form is `1e-7`, `10000000000000000` and `12`. Gives the new length.
    func fixExponent() -> Int {
        let text = InlineArray<32, UInt8> { $0 < count ? out[$0] : 0 }
        var mark = count
        for index in 0..<count where text[index] == UInt8(ascii: "e") { mark = index }
        guard mark < count else {
            return count > 2 && text[count - 1] == UInt8(ascii: "0") && text[count - 2] == UInt8(ascii: ".") ? count - 2 : count
        }
        var exponent = 0
        for index in mark + 1..<count where text[index] &- 0x30 <= 9 { exponent = exponent * 10 + Int(text[index] - 0x30) }
        let isSmall = text[mark + 1] == UInt8(ascii: "-")
        var length = 0
        func put(_ byte: UInt8) {
            out[length] = byte
            length += 1
        }
        if isSmall ? exponent >= 7 : exponent >= 21 {
            length = mark
            put(UInt8(ascii: "e"))
            put(isSmall ? UInt8(ascii: "-") : UInt8(ascii: "+"))
            return length + JSONNumber.write(exponent, to: out + length)
        }
        let firstDigit = text[0] == UInt8(ascii: "-") ? 1 : 0
        length = firstDigit
        if isSmall {
            put(UInt8(ascii: "0"))
            put(UInt8(ascii: "."))
            for _ in 1..<exponent { put(UInt8(ascii: "0")) }
        }
        var digits = 0
        for index in firstDigit..<mark where text[index] != UInt8(ascii: ".") {
            if !isSmall && digits == exponent + 1 { put(UInt8(ascii: ".")) }
            put(text[index])
            digits += 1
        }
        while !isSmall, digits <= exponent {
            put(UInt8(ascii: "0"))
            digits += 1
        }
        return length
    }
}
