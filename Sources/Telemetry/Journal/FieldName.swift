/// The rule for names of journal fields.
///
/// journald accepts A–Z, 0–9 and the underscore, no digit or underscore in front, at most 64 characters. It drops any other name
/// without an error, so names are checked here.
package enum FieldName {
    package static let maximumLength = 64
    /// In front of every field of our own.
    package static let prefix = "PLUGIN_GATEWAY_"

    package static func isValid(_ name: String) -> Bool {
        let bytes = name.utf8
        guard let first = bytes.first, bytes.count <= maximumLength, isUpper(first) else { return false }
        return bytes.allSatisfy { isUpper($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
    }

    /// A valid field name for a metadata key such as `plugin`, `request-id` or `loopLag`: `PLUGIN_GATEWAY_LOOP_LAG`.
    ///
    /// A key that has the prefix already and is valid stays as it is.
    package static func forKey(_ key: String) -> String {
        if key.hasPrefix(prefix), isValid(key) { return key }
        return prefix + sanitised(key, limit: maximumLength - prefix.utf8.count)
    }

    /// `text` in upper case with an underscore for every run of other characters and between the words of camelCase.
    static func sanitised(_ text: String, limit: Int) -> String {
        var result: [UInt8] = []
        var lastWasLower = false
        for byte in text.utf8 {
            if result.count >= limit { break }
            if isUpper(byte), lastWasLower, result.count + 1 < limit { result.append(UInt8(ascii: "_")) }
            lastWasLower = isLower(byte) || isDigit(byte)
            if isLower(byte) {
                result.append(byte - 32)
            } else if isUpper(byte) || isDigit(byte) {
                result.append(byte)
            } else if result.last != UInt8(ascii: "_"), !result.isEmpty {
                result.append(UInt8(ascii: "_"))
            }
        }
        while result.last == UInt8(ascii: "_") { result.removeLast() }
        return result.isEmpty ? "FIELD" : String(decoding: result, as: UTF8.self)
    }

    private static func isUpper(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
    private static func isLower(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
