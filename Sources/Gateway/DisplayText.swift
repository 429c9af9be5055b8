/// Text from outside, made fit for a terminal, a log line or an error: one line, bounded, no control characters.
package enum DisplayText {
    package static func plain(_ text: String, limit: Int = 200) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(limit) {
            let hidden =
                scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) || scalar.properties.generalCategory == .format
            result.append(hidden ? "\u{FFFD}" : scalar)
        }
        if text.unicodeScalars.count > limit { result.append("…") }
        return String(result)
    }

    package static func quoted(_ text: String) -> String { "\"\(plain(text))\"" }
}
