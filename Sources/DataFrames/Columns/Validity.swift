/// Which slots of a column hold a value.
///
/// The bitmap (bit i = byte i/8, bit i mod 8, 1 = value) exists only once there is a null; bits behind the last slot
/// are zero. That is Arrow's layout, so it is written as it stands.
@usableFromInline
package struct Validity: Sendable, Equatable {
    /// Slots, with or without a value.
    @usableFromInline package internal(set) var count: Int
    @usableFromInline package internal(set) var nullCount: Int
    /// Empty while every slot holds a value, else ⌈count/8⌉ bytes.
    @usableFromInline package internal(set) var bitmap: [UInt8]

    @inlinable
    package init() {
        count = 0
        nullCount = 0
        bitmap = []
    }

    /// `count` slots that all hold a value.
    @inlinable
    package init(allValid count: Int) {
        self.count = max(0, count)
        nullCount = 0
        bitmap = []
    }

    /// Whether slot `index` holds a value. False for slots that do not exist.
    @inlinable
    package func isValid(_ index: Int) -> Bool {
        guard index >= 0, index < count else { return false }
        return nullCount == 0 || bitmap[index >> 3] & (1 << UInt8(index & 7)) != 0
    }

    @inlinable
    package mutating func appendValid() {
        if nullCount != 0 { appendBit(true) }
        count += 1
    }

    @inlinable
    package mutating func appendNull() {
        if nullCount == 0 { bitmap = PackedBits.ones(count) }
        appendBit(false)
        nullCount += 1
        count += 1
    }

    /// Makes a value a null.
    package mutating func setNull(_ index: Int) {
        guard isValid(index) else { return }
        if nullCount == 0 { bitmap = PackedBits.ones(count) }
        bitmap[index >> 3] &= ~(1 << UInt8(index & 7))
        nullCount += 1
    }

    /// Appends `added` slots that hold a value.
    package mutating func appendValid(count added: Int) {
        guard added > 0 else { return }
        if nullCount != 0 { PackedBits.appendOnes(added, to: &bitmap, bitCount: count) }
        count += added
    }

    @inlinable
    mutating func appendBit(_ bit: Bool) {
        if count & 7 == 0 { bitmap.append(0) }
        if bit { bitmap[count >> 3] |= 1 << UInt8(count & 7) }
    }

    /// Makes a null a value; the column then shows what its storage holds there (zero).
    mutating func setValid(_ index: Int) {
        guard index >= 0, index < count, !isValid(index) else { return }
        bitmap[index >> 3] |= 1 << UInt8(index & 7)
        nullCount -= 1
        if nullCount == 0 { bitmap = [] }
    }

    /// Nulls among the slots of `range`, which must lie within the column.
    func nullCount(in range: Range<Int>) -> Int {
        if nullCount == 0 || range.isEmpty { return 0 }
        if range == 0..<count { return nullCount }
        return range.count - PackedBits.countOnes(in: bitmap, range)
    }

    func rows(in range: Range<Int>) -> Validity {
        var copy = Validity(allValid: range.count)
        copy.nullCount = nullCount(in: range)
        if copy.nullCount > 0 { PackedBits.append(bitmap, range, to: &copy.bitmap, bitCount: 0) }
        return copy
    }

    mutating func append(_ other: Validity) {
        if other.nullCount == 0 { return appendValid(count: other.count) }
        if nullCount == 0 { bitmap = PackedBits.ones(count) }
        PackedBits.append(other.bitmap, 0..<other.count, to: &bitmap, bitCount: count)
        count += other.count
        nullCount += other.nullCount
    }
}
