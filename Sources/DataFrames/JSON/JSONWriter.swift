/// Appends compact JSON to a byte array.
struct JSONWriter {
    var bytes: [UInt8] = []

    mutating func raw(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func raw(_ text: JSONText) {
        bytes.append(contentsOf: text.bytes)
    }

    mutating func byte(_ byte: UInt8) {
        bytes.append(byte)
    }

    mutating func comma() { bytes.append(UInt8(ascii: ",")) }

    /// Writes a comma unless `first`, which it clears.
    mutating func separator(_ first: inout Bool) {
        if first { first = false } else { comma() }
    }

    mutating func string(_ text: String) {
        var text = text
        text.withUTF8 { string(UnsafeRawBufferPointer($0)) }
    }

    mutating func integer(_ value: some FixedWidthInteger) {
        bytes.append(addingCapacity: JSONNumber.maximumLength) { output in
            output.withUnsafeMutableBufferPointer { memory, count in
                guard let base = memory.baseAddress else { return }
                count += JSONNumber.write(value, to: base + count)
            }
        }
    }

    /// A quoted string. Quotes, backslashes and control characters are escaped, bytes that are not UTF-8 become U+FFFD,
    /// everything else (also U+2028, which JSON allows) is written as it is.
    mutating func string(_ text: UnsafeRawBufferPointer) {
        var position = Self.endOfPlainRun(text, from: 0)
        if position == text.count { return quoted(text) }
        byte(UInt8(ascii: "\""))
        var start = 0
        while true {
            position = Self.endOfPlainRun(text, from: position)
            guard position < text.count else { break }
            let length = UTF8Repair.multiByteLength(text, at: position)
            if length > 0 {
                position += length
                continue
            }
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: text[start..<position]))
            escape(text[position])
            position += 1
            start = position
        }
        bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: text[start...]))
        byte(UInt8(ascii: "\""))
    }

    private mutating func quoted(_ plain: UnsafeRawBufferPointer) {
        bytes.append(addingCapacity: plain.count + 2) { output in
            output.withUnsafeMutableBufferPointer { memory, count in
                guard let base = memory.baseAddress else { return }
                base[count] = UInt8(ascii: "\"")
                if let source = plain.baseAddress {
                    UnsafeMutableRawPointer(base + count + 1).copyMemory(from: source, byteCount: plain.count)
                }
                base[count + 1 + plain.count] = UInt8(ascii: "\"")
                count += plain.count + 2
            }
        }
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): raw("\\\"")
        case UInt8(ascii: "\\"): raw("\\\\")
        case 0x0A: raw("\\n")
        case 0x0D: raw("\\r")
        case 0x09: raw("\\t")
        case 0..<0x20:
            raw("\\u00")
            bytes.append(byte < 0x10 ? 0x30 : 0x31)
            let low = byte & 0xF
            bytes.append(low < 10 ? 0x30 + low : 0x61 + low - 10)
        default: raw("\u{FFFD}")
        }
    }

    /// The next byte that is not plain ASCII (escapes, bytes ≥ 0x80), or the end.
    private static func endOfPlainRun(_ text: UnsafeRawBufferPointer, from start: Int) -> Int {
        var position = start
        while position + 8 <= text.count {
            let word = text.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            // A lane's high bit is set when it is below 0x20, a quote, a backslash, or not ASCII. A false alarm in a lane
            // behind a true one is possible and harmless: the bytes are looked at one by one below.
            let control = word &- 0x2020_2020_2020_2020
            let quote = (word ^ 0x2222_2222_2222_2222) &- 0x0101_0101_0101_0101
            let backslash = (word ^ 0x5C5C_5C5C_5C5C_5C5C) &- 0x0101_0101_0101_0101
            if (word | control | quote | backslash) & 0x8080_8080_8080_8080 != 0 { break }
            position += 8
        }
        while position < text.count {
            let byte = text[position]
            if byte < 0x20 || byte >= 0x80 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
            position += 1
        }
        return position
    }
}
