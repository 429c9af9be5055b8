/// Moves over JSON values (RFC 8259) without building them.
struct JSONScanner {
    let bytes: [UInt8]
    let end: Int
    var position: Int
    let maximumDepth: Int
    var finiteNumbers = false

    init(bytes: [UInt8], region: Range<Int>, maximumDepth: Int) {
        self.bytes = bytes
        position = region.lowerBound
        end = region.upperBound
        self.maximumDepth = maximumDepth
    }

    var isAtEnd: Bool { position >= end }
    var peek: UInt8? { position < end ? bytes[position] : nil }

    func fault(_ reason: JSONFault.Reason = .notJSON) -> JSONFault {
        JSONFault(reason: reason, offset: position)
    }

    mutating func consume(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        position += 1
        return true
    }

    mutating func skipWhiteSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
    }

    /// A member's key and its colon; returns the key with its quotes.
    mutating func key() throws(JSONFault) -> Range<Int> {
        let start = position
        try string()
        let key = start..<position
        skipWhiteSpace()
        guard consume(UInt8(ascii: ":")) else { throw fault() }
        return key
    }

    /// One value, without white space around it.
    mutating func element(depth: Int) throws(JSONFault) -> Range<Int> {
        skipWhiteSpace()
        let start = position
        try value(depth: depth)
        return start..<position
    }

    /// Moves behind one value that is nested in `depth` containers.
    mutating func value(depth: Int) throws(JSONFault) {
        var open: [UInt8] = []
        while true {
            skipWhiteSpace()
            guard let byte = peek else { throw fault() }
            var opened = false
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard depth + open.count < maximumDepth else { throw fault(.nestedTooDeep) }
                position += 1
                skipWhiteSpace()
                if !consume(byte + 2) {  // '}' and ']' follow their openers at a distance of two
                    open.append(byte)
                    opened = true
                    if byte == UInt8(ascii: "{") { _ = try key() }
                }
            case UInt8(ascii: "\""): try string()
            case UInt8(ascii: "t"): try literal("true")
            case UInt8(ascii: "f"): try literal("false")
            case UInt8(ascii: "n"): try literal("null")
            default: try number()
            }
            if opened { continue }
            guard try closeContainers(&open) else { return }
        }
    }

    /// After a value: closes what ends here. Returns false when nothing is open any more, true when another value must follow.
    private mutating func closeContainers(_ open: inout [UInt8]) throws(JSONFault) -> Bool {
        while let innermost = open.last {
            skipWhiteSpace()
            if consume(UInt8(ascii: ",")) {
                if innermost == UInt8(ascii: "{") {
                    skipWhiteSpace()
                    _ = try key()
                }
                return true
            }
            guard consume(innermost + 2) else { throw fault() }
            open.removeLast()
        }
        return false
    }

    private mutating func literal(_ text: StaticString) throws(JSONFault) {
        let matches = text.withUTF8Buffer { expected in
            end - position >= expected.count && bytes[position..<position + expected.count].elementsEqual(expected)
        }
        guard matches else { throw fault() }
        position += text.utf8CodeUnitCount
    }

    mutating func string() throws(JSONFault) {
        guard consume(UInt8(ascii: "\"")) else { throw fault() }
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return
            case 0..<0x20:
                position -= 1
                throw fault()
            case UInt8(ascii: "\\"): try escape()
            default: continue
            }
        }
        throw fault()
    }

    private mutating func escape() throws(JSONFault) {
        guard let kind = peek else { throw fault() }
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 1
        case UInt8(ascii: "u"):
            position += 1
            guard end - position >= 4, bytes[position..<position + 4].allSatisfy({ JSONString.hexDigit($0) != nil }) else {
                throw fault()
            }
            position += 4
        default:
            throw fault()
        }
    }

    private mutating func digits() -> Int {
        let start = position
        while let byte = peek, byte >= 0x30, byte <= 0x39 { position += 1 }
        return position - start
    }

    private mutating func number() throws(JSONFault) {
        let start = position
        var exponent = false
        _ = consume(UInt8(ascii: "-"))
        let leadingZero = peek == UInt8(ascii: "0")
        let whole = digits()
        guard whole > 0, !leadingZero || whole == 1 else { throw fault() }
        if consume(UInt8(ascii: ".")), digits() == 0 { throw fault() }
        if consume(UInt8(ascii: "e")) || consume(UInt8(ascii: "E")) {
            exponent = true
            if !consume(UInt8(ascii: "-")) { _ = consume(UInt8(ascii: "+")) }
            if digits() == 0 { throw fault() }
        }
        if finiteNumbers, exponent || whole > 300 {
            let text = String(decoding: bytes[start..<position], as: UTF8.self)
            guard let value = Double(text), value.isFinite else { throw fault(.numberOutOfRange) }
        }
    }
}
