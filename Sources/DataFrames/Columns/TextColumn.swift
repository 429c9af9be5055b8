/// UTF-8 text (or JSON cells) as one run of bytes with offsets. Null slots are empty.
///
/// A column holds at most 4 GiB of text. What would exceed that is dropped and ``exceededCapacity`` is set: the writers
/// then refuse the frame, so nothing is lost in silence.
@usableFromInline
package struct TextColumn: Sendable {
    /// `count + 1` offsets into ``bytes``, starting at 0 and never descending.
    @usableFromInline package internal(set) var offsets: [UInt32]
    @usableFromInline package internal(set) var bytes: [UInt8]
    @usableFromInline package internal(set) var validity: Validity
    /// Set when a value was dropped because the column was full.
    @usableFromInline package internal(set) var exceededCapacity: Bool

    package init(reserving capacity: Int = 0, bytes byteCapacity: Int = 0) {
        offsets = []
        offsets.reserveCapacity(max(0, capacity) + 1)
        offsets.append(0)
        bytes = []
        if byteCapacity > 0 { bytes.reserveCapacity(byteCapacity) }
        validity = Validity()
        exceededCapacity = false
    }

    package init(_ values: [String?]) {
        self.init(reserving: values.count)
        for value in values {
            if let value { append(value) } else { appendNull() }
        }
    }

    @inlinable package var count: Int { validity.count }

    /// The bytes of a row; empty for null and for rows that do not exist.
    @inlinable
    package func bytes(at row: Int) -> ArraySlice<UInt8> {
        guard row >= 0, row < count else { return [] }
        return bytes[Int(offsets[row])..<Int(offsets[row + 1])]
    }

    /// The text in a row; `nil` for null and for rows that do not exist. Invalid UTF-8 shows as U+FFFD.
    package subscript(row: Int) -> String? {
        validity.isValid(row) ? String(decoding: bytes(at: row), as: UTF8.self) : nil
    }

    package mutating func append(_ value: String) {
        var value = value
        value.withUTF8 { appendBytes(UnsafeRawBufferPointer($0)) }
    }

    /// Appends text that came off a wire. Bytes that are not UTF-8 become U+FFFD, one for each byte, as Go does it.
    package mutating func append(utf8 text: UnsafeRawBufferPointer) {
        if UTF8Repair.isValid(text) { appendBytes(text) } else { appendBytes(UTF8Repair.repaired(text)) }
    }

    /// See ``append(utf8:)-(UnsafeRawBufferPointer)``.
    package mutating func append(utf8 text: [UInt8]) {
        text.withUnsafeBytes { append(utf8: $0) }
    }

    package mutating func appendNull() {
        offsets.append(UInt32(truncatingIfNeeded: bytes.count))
        validity.appendNull()
    }

    /// Appends bytes as they are; the caller knows that they are UTF-8, or a JSON cell.
    package mutating func appendBytes(_ value: UnsafeRawBufferPointer) {
        if let end = UInt32(exactly: bytes.count + value.count) {
            bytes.append(contentsOf: value)
            offsets.append(end)
        } else {
            exceededCapacity = true
            offsets.append(UInt32(truncatingIfNeeded: bytes.count))
        }
        validity.appendValid()
    }

    package mutating func appendBytes(_ value: [UInt8]) {
        value.withUnsafeBytes { appendBytes($0) }
    }

    /// The parts must agree: `validity.count + 1` ascending offsets from 0 to `bytes.count`.
    init(offsets: [UInt32], bytes: [UInt8], validity: Validity) {
        self.offsets = offsets
        self.bytes = bytes
        self.validity = validity
        exceededCapacity = false
    }

    func rows(in range: Range<Int>) -> TextColumn {
        let first = offsets[range.lowerBound]
        var copy = TextColumn(
            offsets: offsets[range.lowerBound...range.upperBound].map { $0 - first },
            bytes: Array(bytes[Int(first)..<Int(offsets[range.upperBound])]),
            validity: validity.rows(in: range))
        copy.exceededCapacity = exceededCapacity
        return copy
    }

    mutating func append(_ other: TextColumn) {
        let start = UInt32(truncatingIfNeeded: bytes.count)
        guard UInt32(exactly: bytes.count + other.bytes.count) != nil else {
            exceededCapacity = true
            offsets.append(contentsOf: repeatElement(start, count: other.count))
            validity.append(other.validity)
            return
        }
        bytes.append(contentsOf: other.bytes)
        for offset in other.offsets.dropFirst() { offsets.append(start + offset) }
        validity.append(other.validity)
        exceededCapacity = exceededCapacity || other.exceededCapacity
    }
}

extension TextColumn: Equatable {
    /// Same nulls, and the same bytes in every other row.
    @inlinable
    package static func == (lhs: TextColumn, rhs: TextColumn) -> Bool {
        guard lhs.validity == rhs.validity else { return false }
        if lhs.offsets == rhs.offsets && lhs.bytes == rhs.bytes { return true }
        return (0..<lhs.count).allSatisfy { !lhs.validity.isValid($0) || lhs.bytes(at: $0) == rhs.bytes(at: $0) }
    }
}
