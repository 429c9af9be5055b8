extension UnsafeRawBufferPointer {
    /// Whether the bytes are well-formed UTF-8 (no surrogates, no overlong forms).
    var isValidUTF8: Bool {
        isASCII || firstInvalidUTF8(from: 0) == nil
    }

    /// Mostly true in practice, and quick to find out.
    @inline(__always)
    private var isASCII: Bool {
        guard count >= 8 else {
            var all: UInt8 = 0
            for byte in self { all |= byte }
            return all < 0x80
        }
        var all: UInt64 = 0
        var position = 0
        while position &+ 8 < count {
            all |= loadUnaligned(fromByteOffset: position, as: UInt64.self)
            position &+= 8
        }
        // The last eight, some of them for the second time.
        all |= loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
        return all & 0x8080_8080_8080_8080 == 0
    }

    /// The bytes with one U+FFFD in the place of every byte that is not part of a well-formed sequence, as Go shows them.
    func repairedUTF8() -> [UInt8] {
        var repaired: [UInt8] = []
        repaired.reserveCapacity(count + 16)
        var position = 0
        while let invalid = firstInvalidUTF8(from: position) {
            repaired.append(contentsOf: UnsafeRawBufferPointer(rebasing: self[position..<invalid.lowerBound]))
            for _ in invalid { repaired.append(contentsOf: [0xef, 0xbf, 0xbd]) }
            position = invalid.upperBound
        }
        repaired.append(contentsOf: UnsafeRawBufferPointer(rebasing: self[position...]))
        return repaired
    }

    /// The first bytes at or behind `start` that are not UTF-8; `start` must be the start of a character.
    private func firstInvalidUTF8(from start: Int) -> Range<Int>? {
        var position = start
        // Mostly ASCII in practice: eight bytes at a time.
        while position &+ 8 <= count, loadUnaligned(fromByteOffset: position, as: UInt64.self) & 0x8080_8080_8080_8080 == 0 {
            position &+= 8
        }
        guard position < count else { return nil }
        let rest = UnsafeBufferPointer(rebasing: bindMemory(to: UInt8.self)[position...])
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: rest.span)
            return nil
        } catch {
            return position + error.byteOffsets.lowerBound..<position + error.byteOffsets.upperBound
        }
    }
}
