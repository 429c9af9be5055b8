internal import DataFrames

/// The points of a series as two columns, filled straight from the wire.
struct PointColumns: Sendable {
    static let message = "models.Point"

    /// Nanoseconds since the Unix epoch.
    private(set) var times: ColumnValues<Int64>
    private(set) var values: ColumnValues<Double>
    /// Whether every time is later than the one before.
    private(set) var isAscending = true
    /// Points whose time does not fit nanoseconds in 64 bits.
    private(set) var dropped = 0
    /// The time of the last point. No point has the earliest one that there is: it is no whole millisecond.
    private var previous = Int64.min

    private static let blockSize = 4096

    init(from source: (any ColumnMemorySource)?) {
        times = ColumnValues(from: source)
        values = ColumnValues(from: source)
    }

    private mutating func append(milliseconds: Int64, value: Double) {
        let (time, overflow) = milliseconds.multipliedReportingOverflow(by: Timestamp.nanosecondsPerMillisecond)
        guard !overflow else {
            dropped += 1
            return
        }
        if time <= previous { isAscending = false }
        previous = time
        times.append(time)
        values.append(value)
    }

    /// Any point: missing, repeated, foreign and reordered fields included.
    mutating func append(_ point: inout WireReader, _ ledger: inout LossLedger) throws(WireError) {
        var milliseconds: Int64 = 0
        var value = 0.0
        while !point.isAtEnd {
            let tag = try point.tag()
            switch (tag.number, tag.type) {
            case (1, .varint): milliseconds = try point.int64()
            case (2, .fixed64): value = try point.double()
            default: try point.skipUnknown(tag, in: Self.message, &ledger)
            }
        }
        append(milliseconds: milliseconds, value: value)
    }

    /// The hot loop: takes points as long as they are usual ones, with the tag of the field `points` in front of each.
    ///
    /// - Parameter announced: bytes of the series that are still to come.
    mutating func appendUsual(_ reader: inout WireReader, announced: Int) {
        let expected = announced / UsualPoint.typicalSize
        // What the bytes at hand usually are, at once: doubling would end with up to twice as much.
        let atHand = reader.remaining / UsualPoint.typicalSize
        if times.isEmpty, atHand > 0 {
            _ = times.room(for: atHand, preferring: expected)
            _ = values.room(for: atHand, preferring: expected)
        }
        // In blocks of as many as the bytes at hand can be at most, since they are usually fewer.
        while reader.remaining >= UsualPoint.minimumSize {
            let most = min(reader.remaining / UsualPoint.minimumSize, Self.blockSize)
            let spare = min(times.spare, values.spare)
            let room = spare > 0 ? min(most, spare) : most
            let filled = fill(
                times.room(for: room, preferring: expected), values.room(for: room, preferring: expected), room, &reader)
            times.appended(filled)
            values.appended(filled)
            // Neither room nor bytes ended the block: something else stands there.
            if filled < room { return }
        }
    }

    /// Brings the points into the order of their times; points of one time keep their order. True when any moved.
    mutating func sort() -> Bool {
        let order = times.indices.sorted { (times[$0], $0) < (times[$1], $1) }
        isAscending = zip(order, order.dropFirst()).allSatisfy { times[$0] < times[$1] }
        guard !order.elementsEqual(times.indices) else { return false }
        times = ColumnValues(order.map { times[$0] })
        values = ColumnValues(order.map { values[$0] })
        return true
    }

    /// Writes at most `room` points; returns how many.
    private mutating func fill(
        _ times: UnsafeMutablePointer<Int64>, _ values: UnsafeMutablePointer<Double>, _ room: Int, _ reader: inout WireReader
    ) -> Int {
        var cursor = reader
        var count = 0
        var ascending = isAscending
        var last = previous
        while count < room, let point = UsualPoint(&cursor) {
            let (time, overflow) = point.milliseconds.multipliedReportingOverflow(by: Timestamp.nanosecondsPerMillisecond)
            guard !overflow else {
                dropped += 1
                continue
            }
            if time <= last { ascending = false }
            last = time
            times[count] = time
            values[count] = point.value
            count &+= 1
        }
        reader = cursor
        isAscending = ascending
        previous = last
        return count
    }
}

/// A point as nearly all are: the time, then the value unless it is zero, and nothing else.
struct UsualPoint {
    /// Of a point with a value: tag and length, a time in one byte, the value, with their tags.
    static let minimumSize = 13
    /// The same with a time of this century.
    static let typicalSize = 18

    let milliseconds: Int64
    let value: Double

    /// Nil, and the reader where it was, when something else stands there.
    @inline(__always)
    init?(_ reader: inout WireReader) {
        // Tag and length of the point, tag of the time, eight bytes to look at.
        guard reader.remaining >= 11 else { return nil }
        let at = reader.base + reader.position
        let length = Int(at.load(fromByteOffset: 1, as: UInt8.self))
        guard at.load(as: UInt8.self) == 0x1a, length < 0x80, reader.remaining &- 2 >= length,
            at.load(fromByteOffset: 2, as: UInt8.self) == 0x08
        else { return nil }
        guard let time = ShortVarint(at.loadUnaligned(fromByteOffset: 3, as: UInt64.self)) else { return nil }
        let size = time.size
        if length == size &+ 10, at.load(fromByteOffset: 3 &+ size, as: UInt8.self) == 0x11 {
            value = Double(bitPattern: UInt64(littleEndian: at.loadUnaligned(fromByteOffset: 4 &+ size, as: UInt64.self)))
        } else if length == size &+ 1 {
            // Proto3 leaves zeros out.
            value = 0
        } else {
            return nil
        }
        milliseconds = Int64(bitPattern: time.value)
        reader.position &+= 2 &+ length
    }
}
