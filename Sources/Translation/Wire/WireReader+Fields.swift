extension WireReader {
    /// A string field. What is not UTF-8 becomes U+FFFD and is entered under `path`.
    mutating func text(_ path: LossPath, _ ledger: inout LossLedger) throws(WireError) -> WireText {
        text(try delimited(), path, &ledger)
    }

    /// The text in a range that ``delimited()`` returned.
    func text(_ range: Range<Int>, _ path: LossPath, _ ledger: inout LossLedger) -> WireText {
        var repaired = 0
        let text = WireText(decoding: bytes(range), repaired: &repaired)
        ledger.add(path, .invalidUTF8, count: repaired)
        return text
    }

    /// A bytes field.
    mutating func data() throws(WireError) -> [UInt8] {
        Array(bytes(try delimited()))
    }

    /// One entry of a `map<string, string>`; missing parts are empty.
    mutating func textEntry(_ path: LossPath, _ ledger: inout LossLedger) throws(WireError) -> (key: WireText, value: WireText) {
        var key = WireText("")
        var value = WireText("")
        while !isAtEnd {
            let tag = try tag()
            switch (tag.number, tag.type) {
            case (1, .bytes): key = try text(path, &ledger)
            case (2, .bytes): value = try text(path, &ledger)
            default: try skipUnknown(tag, in: path.name, &ledger)
            }
        }
        return (key, value)
    }

    /// Moves behind a field that the schema does not have and enters it by its number.
    mutating func skipUnknown(_ tag: WireTag, in message: String, _ ledger: inout LossLedger) throws(WireError) {
        try skip(tag)
        ledger.add(.unknown(tag.number, in: message), .unknownField)
    }
}
