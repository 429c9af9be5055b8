/// Reads protobuf fields from a region of memory; every access is checked against the end of the message it belongs to.
///
/// The reader exists beside SwiftProtobuf for three reasons: map keys must be compared by their bytes, invalid UTF-8 must be readable, and points
/// must go into columns without an object for each. It does not own the memory: it is only used inside `withUnsafeBytes`.
struct WireReader {
    /// First byte of the region.
    let base: UnsafeRawPointer
    /// Offset of the region in the outermost message, for errors.
    let origin: Int
    /// Offset of the next byte to read; never greater than `end`.
    var position: Int
    /// Offset behind the last byte of the message this reader may read.
    let end: Int

    @inline(__always)
    init(base: UnsafeRawPointer, origin: Int = 0, position: Int, end: Int) {
        self.base = base
        self.origin = origin
        self.position = position
        self.end = end
    }

    @inline(__always)
    var isAtEnd: Bool { position >= end }

    @inline(__always)
    var remaining: Int { end - position }

    /// Where the reader stands in the outermost message.
    @inline(__always)
    var offset: Int { origin &+ position }

    /// The next varint, at most ten bytes long and at most 64 bits wide.
    @inline(__always)
    mutating func varint() throws(WireError) -> UInt64 {
        if position < end {
            let byte = base.load(fromByteOffset: position, as: UInt8.self)
            if byte < 0x80 {
                position &+= 1
                return UInt64(byte)
            }
        }
        return try longVarint()
    }

    private mutating func longVarint() throws(WireError) -> UInt64 {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        var cursor = position
        while cursor < end {
            let byte = base.load(fromByteOffset: cursor, as: UInt8.self)
            cursor &+= 1
            // The tenth byte holds the 64th bit alone.
            if shift == 63 && byte > 1 { throw WireError(code: .overlongVarint, offset: offset) }
            result |= UInt64(byte & 0x7f) &<< shift
            if byte < 0x80 {
                position = cursor
                return result
            }
            shift &+= 7
        }
        throw WireError(code: .truncatedVarint, offset: offset)
    }

    @inline(__always)
    mutating func tag() throws(WireError) -> WireTag {
        let offset = offset
        let raw = try varint()
        let number = raw >> 3
        guard number > 0, number <= 0x1fff_ffff else { throw WireError(code: .invalidFieldNumber, offset: offset) }
        guard let type = WireType(rawValue: UInt8(raw & 7)) else { throw WireError(code: .invalidWireType, offset: offset) }
        return WireTag(number: UInt32(number), type: type, offset: offset)
    }

    @inline(__always)
    mutating func fixed64() throws(WireError) -> UInt64 {
        guard remaining >= 8 else { throw WireError(code: .truncatedFixed, offset: offset) }
        let value = base.loadUnaligned(fromByteOffset: position, as: UInt64.self)
        position &+= 8
        return UInt64(littleEndian: value)
    }

    @inline(__always)
    mutating func double() throws(WireError) -> Double {
        Double(bitPattern: try fixed64())
    }

    mutating func float() throws(WireError) -> Float {
        guard remaining >= 4 else { throw WireError(code: .truncatedFixed, offset: offset) }
        let value = base.loadUnaligned(fromByteOffset: position, as: UInt32.self)
        position &+= 4
        return Float(bitPattern: UInt32(littleEndian: value))
    }

    @inline(__always)
    mutating func int64() throws(WireError) -> Int64 {
        Int64(bitPattern: try varint())
    }

    /// A bool is a varint; every value but 0 is true.
    @inline(__always)
    mutating func bool() throws(WireError) -> Bool {
        try varint() != 0
    }

    /// An enum is an int32 sent as a varint; higher bits are cut off, as every protobuf implementation does.
    @inline(__always)
    mutating func enumeration() throws(WireError) -> Int32 {
        Int32(truncatingIfNeeded: try varint())
    }

    /// The place of a length-delimited value; the reader moves behind it.
    @inline(__always)
    mutating func delimited() throws(WireError) -> Range<Int> {
        let offset = offset
        let length = try varint()
        guard length <= UInt64(remaining) else { throw WireError(code: .lengthBeyondMessage, offset: offset) }
        let start = position
        position = start &+ Int(length)
        return start..<position
    }

    /// A reader for a nested message; this reader moves behind it.
    @inline(__always)
    mutating func message() throws(WireError) -> WireReader {
        let range = try delimited()
        return nested(range)
    }

    /// A reader for the message that lies in a range of this region.
    @inline(__always)
    func nested(_ range: Range<Int>) -> WireReader {
        WireReader(base: base, origin: origin, position: range.lowerBound, end: range.upperBound)
    }

    /// The bytes of a range that ``delimited()`` returned.
    @inline(__always)
    func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
    }
}

extension WireReader {
    /// Moves behind the value of `tag`.
    mutating func skip(_ tag: WireTag) throws(WireError) {
        switch tag.type {
        case .varint: _ = try varint()
        case .fixed64: _ = try fixed64()
        case .bytes: _ = try delimited()
        case .groupStart: try skipGroup(tag)
        case .groupEnd: throw WireError(code: .unmatchedGroupEnd, offset: tag.offset)
        case .fixed32:
            guard remaining >= 4 else { throw WireError(code: .truncatedFixed, offset: offset) }
            position &+= 4
        }
    }

    /// Skips a group with everything inside. Iterative, because the nesting is the sender's choice.
    private mutating func skipGroup(_ start: WireTag) throws(WireError) {
        var group = OpenGroups(start)
        while !group.isClosed {
            guard !isAtEnd else { throw group.unfinished }
            let tag = try self.tag()
            if try !group.take(tag) { try skip(tag) }
        }
    }
}

extension [UInt8] {
    /// Runs `body` with a reader over all bytes. The reader must not leave the closure.
    func readWire<Result>(_ body: (inout WireReader) throws(WireError) -> Result) throws(WireError) -> Result {
        func run(_ base: UnsafeRawPointer, _ count: Int) -> Swift.Result<Result, WireError> {
            var reader = WireReader(base: base, position: 0, end: count)
            do throws(WireError) {
                return .success(try body(&reader))
            } catch {
                return .failure(error)
            }
        }
        let outcome = withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else {
                // An empty array may have no address; of this one nothing is read either.
                return withUnsafePointer(to: 0 as UInt8) { run(UnsafeRawPointer($0), 0) }
            }
            return run(base, buffer.count)
        }
        return try outcome.get()
    }
}
