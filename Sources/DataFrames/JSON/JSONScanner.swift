/// Reads JSON text front to back, strictly by RFC 8259, without recursion and without building a tree.
///
/// The caller walks the document: `beginObject` / `nextKey`, `beginArray` / `nextElement`, and a value in between.
struct JSONScanner {
    /// Deeper nesting is refused, at the depth where Go's decoder refuses it.
    static let maximumDepth = 10_000

    let bytes: UnsafeRawBufferPointer
    var position = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    func malformed(_ what: String, at offset: Int? = nil) -> FrameError {
        FrameError(
            .malformedJSON, "The text is not JSON: \(what).", remedy: "The sender of the text must write valid JSON.",
            byteOffset: offset ?? position)
    }

    // MARK: Tokens

    mutating func skipWhitespace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    /// The next byte that is not white space, without taking it; 0 at the end.
    mutating func peek() -> UInt8 {
        skipWhitespace()
        return position < bytes.count ? bytes[position] : 0
    }

    mutating func expect(_ byte: UInt8, _ what: String) throws(FrameError) {
        guard peek() == byte, position < bytes.count else { throw malformed("expected \(what)") }
        position += 1
    }

    /// After the one value of a document: only white space may follow.
    mutating func expectEnd() throws(FrameError) {
        skipWhitespace()
        guard position == bytes.count else { throw malformed("something follows its end") }
    }

    // MARK: Containers

    mutating func beginObject() throws(FrameError) { try expect(UInt8(ascii: "{"), "an object") }
    mutating func beginArray() throws(FrameError) { try expect(UInt8(ascii: "["), "an array") }

    /// Moves to the value of the next member and gives its key; `nil` after the last. `first` starts as true.
    mutating func nextKey(_ first: inout Bool) throws(FrameError) -> String? {
        guard try nextItem(&first, end: UInt8(ascii: "}")) else { return nil }
        guard peek() == UInt8(ascii: "\"") else { throw malformed("expected a key") }
        let key = try string()
        try expect(UInt8(ascii: ":"), "':'")
        return key
    }

    /// Moves to the next element; false after the last. `first` starts as true.
    mutating func nextElement(_ first: inout Bool) throws(FrameError) -> Bool {
        try nextItem(&first, end: UInt8(ascii: "]"))
    }

    private mutating func nextItem(_ first: inout Bool, end: UInt8) throws(FrameError) -> Bool {
        let byte = peek()
        if byte == end {
            position += 1
            return false
        }
        if first {
            first = false
            return true
        }
        guard byte == UInt8(ascii: ",") else { throw malformed("expected ',' or '\(Character(Unicode.Scalar(end)))'") }
        position += 1
        guard peek() != end else { throw malformed("a value must follow ','") }
        return true
    }

    // MARK: Scalars

    mutating func takeLiteral(_ literal: StaticString) -> Bool {
        skipWhitespace()
        guard bytes.count - position >= literal.utf8CodeUnitCount else { return false }
        for index in 0..<literal.utf8CodeUnitCount where bytes[position + index] != literal.utf8Start[index] { return false }
        position += literal.utf8CodeUnitCount
        return true
    }

    mutating func takeNull() -> Bool { peek() == UInt8(ascii: "n") && takeLiteral("null") }

    /// The bytes of a number, checked against the grammar. `isInteger`: no fraction and no exponent.
    mutating func number() throws(FrameError) -> (text: UnsafeRawBufferPointer, isInteger: Bool) {
        skipWhitespace()
        let start = position
        var isInteger = true
        if byteHere == UInt8(ascii: "-") { position += 1 }
        if byteHere == UInt8(ascii: "0") {
            position += 1
        } else if skipDigits() == 0 {
            throw malformed("expected a value", at: start)
        }
        if byteHere == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            guard skipDigits() > 0 else { throw malformed("a digit must follow '.'") }
        }
        if byteHere | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            position += 1
            if byteHere == UInt8(ascii: "+") || byteHere == UInt8(ascii: "-") { position += 1 }
            guard skipDigits() > 0 else { throw malformed("an exponent needs a digit") }
        }
        return (UnsafeRawBufferPointer(rebasing: bytes[start..<position]), isInteger)
    }

    var byteHere: UInt8 { position < bytes.count ? bytes[position] : 0 }

    private mutating func skipDigits() -> Int {
        let start = position
        while position < bytes.count, bytes[position] &- 0x30 <= 9 { position += 1 }
        return position - start
    }

    // MARK: Values nobody looks at

    /// Checks and skips one value of any kind and gives where it stood. The open containers are kept in an array, so
    /// nesting costs a byte a level and no stack.
    mutating func skipValue() throws(FrameError) -> Range<Int> {
        skipWhitespace()
        let start = position
        var containers: [Bool] = []  // true: object, false: array
        repeat {
            switch peek() {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                let object = byteHere == UInt8(ascii: "{")
                position += 1
                containers.append(object)
                guard containers.count <= Self.maximumDepth else {
                    throw malformed("nested deeper than \(Self.maximumDepth) levels")
                }
                if peek() == (object ? UInt8(ascii: "}") : UInt8(ascii: "]")) { break }
                if object { try skipKey() }
                continue
            case UInt8(ascii: "\""): try skipString()
            case UInt8(ascii: "t"): if !takeLiteral("true") { throw malformed("expected a value") }
            case UInt8(ascii: "f"): if !takeLiteral("false") { throw malformed("expected a value") }
            case UInt8(ascii: "n"): if !takeLiteral("null") { throw malformed("expected a value") }
            default: _ = try number()
            }
            // A value ended: close what closes, or go on to the next item of the container around it.
            while let object = containers.last {
                let end = object ? UInt8(ascii: "}") : UInt8(ascii: "]")
                let byte = peek()
                if byte == end {
                    position += 1
                    containers.removeLast()
                    continue
                }
                guard byte == UInt8(ascii: ",") else { throw malformed("expected ',' or the end of a container") }
                position += 1
                if object { try skipKey() }
                break
            }
        } while !containers.isEmpty
        return start..<position
    }

    private mutating func skipKey() throws(FrameError) {
        guard peek() == UInt8(ascii: "\"") else { throw malformed("expected a key") }
        try skipString()
        try expect(UInt8(ascii: ":"), "':'")
    }
}
