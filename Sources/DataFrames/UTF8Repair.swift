/// UTF-8 as it comes off a wire: checked quickly, repaired the way Go does it.
enum UTF8Repair {
    static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var position = 0
        while position < bytes.count {
            let length = sequenceLength(bytes, at: &position)
            if length == 0 { return position >= bytes.count }
            position += length
        }
        return true
    }

    /// The bytes as UTF-8, repaired where they are not.
    static func text(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        isValid(bytes) ? Array(bytes) : repaired(bytes)
    }

    /// Every byte that is not part of a well-formed sequence becomes one U+FFFD.
    static func repaired(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + 16)
        var position = 0
        while position < bytes.count {
            let start = position
            let length = sequenceLength(bytes, at: &position)
            result.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[start..<position + length]))
            position += length
            if length == 0, position < bytes.count {
                result.append(contentsOf: [0xEF, 0xBF, 0xBD])
                position += 1
            }
        }
        return result
    }

    /// Skips ASCII from `position` on, then gives the length of the multi-byte sequence it stands at: 0 when there is
    /// none (the end, or a byte that begins no well-formed sequence).
    static func sequenceLength(_ bytes: UnsafeRawBufferPointer, at position: inout Int) -> Int {
        while position + 8 <= bytes.count,
            bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
        {
            position += 8
        }
        while position < bytes.count, bytes[position] < 0x80 { position += 1 }
        return multiByteLength(bytes, at: position)
    }

    /// The length (2–4) of the well-formed multi-byte sequence at `position`, 0 if there is none. Unicode, table 3-7.
    static func multiByteLength(_ bytes: UnsafeRawBufferPointer, at position: Int) -> Int {
        guard position < bytes.count else { return 0 }
        let first = bytes[position]
        let length: Int
        var secondRange: ClosedRange<UInt8> = 0x80...0xBF
        switch first {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, secondRange) = (3, 0xA0...0xBF)
        case 0xED: (length, secondRange) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, secondRange) = (4, 0x90...0xBF)
        case 0xF4: (length, secondRange) = (4, 0x80...0x8F)
        case 0xF1...0xF3: length = 4
        default: return 0
        }
        guard position + length <= bytes.count, secondRange.contains(bytes[position + 1]) else { return 0 }
        for index in 2..<max(2, length) where bytes[position + index] & 0xC0 != 0x80 { return 0 }
        return length
    }
}
