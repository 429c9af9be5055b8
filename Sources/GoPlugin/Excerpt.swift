/// A bounded quotation of bytes that a peer chose, safe for a log or a terminal.
package enum Excerpt {
    /// `bytes` in quotes: printable ASCII as it is, every other byte as `\xNN`, cut after `limit` bytes.
    package static func of(_ bytes: some Collection<UInt8>, limit: Int = 120) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = [UInt8(ascii: "\"")]
        for byte in bytes.prefix(limit) {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                text += [UInt8(ascii: "\\"), byte]
            case 0x20...0x7E:
                text.append(byte)
            default:
                text += [UInt8(ascii: "\\"), UInt8(ascii: "x"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        text.append(UInt8(ascii: "\""))
        let quoted = String(decoding: text, as: UTF8.self)
        let cut = bytes.dropFirst(limit)
        return cut.isEmpty ? quoted : "\(quoted) and \(cut.count) bytes more"
    }
}
