internal import DataFrames

/// One `models.QueryResult` as the JSON that old hosts gave to the browser, written straight from the wire.
///
/// Nothing is typed, reordered or matched: times stay milliseconds, rows keep their length, results their refId.
struct LegacyResult {
    var refID = WireText("")
    var error = ""
    private var meta: [UInt8]?
    /// Elements with commas between.
    private var series: [UInt8] = []
    private var tables: [UInt8] = []

    init() {}

    init(_ reader: inout WireReader, _ ledger: inout LossLedger) throws(WireError) {
        var unusable: String?
        var metaJSON: [UInt8] = []
        while !reader.isAtEnd {
            let tag = try reader.tag()
            switch (tag.number, tag.type) {
            case (1, .bytes): error = try reader.text("models.QueryResult.error", &ledger).string
            case (2, .bytes): refID = try reader.text("models.QueryResult.refId", &ledger)
            case (3, .bytes): metaJSON = Array(try reader.text("models.QueryResult.metaJson", &ledger).string.utf8)
            case (4, .bytes):
                var nested = try reader.message()
                if !series.isEmpty { series.append(UInt8(ascii: ",")) }
                try Self.series(&nested, to: &series, &ledger)
            case (5, .bytes):
                var nested = try reader.message()
                if !tables.isEmpty { tables.append(UInt8(ascii: ",")) }
                try Self.table(&nested, to: &tables, &unusable, &ledger)
            default: try reader.skipUnknown(tag, in: PluginResult.message, &ledger)
            }
        }
        // Of a metaJson that is sent twice only the last one counts.
        meta = Self.meta(metaJSON, &ledger)
        if let unusable {
            error += (error.isEmpty ? "" : "; ") + unusable
            tables = []
        }
    }

    var json: [UInt8] {
        var object = JSONObjectBuilder()
        if !error.isEmpty { object.add("error", string: error) }
        object.add("refId", string: refID.string)
        if let meta { object.add("meta", raw: meta) }
        object.add("series", raw: [UInt8(ascii: "[")] + series + [UInt8(ascii: "]")])
        object.add("tables", raw: [UInt8(ascii: "[")] + tables + [UInt8(ascii: "]")])
        return object.object
    }

    private static func meta(_ json: [UInt8], _ ledger: inout LossLedger) -> [UInt8]? {
        guard !json.isEmpty else { return nil }
        guard (try? JSONOutline(json, maximumDepth: ResultMeta.maximumDepth)) != nil else {
            ledger.add("models.QueryResult.metaJson", .unusableJSON)
            return nil
        }
        return json
    }

    // MARK: Series

    private static func series(_ reader: inout WireReader, to output: inout [UInt8], _ ledger: inout LossLedger) throws(WireError)
    {
        var name = WireText("")
        var tags: [(key: String, value: String)] = []
        var points: [UInt8] = []
        while !reader.isAtEnd {
            let tag = try reader.tag()
            switch (tag.number, tag.type) {
            case (1, .bytes): name = try reader.text("models.TimeSeries.name", &ledger)
            case (2, .bytes):
                var entry = try reader.message()
                let (key, value) = try entry.textEntry("models.TimeSeries.tags", &ledger)
                tags.append((key.string, value.string))
            case (3, .bytes):
                var point = try reader.message()
                if !points.isEmpty { points.append(UInt8(ascii: ",")) }
                try self.point(&point, to: &points, &ledger)
            default: try reader.skipUnknown(tag, in: PluginSeries.message, &ledger)
            }
        }
        var object = JSONObjectBuilder()
        object.add("name", string: name.string)
        object.add("points", raw: [UInt8(ascii: "[")] + points + [UInt8(ascii: "]")])
        if !tags.isEmpty {
            var members = JSONObjectBuilder()
            for tag in Labels(tags) { members.add(tag.key, string: tag.value) }
            object.add("tags", raw: members.object)
        }
        output.append(contentsOf: object.object)
    }

    private static func point(_ reader: inout WireReader, to output: inout [UInt8], _ ledger: inout LossLedger) throws(WireError)
    {
        var (time, value) = (Int64(0), 0.0)
        while !reader.isAtEnd {
            let tag = try reader.tag()
            switch (tag.number, tag.type) {
            case (1, .varint): time = try reader.int64()
            case (2, .fixed64): value = try reader.double()
            default: try reader.skipUnknown(tag, in: PointColumns.message, &ledger)
            }
        }
        output.append(UInt8(ascii: "["))
        number(value, "models.Point.value", to: &output, &ledger)
        output.append(UInt8(ascii: ","))
        output.append(contentsOf: String(time).utf8)
        output.append(UInt8(ascii: "]"))
    }

