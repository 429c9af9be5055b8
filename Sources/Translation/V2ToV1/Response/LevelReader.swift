/// Reads the header of a field where the bytes at hand may end before the field does, and the field before its message does.
///
/// What the bytes at hand do not show yet is no fault: then nil is returned, and the caller waits for more. A fault is what no further byte can mend.
struct LevelReader {
    /// Ends with the bytes at hand, or with the message where that is earlier.
    var reader: WireReader
    private let start: Int
    /// Bytes of the message behind the bytes at hand.
    private let outstanding: Int

    /// - Parameter levelEnd: offset behind the message that the reader stands in.
    init(_ reader: WireReader, levelEnd: Int) {
        let end = min(reader.end, levelEnd - reader.origin)
        self.reader = WireReader(base: reader.base, origin: reader.origin, position: reader.position, end: end)
        start = reader.position
        outstanding = levelEnd - reader.origin - end
    }

    /// The size that the field has at least, when the header goes on behind the bytes at hand.
    var needsOneMore: Int { reader.end - start + 1 }

    /// The size of the field, when `length` bytes follow the header.
    func needs(_ length: Int) -> Int { reader.position - start + length }

    mutating func tag() throws(WireError) -> WireTag? {
        do throws(WireError) {
            return try reader.tag()
        } catch {
            return try unlessOutstanding(error)
        }
    }

    /// The length of a value, which lies within the message.
    mutating func length() throws(WireError) -> Int? {
        let offset = reader.offset
        do throws(WireError) {
            let length = try reader.varint()
            guard length <= UInt64(reader.remaining + outstanding) else {
                throw WireError(code: .lengthBeyondMessage, offset: offset)
            }
            return Int(length)
        } catch {
            return try unlessOutstanding(error)
        }
    }

    /// The place of a value, and moves behind it; nil when it is not there as a whole.
    mutating func value(_ length: Int) -> Range<Int>? {
        guard length <= reader.remaining else { return nil }
        defer { reader.position += length }
        return reader.position..<reader.position + length
    }

    mutating func skipVarint() throws(WireError) -> Bool {
        do throws(WireError) {
            _ = try reader.varint()
            return true
        } catch {
            return try unlessOutstanding(error) ?? false
        }
    }

    mutating func skipFixed(_ size: Int) throws(WireError) -> Bool {
        if value(size) != nil { return true }
        guard size <= reader.remaining + outstanding else { throw WireError(code: .truncatedFixed, offset: reader.offset) }
        return false
    }

    private func unlessOutstanding<Value>(_ error: WireError) throws(WireError) -> Value? {
        guard error.code == .truncatedVarint, outstanding > 0 else { throw error }
        return nil
    }
}
