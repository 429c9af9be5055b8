/// One JSON document as bytes, known to be valid, compact and UTF-8. Numbers keep their digits: nothing is rounded.
package struct JSONText: Sendable, Hashable {
    package let bytes: [UInt8]

    /// The caller knows that `bytes` is one compact JSON value in UTF-8.
    init(known bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Checks a document that came off a wire, drops white space between its tokens and repairs its UTF-8.
    /// - Throws: ``FrameError`` (`malformedJSON`) with the place.
    package init(validating document: [UInt8]) throws(FrameError) {
        self.bytes = try withBytes(of: document) { raw throws(FrameError) in
            var scanner = JSONScanner(raw)
            let range = try scanner.skipValue()
            try scanner.expectEnd()
            return Self.compacted(UnsafeRawBufferPointer(rebasing: raw[range]))
        }
    }

    package init(string: String) {
        var writer = JSONWriter()
        writer.string(string)
        bytes = writer.bytes
    }

    package init(integer: Int64) {
        var writer = JSONWriter()
        writer.integer(integer)
        bytes = writer.bytes
    }

    package init(object members: [JSONMember]) {
        var writer = JSONWriter()
        writer.object(members)
        bytes = writer.bytes
    }

    package init(array elements: [JSONText]) {
        var writer = JSONWriter()
        writer.byte(UInt8(ascii: "["))
        var first = true
        for element in elements {
            writer.separator(&first)
            writer.raw(element)
        }
        writer.byte(UInt8(ascii: "]"))
        bytes = writer.bytes
    }

    package static let null = JSONText(known: Array("null".utf8))

    // MARK: Looking inside

    package var isNull: Bool { bytes.first == UInt8(ascii: "n") }

    /// The text of a JSON string; `nil` for other kinds.
    package var string: String? {
        scan { scanner throws(FrameError) in scanner.peek() == UInt8(ascii: "\"") ? try scanner.string() : nil }
    }

    /// The value of a JSON integer that fits 64 bits; `nil` for other kinds, fractions and exponents.
    package var integer: Int64? {
        scan { scanner throws(FrameError) in try scanner.integer(as: Int64.self) }
    }

    /// The members of an object in their order, with repeated keys; `nil` for other kinds.
    package var members: [JSONMember]? {
        scan { scanner throws(FrameError) in
            guard scanner.peek() == UInt8(ascii: "{") else { return nil }
            return try scanner.members()
        }
    }

    /// The elements of an array; `nil` for other kinds.
    package var elements: [JSONText]? {
        scan { scanner throws(FrameError) in
            guard scanner.peek() == UInt8(ascii: "[") else { return nil }
            try scanner.beginArray()
            var result: [JSONText] = []
            var first = true
            while try scanner.nextElement(&first) { result.append(try scanner.value()) }
            return result
        }
    }

    /// The member of an object with this key; of several the last, as in Go. `nil` when there is none.
    package subscript(key: String) -> JSONText? {
        members?.last { $0.key.hasSameBytes(as: key) }?.value
    }

    private func scan<Result>(_ body: (inout JSONScanner) throws(FrameError) -> Result?) -> Result? {
        bytes.withUnsafeBytes { raw in
            var scanner = JSONScanner(raw)
            do { return try body(&scanner) } catch { return nil }
        }
    }

    /// Whether bytes are one JSON document.
    static func isDocument(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var scanner = JSONScanner(bytes)
        do {
            _ = try scanner.skipValue()
            try scanner.expectEnd()
            return true
        } catch {
            return false
        }
    }

    /// A valid document without the white space between its tokens.
    static func compacted(_ document: UnsafeRawBufferPointer) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(document.count)
        var inString = false
        var escaped = false
        for byte in document {
            if inString {
                if escaped {
                    escaped = false
                } else if byte == UInt8(ascii: "\\") {
                    escaped = true
                } else if byte == UInt8(ascii: "\"") {
                    inString = false
                }
            } else if byte <= 0x20 {
                continue
            } else if byte == UInt8(ascii: "\"") {
                inString = true
            }
            result.append(byte)
        }
        return result.withUnsafeBytes { UTF8Repair.isValid($0) ? nil : UTF8Repair.repaired($0) } ?? result
    }
}

extension JSONText: CustomStringConvertible {
    package var description: String { String(decoding: bytes, as: UTF8.self) }
}

/// A member of a JSON object. Keys compare by their bytes.
package struct JSONMember: Sendable, Equatable {
    package let key: String
    package let value: JSONText

    package init(key: String, value: JSONText) {
        self.key = key
        self.value = value
    }

    package static func == (lhs: JSONMember, rhs: JSONMember) -> Bool {
        lhs.key.hasSameBytes(as: rhs.key) && lhs.value == rhs.value
    }
}

extension JSONScanner {
    /// A value of any kind, as text.
    mutating func value() throws(FrameError) -> JSONText {
        let range = try skipValue()
        return JSONText(known: JSONText.compacted(UnsafeRawBufferPointer(rebasing: bytes[range])))
    }

    /// An object's members, in order, with repeated keys.
    mutating func members() throws(FrameError) -> [JSONMember] {
        try beginObject()
        var result: [JSONMember] = []
        var first = true
        while let key = try nextKey(&first) { result.append(JSONMember(key: key, value: try value())) }
        return result
    }
}

extension JSONWriter {
    mutating func object(_ members: [JSONMember]) {
        byte(UInt8(ascii: "{"))
        var first = true
        for member in members {
            separator(&first)
            string(member.key)
            byte(UInt8(ascii: ":"))
            raw(member.value)
        }
        byte(UInt8(ascii: "}"))
    }
}

/// Lends the bytes of an array, with the typed error of the body.
func withBytes<Result>(
    of array: [UInt8], _ body: (UnsafeRawBufferPointer) throws(FrameError) -> Result
) throws(FrameError) -> Result {
    let outcome: Swift.Result<Result, FrameError> = array.withUnsafeBytes { raw in
        do throws(FrameError) { return .success(try body(raw)) } catch { return .failure(error) }
    }
    return try outcome.get()
}
