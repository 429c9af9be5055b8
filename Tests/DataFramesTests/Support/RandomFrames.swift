import DataFrames
import Foundation

/// A small generator of reproducible numbers (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    /// `PLUGIN_GATEWAY_TEST_SEED`, else a new seed; failures print it.
    static func fresh() -> SeededNumbers {
        let named = ProcessInfo.processInfo.environment["PLUGIN_GATEWAY_TEST_SEED"].flatMap { UInt64($0) }
        return SeededNumbers(seed: named ?? .random(in: .min ... .max))
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}

/// Frames of every type, with nulls, extremes and odd texts.
struct RandomFrames {
    var numbers: SeededNumbers

    mutating func frame(maximumRows: Int = 40, maximumFields: Int = 8) -> Frame {
        // Row counts around the edges of bytes and words of bitmaps.
        let rows =
            numbers.chance(30)
            ? [0, 1, 7, 8, 9, 63, 64, 65].randomElement(using: &numbers) ?? 0 : .random(in: 0...maximumRows, using: &numbers)
        var frame = Frame(name: text(), refID: text())
        if numbers.chance(60) { frame.meta = meta() }
        for _ in 0..<Int.random(in: 0...maximumFields, using: &numbers) { frame.fields.append(field(rows: rows)) }
        return frame
    }

    mutating func field(rows: Int) -> Field {
        let nullable = numbers.chance(70)
        let nullShare = nullable ? [0, 10, 50, 100].randomElement(using: &numbers) ?? 0 : 0
        var field = Field(name: text(), nullable: nullable, column: column(rows: rows, nullShare: nullShare))
        if numbers.chance(40) {
            field.labels = Labels((0..<Int.random(in: 1...4, using: &numbers)).map { _ in (key: text(), value: text()) })
        }
        if numbers.chance(40) {
            field.config = FieldConfig(
                displayNameFromDS: numbers.chance(70) ? text() : nil,
                other: [JSONMember(key: "unit", value: JSONText(string: text()))])
        }
        return field
    }

    private mutating func meta() -> FrameMeta {
        var meta = FrameMeta()
        if numbers.chance(50) {
            meta.type = "timeseries-multi"
            meta.typeVersion = FrameTypeVersion(0, 1)
        }
        if numbers.chance(30) { meta.custom = JSONText(object: [JSONMember(key: text(), value: JSONText(string: text()))]) }
        if numbers.chance(30) {
            meta.notices = [
                Notice(severity: .warning, text: text()), Notice(severity: .info, text: "x", link: "y", inspect: .data),
            ]
        }
        if numbers.chance(30) { meta.preferredVisualisationType = "table" }
        if numbers.chance(30) { meta.executedQueryString = "SELECT \"" + text() }
        if numbers.chance(30) { meta.other = [JSONMember(key: "channel", value: JSONText(string: text()))] }
        return meta
    }

    private mutating func column(rows: Int, nullShare: Int) -> Column {
        switch Int.random(in: 0..<15, using: &numbers) {
        case 0: return .timestamp(PrimitiveColumn(cells(rows, nullShare) { $0.integer(Int64.self) }))
        case 1: return .int8(PrimitiveColumn(cells(rows, nullShare) { $0.integer(Int8.self) }))
        case 2: return .int16(PrimitiveColumn(cells(rows, nullShare) { $0.integer(Int16.self) }))
        case 3: return .int32(PrimitiveColumn(cells(rows, nullShare) { $0.integer(Int32.self) }))
        case 4: return .int64(PrimitiveColumn(cells(rows, nullShare) { $0.integer(Int64.self) }))
        case 5: return .uint8(PrimitiveColumn(cells(rows, nullShare) { $0.integer(UInt8.self) }))
        case 6: return .uint16(PrimitiveColumn(cells(rows, nullShare) { $0.integer(UInt16.self) }))
        case 7: return .uint32(PrimitiveColumn(cells(rows, nullShare) { $0.integer(UInt32.self) }))
        case 8: return .uint64(PrimitiveColumn(cells(rows, nullShare) { $0.integer(UInt64.self) }))
        case 9:
            return .float32(
                PrimitiveColumn(
                    cells(rows, nullShare) { frames in
                        let value = Float(bitPattern: .random(in: .min ... .max, using: &frames.numbers))
                        return value.isNaN ? .nan : value  // JSON carries no payloads of NaN
                    }))
        case 10: return .float64(PrimitiveColumn(cells(rows, nullShare) { $0.double() }))
        case 11: return .bool(BoolColumn(cells(rows, nullShare) { $0.numbers.chance(50) }))
        case 12: return .enumeration(PrimitiveColumn(cells(rows, nullShare) { $0.integer(UInt16.self) }))
        case 13:
            var column = TextColumn()
            for cell in cells(rows, nullShare, { frames in JSONText(array: [JSONText(string: frames.text()), .null]) }) {
                if let cell { column.appendBytes(cell.bytes) } else { column.appendNull() }
            }
            return .json(column)
        default: return .utf8(TextColumn(cells(rows, nullShare) { $0.text() }))
        }
    }

    private mutating func cells<Value>(_ rows: Int, _ nullShare: Int, _ make: (inout RandomFrames) -> Value) -> [Value?] {
        (0..<rows).map { _ in numbers.chance(nullShare) ? nil : make(&self) }
    }

    private mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type) -> Value {
        switch Int.random(in: 0..<6, using: &numbers) {
        case 0: .min
        case 1: .max
        case 2: 0
        default: Value(truncatingIfNeeded: numbers.next()) >> Value(Int.random(in: 0..<Value.bitWidth, using: &numbers))
        }
    }

    mutating func double() -> Double {
        switch Int.random(in: 0..<8, using: &numbers) {
        case 0:
            return [.nan, .infinity, -.infinity, -0.0, 0, .leastNonzeroMagnitude, .greatestFiniteMagnitude].randomElement(
                using: &numbers) ?? 0
        case 1: return Double(Int64.random(in: -1_000_000...1_000_000, using: &numbers))
        case 2: return Double(Int64.random(in: -1_000_000...1_000_000, using: &numbers)) / 100
        case 3: return .random(in: -1...1, using: &numbers)
        default:
            let value = Double(bitPattern: numbers.next())
            return value.isNaN ? .nan : value
        }
    }

    mutating func text() -> String {
        let parts = [
            "", "a", "host", "é", "e\u{301}", "\"", "\\", "\n", "\u{0}", "\u{1f}", "\u{7f}", "\u{2028}", "😀", "日本", "<&>", "/",
            "a long text with nothing odd about it at all", "\u{FFFD}",
        ]
        return (0..<Int.random(in: 0...4, using: &numbers)).map { _ in parts.randomElement(using: &numbers) ?? "" }.joined()
    }
}
