/// Standard base64 with padding (RFC 4648, section 4).
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        let count = bytes.count
        output.reserveCapacity(output.count + (count + 2) / 3 * 4)
        var position = 0
        while position < count {
            let first = bytes[position]
            let second = position + 1 < count ? bytes[position + 1] : 0
            let third = position + 2 < count ? bytes[position + 2] : 0
            output.append(alphabet[Int(first >> 2)])
            output.append(alphabet[Int((first & 3) << 4 | second >> 4)])
            output.append(position + 1 < count ? alphabet[Int((second & 15) << 2 | third >> 6)] : UInt8(ascii: "="))
            output.append(position + 2 < count ? alphabet[Int(third & 63)] : UInt8(ascii: "="))
            position += 3
        }
    }
}
