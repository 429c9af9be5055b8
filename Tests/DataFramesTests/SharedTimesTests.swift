import Testing

@testable import DataFrames

@Suite struct SharedTimesTests {
    private func frame(_ times: [Int64?], _ value: Double, second: [Int64]? = nil) -> Frame {
        var fields = [
            Field(name: "Time", nullable: true, column: .timestamp(TimestampColumn(times))),
            Field(name: "Value", nullable: true, column: .float64(Float64Column(times.map { _ in value }))),
        ]
        if let second { fields.append(Field(name: "Other", nullable: false, column: .timestamp(TimestampColumn(second)))) }
        return Frame(name: "f\(value)", fields: fields)
    }

    @Test func framesThatShareTheirTimesAreWrittenAsIfTheyDidNot() throws {
        let minutes = (0..<300).map { Int64($0) * 60_000_000_000 }
        let fine = minutes.map { $0 + 1 }
        var moved = minutes
        moved[299] += 1_000_000
        var missing: [Int64?] = minutes
        missing[7] = nil
        var zeroed: [Int64?] = minutes
        zeroed[7] = 0
        let frames = [
            frame(minutes, 1), frame(minutes, 2), frame(moved, 3), frame(moved, 4.5), frame(fine, 5), frame(fine, 6),
            frame(minutes, 7),
            frame(Array(minutes.dropLast()), 8), frame(missing, 9), frame(missing, 10), frame(zeroed, 11), frame(missing, 12),
            frame([], 13), frame([], 14), frame(fine, 15, second: minutes), frame(fine, 16, second: fine),
            frame(minutes, 17, second: fine),
            Frame(name: "empty"), frame(minutes, 18),
        ]
        var times = SharedTimes()
        for frame in frames {
            #expect(try JSONFrame.write(frame, sharing: &times) == JSONFrame.write(frame), "\(frame.name)")
            #expect(
                try JSONFrame.write(frame, part: .data, sharing: &times) == JSONFrame.write(frame, part: .data), "\(frame.name)")
        }
    }

    @Test func timesAreCopiedWhereTheyAreTheSameAndNowhereElse() throws {
        var times = SharedTimes()
        let column = TimestampColumn([1, 2, 3] as [Int64])
        #expect(times.written(column) == nil)
        _ = try JSONFrame.write(frame([1_000_000, 2_000_000], 1), sharing: &times)
        #expect(times.written(TimestampColumn([1_000_000, 2_000_000] as [Int64])).map(Array.init) == Array("1,2".utf8))
        #expect(times.written(TimestampColumn([1_000_000, nil])) == nil)
        #expect(times.written(TimestampColumn([1_000_000] as [Int64])) == nil)
        #expect(times.written(TimestampColumn([2_000_000, 1_000_000] as [Int64])) == nil)
    }

    @Test func columnsCompareBitByBit() {
        let bytes = ColumnValues<UInt8>(Array(0..<11))
        var other = ColumnValues<UInt8>(Array(0..<11))
        #expect(bytes.hasSameBits(as: other) && bytes.hasSameBits(as: bytes))
        for place in 0..<11 {
            other[place] ^= 1
            #expect(!bytes.hasSameBits(as: other))
            other[place] ^= 1
        }
        #expect(ColumnValues<UInt8>().hasSameBits(as: ColumnValues<UInt8>()))
        #expect(!ColumnValues<UInt8>().hasSameBits(as: bytes))
    }
}
