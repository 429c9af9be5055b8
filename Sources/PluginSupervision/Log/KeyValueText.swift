/// `key=value key="quoted value"`, as hclog's text and logfmt write fields.
enum KeyValueText {
    /// The pairs, when `text` is nothing but pairs, at least one and at most as many as a record keeps.
    static func pairs(_ text: Substring) -> [LogField]? {
        var rest = text.utf8[...]
        var fields: [LogField] = []
        while true {
            rest = rest.drop { $0 == 0x20 }
            guard !rest.isEmpty else { return fields.isEmpty ? nil : fields }
            guard fields.count < LogField.maximumCount,
                let end = rest.firstIndex(where: { $0 == UInt8(ascii: "=") || $0 == 0x20 }),
                rest[end] == UInt8(ascii: "="), end > rest.startIndex, rest[..<end].allSatisfy(isKey)
            else { return nil }
            let key = String(decoding: rest[..<end], as: UTF8.self)
            rest = rest[rest.index(after: end)...]
            guard let value = value(&rest) else { return nil }
            fields.append(LogField(key: key, value: value))
        }
    }

    private static func isKey(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "{") && byte != UInt8(ascii: "[") && byte != 0x7F
    }

    private static func value(_ rest: inout Substring.UTF8View) -> String? {
        guard rest.first == UInt8(ascii: "\"") else {
            let end = rest.firstIndex(of: 0x20) ?? rest.endIndex
            defer { rest = rest[end...] }
            return String(decoding: rest[..<end], as: UTF8.self)
        }
        var inner: [UInt8] = []
        var position = rest.index(after: rest.startIndex)
        while position < rest.endIndex {
            let byte = rest[position]
            position = rest.index(after: position)
            switch byte {
            case UInt8(ascii: "\""):
                rest = rest[position...]
                guard rest.isEmpty || rest.first == 0x20 else { return nil }
                let decoded = JSONEscapes.decoded(inner[...]) ?? inner
                return LogText.sanitised(decoded, keepingLines: true)
            case UInt8(ascii: "\\"):
                inner.append(byte)
                guard position < rest.endIndex else { return nil }
                inner.append(rest[position])
                position = rest.index(after: position)
            default: inner.append(byte)
            }
        }
        return nil
    }
}
