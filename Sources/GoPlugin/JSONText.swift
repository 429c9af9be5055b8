/// The inside of a JSON string.
enum JSONText {
    /// Marks a cut; itself at most this many bytes.
    private static let markReserve = 40

    /// Appends `text` with everything escaped that is not printable, in at most `limit` bytes; a longer text is cut between characters
    /// and ends in "… (N bytes cut)". Nothing is appended when not even the mark fits.
    static func append(_ text: String, to output: inout [UInt8], limit: Int) {
        let start = output.count
        // Where the text can still be cut so that the mark fits: bytes of output, and bytes of text so far.
        var cut = (output: start, text: 0)
        var consumed = 0
        for scalar in text.unicodeScalars {
            appendEscaped(scalar, to: &output)
            consumed += UTF8.width(scalar)
            if output.count - start <= limit - markReserve { cut = (output.count, consumed) }
            if output.count - start > limit {
                output.removeSubrange(cut.output...)
                let mark = "… (\(text.utf8.count - cut.text) bytes cut)"
                if limit >= markReserve { output += Array(mark.utf8) }
                return
            }
        }
    }

    private static func appendEscaped(_ scalar: Unicode.Scalar, to output: inout [UInt8]) {
        switch scalar.value {
        case 0x22, 0x5C:
            output.append(UInt8(ascii: "\\"))
            output.append(UInt8(truncatingIfNeeded: scalar.value))
        case 0x20..<0x7F:
            output.append(UInt8(truncatingIfNeeded: scalar.value))
        case 0x0A:
            output += "\\n".utf8
        case 0x09:
            output += "\\t".utf8
        case 0..<0x20, 0x7F...0x9F, 0x2028...0x2029:
            output += "\\u".utf8
            for shift: UInt32 in [12, 8, 4, 0] { output.append(hexadecimal(scalar.value >> shift & 15)) }
        default:
            if let encoded = UTF8.encode(scalar) { output += encoded }
        }
    }

    private static func hexadecimal(_ digit: UInt32) -> UInt8 {
        UInt8(truncatingIfNeeded: digit < 10 ? 0x30 + digit : 0x61 - 10 + digit)
    }
}
