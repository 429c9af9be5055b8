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
        guard Self.endOfPlainRun(text, from: 0) < text.count else { return quoted(text) }
        byte(UInt8(ascii: "\""))
        var position = 0
        while position < text.count {
            // So much at a time that there is room for it even if every byte becomes six, as control characters do.
            let end = min(text.count, position + 256)
            bytes.append(addingCapacity: 6 * (end - position) + 4) { output in
                output.withUnsafeMutableBufferPointer { memory, count in
                    guard let base = memory.baseAddress else { return }
                    count += Self.writeEscaped(text, &position, end, to: base + count)
                }
            }
        }
        byte(UInt8(ascii: "\""))
    }

    /// Writes text from `position` to `end`, or up to three bytes further where a character goes on there, and gives the length.
    private static func writeEscaped(
        _ text: UnsafeRawBufferPointer, _ position: inout Int, _ end: Int, to out: UnsafeMutablePointer<UInt8>
    ) -> Int {
        let part = UnsafeRawBufferPointer(rebasing: text[..<end])
        var length = 0
        while position < end {
            var next = endOfPlainRun(part, from: position)
            if next == position { next += UTF8Repair.multiByteLength(text, at: position) }
            if next == position {
                length += escape(text[position], to: out + length)
                position += 1
            } else {
                let run = UnsafeRawBufferPointer(rebasing: text[position..<next])
                UnsafeMutableRawBufferPointer(start: out + length, count: run.count).copyMemory(from: run)
                length += run.count
                position = next
            }
        }
        return length
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

    /// Writes what stands for a byte that cannot stand for itself, and gives the length: at most six bytes.
    private static func escape(_ byte: UInt8, to out: UnsafeMutablePointer<UInt8>) -> Int {
        func write(_ text: StaticString) -> Int {
            UnsafeMutableRawPointer(out).copyMemory(from: text.utf8Start, byteCount: text.utf8CodeUnitCount)
            return text.utf8CodeUnitCount
        }
        switch byte {
        case UInt8(ascii: "\""): return write("\\\"")
        case UInt8(ascii: "\\"): return write("\\\\")
        case 0x0A: return write("\\n")
        case 0x0D: return write("\\r")
        case 0x09: return write("\\t")
        case 0..<0x20:
            let low = byte & 0xF
            let length = write("\\u00")
            out[length] = byte < 0x10 ? 0x30 : 0x31
            out[length + 1] = low < 10 ? 0x30 + low : 0x61 + low - 10
            return length + 2
        default: return write("\u{FFFD}")
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
