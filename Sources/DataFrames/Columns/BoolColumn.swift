/// Booleans, eight to a byte. Null slots hold false.
@usableFromInline
package struct BoolColumn: Sendable, Equatable {
    /// Bit i = byte i/8, bit i mod 8; bits behind the last row are zero.
    @usableFromInline package internal(set) var bits: [UInt8]
    @usableFromInline package internal(set) var validity: Validity

    @inlinable
    package init(reserving capacity: Int = 0) {
        bits = []
        validity = Validity()
        if capacity > 0 { bits.reserveCapacity(capacity / 8 + 1) }
    }

    @inlinable
    package init(_ values: [Bool?]) {
        self.init(reserving: values.count)
        for value in values {
            if let value { append(value) } else { appendNull() }
        }
    }

    @inlinable package var count: Int { validity.count }

    /// The value in a row; `nil` for null and for rows that do not exist.
    @inlinable
    package subscript(row: Int) -> Bool? {
        validity.isValid(row) ? bits[row >> 3] & (1 << UInt8(row & 7)) != 0 : nil
    }

    @inlinable
    package mutating func append(_ value: Bool) {
        appendBit(value)
        validity.appendValid()
    }

    @inlinable
    package mutating func appendNull() {
        appendBit(false)
        validity.appendNull()
    }

    @inlinable
    mutating func appendBit(_ bit: Bool) {
        let row = validity.count
        if row & 7 == 0 { bits.append(0) }
        if bit { bits[row >> 3] |= 1 << UInt8(row & 7) }
    }

    /// `bits` must hold exactly the bits of `validity.count` rows, with a clear tail and false in null slots.
    package init(bits: [UInt8], validity: Validity) {
        self.bits = bits
        self.validity = validity
    }

    func rows(in range: Range<Int>) -> BoolColumn {
        var cut: [UInt8] = []
        PackedBits.append(bits, range, to: &cut, bitCount: 0)
        return BoolColumn(bits: cut, validity: validity.rows(in: range))
    }

    mutating func append(_ other: BoolColumn) {
        PackedBits.append(other.bits, 0..<other.count, to: &bits, bitCount: count)
        validity.append(other.validity)
    }
}
