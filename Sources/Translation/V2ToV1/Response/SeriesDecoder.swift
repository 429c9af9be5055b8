internal import DataFrames

extension PluginSeries {
    /// Reads a series in two passes: the first finds name and tags and counts the points, the second fills the columns.
    init(_ reader: inout WireReader, _ ledger: inout LossLedger) throws(WireError) {
        let points = reader
        var tags: [(key: String, value: String)] = []
        var count = 0
        while !reader.isAtEnd {
            let tag = try reader.tag()
            switch (tag.number, tag.type) {
            case (1, .bytes): name = try reader.text("models.TimeSeries.name", &ledger).string
            case (2, .bytes):
                var entry = try reader.message()
                let (key, value) = try entry.textEntry("models.TimeSeries.tags", &ledger)
                tags.append((key.string, value.string))
            case (3, .bytes):
                _ = try reader.delimited()
                count += 1
            default: try reader.skipUnknown(tag, in: Self.message, &ledger)
            }
        }
        self.tags = Labels(tags)
        if count > 0 { try readPoints(points, count, &ledger) }
        ledger.add("models.TimeSeries.points", .timestampOutOfRange, count: droppedPoints)
    }

    private mutating func readPoints(_ reader: WireReader, _ count: Int, _ ledger: inout LossLedger) throws(WireError) {
        var decoder = PointDecoder(reader: reader)
        var outcome = Result<Void, WireError>.success(())
        var kept = 0
        var values: [Double] = []
        times = [Int64](unsafeUninitializedCapacity: count) { times, timeCount in
            values = [Double](unsafeUninitializedCapacity: count) { values, valueCount in
                if let time = times.baseAddress, let value = values.baseAddress {
                    do throws(WireError) {
                        kept = try decoder.decode(into: time, value, capacity: count, &ledger)
                    } catch {
                        outcome = .failure(error)
                    }
                }
                valueCount = kept
            }
            timeCount = kept
        }
        try outcome.get()
        self.values = values
        isAscending = decoder.isAscending
        droppedPoints = decoder.dropped
    }
}

/// The hot loop: `models.Point` messages into two columns.
struct PointDecoder {
    static let message = "models.Point"

    var reader: WireReader
    var isAscending = true
    var dropped = 0

    init(reader: WireReader) {
        self.reader = reader
    }

    /// Fills `times` and `values`, which have room for `capacity` elements; returns how many were written.
    mutating func decode(
        into times: UnsafeMutablePointer<Int64>, _ values: UnsafeMutablePointer<Double>, capacity: Int,
        _ ledger: inout LossLedger
    ) throws(WireError) -> Int {
        var count = 0
        var previous = Int64.min
        var hasPrevious = false
        while !reader.isAtEnd {
            var point: (milliseconds: Int64, value: Double)
            if let fast = fastPoint() {
                point = fast
            } else {
                let tag = try reader.tag()
                guard tag.isField(3, .bytes) else {
                    // Counted as unknown, if it is, by the first pass.
                    try reader.skip(tag)
                    continue
                }
                point = try slowPoint(&ledger)
            }
            let (time, overflow) = point.milliseconds.multipliedReportingOverflow(by: Timestamp.nanosecondsPerMillisecond)
            guard !overflow, count < capacity else {
                dropped += 1
                continue
            }
            if hasPrevious && time <= previous { isAscending = false }
            previous = time
            hasPrevious = true
            times[count] = time
            values[count] = point.value
            count &+= 1
        }
        return count
    }

    /// The usual point: both fields, in order, nothing else. Moves only when that is what stands there.
    @inline(__always)
    private mutating func fastPoint() -> (Int64, Double)? {
        // tag and length of the point, tag of the time, eight bytes to look at
        guard reader.remaining >= 11 else { return nil }
        let at = reader.base + reader.position
        let length = Int(at.load(fromByteOffset: 1, as: UInt8.self))
        guard at.load(as: UInt8.self) == 0x1a, length < 0x80, reader.remaining &- 2 >= length, length >= 11,
            at.load(fromByteOffset: 2, as: UInt8.self) == 0x08
        else { return nil }
        let word = UInt64(littleEndian: at.loadUnaligned(fromByteOffset: 3, as: UInt64.self))
        let stops = ~word & 0x8080_8080_8080_8080
        guard stops != 0 else { return nil }
        let size = (stops.trailingZeroBitCount >> 3) &+ 1
        // 0x08, the varint, 0x11, eight bytes
        guard length == size &+ 10, at.load(fromByteOffset: 3 &+ size, as: UInt8.self) == 0x11 else { return nil }
        // Keep the varint's bytes, drop the continuation bits, close the gaps pairwise.
        var bits = word & (stops ^ (stops &- 1)) & 0x7f7f_7f7f_7f7f_7f7f
        bits = (bits & 0x007f_007f_007f_007f) | ((bits & 0x7f00_7f00_7f00_7f00) >> 1)
        bits = (bits & 0x0000_3fff_0000_3fff) | ((bits & 0x3fff_0000_3fff_0000) >> 2)
        bits = (bits & 0x0fff_ffff) | ((bits & 0x0fff_ffff_0000_0000) >> 4)
        let value = UInt64(littleEndian: at.loadUnaligned(fromByteOffset: 4 &+ size, as: UInt64.self))
        reader.position &+= 2 &+ length
        return (Int64(bitPattern: bits), Double(bitPattern: value))
    }

    /// Any point: missing, repeated, foreign and reordered fields included.
    private mutating func slowPoint(_ ledger: inout LossLedger) throws(WireError) -> (Int64, Double) {
        var point = try reader.message()
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
        return (milliseconds, value)
    }
}