    /// JSON has no NaN and no infinities; old hosts failed on them as a whole.
    private static func number(_ value: Double, _ path: LossPath, to output: inout [UInt8], _ ledger: inout LossLedger) {
        guard value.isFinite else {
            ledger.add(path, .noHome)
            output.append(contentsOf: "null".utf8)
            return
        }
        output.append(contentsOf: (value == 0 && value.sign == .minus ? "-0" : ShortestNumber.text(value)).utf8)
    }

    // MARK: Tables

    private static func table(
        _ reader: inout WireReader, to output: inout [UInt8], _ unusable: inout String?, _ ledger: inout LossLedger
    ) throws(WireError) {
        var columns: [UInt8] = []
        var rows: [UInt8] = []
        while !reader.isAtEnd {
            let tag = try reader.tag()
            switch (tag.number, tag.type) {
            case (1, .bytes):
                var column = try reader.message()
                var name = WireText("")
                while !column.isAtEnd {
                    let tag = try column.tag()
                    if tag.isField(1, .bytes) {
                        name = try column.text("models.TableColumn.name", &ledger)
                    } else {
                        try column.skipUnknown(tag, in: "models.TableColumn", &ledger)
                    }
                }
                var object = JSONObjectBuilder()
                object.add("text", string: name.string)
                if !columns.isEmpty { columns.append(UInt8(ascii: ",")) }
                columns.append(contentsOf: object.object)
            case (2, .bytes):
                var row = try reader.message()
                if !rows.isEmpty { rows.append(UInt8(ascii: ",")) }
                try self.row(&row, to: &rows, &unusable, &ledger)
            default: try reader.skipUnknown(tag, in: TableDecoder.message, &ledger)
            }
        }
        var object = JSONObjectBuilder()
        object.add("columns", raw: [UInt8(ascii: "[")] + columns + [UInt8(ascii: "]")])
        object.add("rows", raw: [UInt8(ascii: "[")] + rows + [UInt8(ascii: "]")])
        output.append(contentsOf: object.object)
    }

    private static func row(
        _ reader: inout WireReader, to output: inout [UInt8], _ unusable: inout String?, _ ledger: inout LossLedger
    ) throws(WireError) {
        output.append(UInt8(ascii: "["))
        var isFirst = true
        while !reader.isAtEnd {
            let tag = try reader.tag()
            guard tag.isField(1, .bytes) else {
                try reader.skipUnknown(tag, in: "models.TableRow", &ledger)
                continue
            }
            var value = try reader.message()
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            try cell(&value, to: &output, &unusable, &ledger)
        }
        output.append(UInt8(ascii: "]"))
    }

    private static func cell(
        _ reader: inout WireReader, to output: inout [UInt8], _ unusable: inout String?, _ ledger: inout LossLedger
    ) throws(WireError) {
        var kind: Int32 = 0
        var (double, integer, flag, text) = (0.0, Int64(0), false, WireText(""))
        var bytes = 0..<0
        while !reader.isAtEnd {
            let tag = try reader.tag()
            switch (tag.number, tag.type) {
            case (1, .varint): kind = try reader.enumeration()
            case (2, .fixed64): double = try reader.double()
            case (3, .varint): integer = try reader.int64()
            case (4, .varint): flag = try reader.bool()
            case (5, .bytes): text = try reader.text("models.RowValue.stringValue", &ledger)
            case (6, .bytes): bytes = try reader.delimited()
            default: try reader.skipUnknown(tag, in: "models.RowValue", &ledger)
            }
        }
        switch kind {
        case 0: output.append(contentsOf: "null".utf8)
        case 1: number(double, "models.RowValue.doubleValue", to: &output, &ledger)
        case 2: output.append(contentsOf: String(integer).utf8)
        case 3: output.append(contentsOf: (flag ? "true" : "false").utf8)
        case 4: JSONString.encode(text.string, to: &output)
        case 5:
            output.append(UInt8(ascii: "\""))
            Base64.encode(reader.bytes(bytes), to: &output)
            output.append(UInt8(ascii: "\""))
        default:
            ledger.add("models.RowValue.kind", .unknownCellKind)
            unusable = unusable ?? "unsupported row value kind \(kind)"
            output.append(contentsOf: "null".utf8)
        }
    }
}
