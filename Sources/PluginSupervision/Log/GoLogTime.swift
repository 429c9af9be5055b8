/// The time that Go's log package puts in front of a line: `2024/05/06 07:08:09 `, with or without microseconds.
enum GoLogTime {
    private static let pattern = Array("0000/00/00 00:00:00".utf8)

    /// The line without it: it is local time without a zone, which says less than the time of arrival.
    static func stripped(_ text: Substring) -> Substring {
        let bytes = Array(text.utf8.prefix(pattern.count))
        let matches =
            bytes.count == pattern.count
            && zip(bytes, pattern).allSatisfy { byte, model in
                model == UInt8(ascii: "0") ? (0x30...0x39).contains(byte) : byte == model
            }
        guard matches else { return text }
        return text.dropFirst(pattern.count).drop { $0 == "." || $0.isNumber }.drop { $0 == " " }
    }
}
