/// The trailing metadata that names the losses of a call, for tools: `path:cause:count`, joined by commas, in the order of first sight.
///
/// Printable ASCII: bytes other than letters, digits and `.` `_` `-` `#` are percent-encoded. Behind ``maximumEntries`` entries or
/// ``maximumBytes`` bytes the rest is counted as one last entry `more:omitted:N`, where N is a number of entries.
package enum LossTrailer {
    package static let name = "plugin-gateway-loss"
    package static let maximumEntries = 64
    /// Some hosts take no more than 8 KiB of trailing metadata, of which a status' message may need the half.
    package static let maximumBytes = 3072

    /// Nil when nothing was lost.
    package static func value(_ losses: [Loss]) -> String? {
        guard !losses.isEmpty else { return nil }
        var text = ""
        for (place, loss) in losses.enumerated() {
            let entry = "\(encoded(loss.path.name)):\(encoded(loss.cause.rawValue)):\(loss.count)"
            // Room for the comma and the last entry.
            guard place < maximumEntries, text.utf8.count + entry.utf8.count <= maximumBytes - 32 else {
                return text + (text.isEmpty ? "" : ",") + "more:omitted:\(losses.count - place)"
            }
            text += (text.isEmpty ? "" : ",") + entry
        }
        return text
    }

    private static func encoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "#"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                encoded += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return encoded
    }
}
