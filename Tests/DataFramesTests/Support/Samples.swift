import DataFrames

enum Samples {
    /// A time series as the gateway makes it from a legacy one.
    static func series(name: String = "cpu", milliseconds: [Int64] = [1000, 2000, 3000], values: [Double?] = [1.5, nil, 2.5])
        -> Frame
    {
        Frame(
            name: name, refID: "A",
            meta: FrameMeta(type: "timeseries-multi", typeVersion: FrameTypeVersion(0, 1)),
            fields: [
                Field(name: "Time", nullable: false, column: .timestamp(PrimitiveColumn(milliseconds.map { $0 * 1_000_000 }))),
                Field(
                    name: "Value", labels: ["host": "a", "dc": "x"], config: FieldConfig(displayNameFromDS: name), nullable: true,
                    column: .float64(PrimitiveColumn(values))),
            ])
    }

    /// One field of each type, three rows, the middle one null.
    static func allTypes() -> Frame {
        func json(_ cells: [String?]) -> TextColumn { TextColumn(cells) }
        let columns: [(String, Column)] = [
            ("time", .timestamp(PrimitiveColumn([-1, nil, 1_568_039_445_123_456_789]))),
            ("int8", .int8(PrimitiveColumn([.min, nil, .max]))),
            ("int16", .int16(PrimitiveColumn([.min, nil, .max]))),
            ("int32", .int32(PrimitiveColumn([.min, nil, .max]))),
            ("int64", .int64(PrimitiveColumn([.min, nil, .max]))),
            ("uint8", .uint8(PrimitiveColumn([.min, nil, .max]))),
            ("uint16", .uint16(PrimitiveColumn([.min, nil, .max]))),
            ("uint32", .uint32(PrimitiveColumn([.min, nil, .max]))),
            ("uint64", .uint64(PrimitiveColumn([.min, nil, .max]))),
            ("float32", .float32(PrimitiveColumn([0.1, nil, -.infinity]))),
            ("float64", .float64(PrimitiveColumn([.nan, nil, -0.0]))),
            ("bool", .bool(BoolColumn([true, nil, false]))),
            ("text", .utf8(TextColumn(["", nil, "héllo\n"]))),
            ("json", .json(json([#"{"a":[1,2]}"#, nil, #""x""#]))),
            ("enum", .enumeration(PrimitiveColumn([0, nil, 2]))),
        ]
        return Frame(name: "all", refID: "A", fields: columns.map { Field(name: $0.0, nullable: true, column: $0.1) })
    }
}
