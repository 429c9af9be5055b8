/// A value with a fixed width that a column stores as it is.
@usableFromInline
package protocol PrimitiveValue: BitwiseCopyable, Sendable, Equatable {
    static var zero: Self { get }
    /// Equality of bits: NaN equals NaN, 0 differs from −0.
    func hasSameBits(as other: Self) -> Bool
}

extension PrimitiveValue where Self: FixedWidthInteger {
    @inlinable
    package func hasSameBits(as other: Self) -> Bool { self == other }
}

extension Int8: PrimitiveValue {}
extension Int16: PrimitiveValue {}
extension Int32: PrimitiveValue {}
extension Int64: PrimitiveValue {}
extension UInt8: PrimitiveValue {}
extension UInt16: PrimitiveValue {}
extension UInt32: PrimitiveValue {}
extension UInt64: PrimitiveValue {}

extension Float: PrimitiveValue {
    @inlinable
    package func hasSameBits(as other: Float) -> Bool { bitPattern == other.bitPattern }
}

extension Double: PrimitiveValue {
    @inlinable
    package func hasSameBits(as other: Double) -> Bool { bitPattern == other.bitPattern }
}

/// Numbers or timestamps in contiguous storage. Null slots hold zero.
@usableFromInline
package struct PrimitiveColumn<Value: PrimitiveValue>: Sendable {
    @usableFromInline package internal(set) var values: ColumnValues<Value>
    @usableFromInline package internal(set) var validity: Validity

    @inlinable
    package init() {
        values = ColumnValues()
        validity = Validity()
    }

    /// - Parameter source: where memory is taken from when the column becomes large.
    package init(reserving capacity: Int, from source: (any ColumnMemorySource)? = nil) {
        values = ColumnValues(reserving: capacity, from: source)
        validity = Validity()
    }

    /// A column without nulls.
    package init(_ values: [Value]) {
        self.init(ColumnValues(values))
    }

    /// A column without nulls.
    package init(_ values: ColumnValues<Value>) {
        self.values = values
        validity = Validity(allValid: values.count)
    }

    package init(_ values: [Value?]) {
        self.init(reserving: values.count)
        for value in values {
            if let value { append(value) } else { appendNull() }
        }
    }

    @inlinable package var count: Int { values.count }

    /// The value in a row; `nil` for null and for rows that do not exist.
    @inlinable
    package subscript(row: Int) -> Value? { validity.isValid(row) ? values[row] : nil }

    @inlinable
    package mutating func append(_ value: Value) {
        values.append(value)
        validity.appendValid()
    }

    @inlinable
    package mutating func appendNull() {
        values.append(.zero)
        validity.appendNull()
    }

    @inlinable
    package mutating func append(_ value: Value?) {
        if let value { append(value) } else { appendNull() }
    }

    /// Both must have the same length, and null slots must hold zero.
    package init(values: ColumnValues<Value>, validity: Validity) {
        self.values = values
        self.validity = validity
    }

    func rows(in range: Range<Int>) -> Self {
        Self(values: values.withUnsafeBytes(range) { ColumnValues(copying: $0) }, validity: validity.rows(in: range))
    }

    mutating func append(_ other: Self) {
        values.append(contentsOf: other.values)
        validity.append(other.validity)
    }

    /// Turns a null into a value.
    mutating func set(_ value: Value, at row: Int) {
        guard row >= 0, row < values.count else { return }
        values[row] = value
        validity.setValid(row)
    }
}

extension PrimitiveColumn: Equatable {
    /// Same nulls, and the same bits in every other row.
    @inlinable
    package static func == (lhs: Self, rhs: Self) -> Bool {
        guard lhs.validity == rhs.validity else { return false }
        for row in lhs.values.indices where lhs.validity.isValid(row) && !lhs.values[row].hasSameBits(as: rhs.values[row]) {
            return false
        }
        return true
    }
}
