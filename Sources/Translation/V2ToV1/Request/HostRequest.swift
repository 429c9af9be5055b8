/// A `pluginv2.QueryDataRequest` as it came from the host; texts are repaired, raw bytes are kept.
///
/// `pluginv2.QueryChunkedDataRequest` has the same fields under the same numbers.
struct HostRequest {
    static let message = "pluginv2.QueryDataRequest"

    /// Whether it is a `pluginv2.QueryChunkedDataRequest`.
    let isChunked: Bool
    var context = HostContext()
    /// Values of the headers, in the order of the wire; of two with one key the last counts, as in every map.
    var headers: [(key: WireText, value: WireText)] = []
    private var headerPlaces: [WireText: Int] = [:]
    var queries: [HostQuery] = []
    var format: Int32 = 0

    init(
        decoding bytes: [UInt8], chunked: Bool = false, ledger: inout LossLedger
    ) throws(TranslationError) {
        do throws(WireError) {
            var ledgerCopy = ledger
            var request = HostRequest(chunked: chunked)
            try bytes.readWire { reader throws(WireError) in try request.read(&reader, &ledgerCopy) }
            self = request
            ledger = ledgerCopy
        } catch {
            throw .malformedRequest(Self.message(chunked: chunked), error, size: bytes.count)
        }
    }

    private init(chunked: Bool) {
        isChunked = chunked
    }

    private static func message(chunked: Bool) -> String { chunked ? V2ToV1QueryChunkedData.message : message }

    var headersPath: LossPath { isChunked ? "pluginv2.QueryChunkedDataRequest.headers" : "pluginv2.QueryDataRequest.headers" }
    var formatPath: LossPath { isChunked ? "pluginv2.QueryChunkedDataRequest.format" : "pluginv2.QueryDataRequest.format" }

    private mutating func read(_ reader: inout WireReader, _ ledger: inout LossLedger) throws(WireError) {
        while !reader.isAtEnd {
            let tag = try reader.tag()
            switch (tag.number, tag.type) {
            case (1, .bytes):
                var nested = try reader.message()
                try context.read(&nested, &ledger)
            case (2, .bytes):
                var entry = try reader.message()
                add(header: try entry.textEntry(headersPath, &ledger))
            case (3, .bytes):
                var nested = try reader.message()
                queries.append(try HostQuery(&nested, &ledger))
            case (4, .varint): format = try reader.enumeration()
            default: try reader.skipUnknown(tag, in: Self.message(chunked: isChunked), &ledger)
            }
        }
    }

    private mutating func add(header: (key: WireText, value: WireText)) {
        if let place = headerPlaces.updateValue(headers.count, forKey: header.key) {
            headers[place] = header
            headerPlaces[header.key] = place
        } else {
            headers.append(header)
        }
    }
}

/// A `pluginv2.DataQuery`.
struct HostQuery {
    static let message = "pluginv2.DataQuery"

    struct TimeRange: Hashable {
        /// Milliseconds since the Unix epoch; zero when the host sent no range.
        var from: Int64 = 0
        var to: Int64 = 0
    }

    var refID = WireText("")
    var maxDataPoints: Int64 = 0
    /// Milliseconds.
    var interval: Int64 = 0
    var timeRange = TimeRange()
    var json: [UInt8] = []
    var queryType = WireText("")

    init(_ reader: inout WireReader, _ ledger: inout LossLedger) throws(WireError) {
        while !reader.isAtEnd {
            let tag = try reader.tag()
            switch (tag.number, tag.type) {
            case (1, .bytes): refID = try reader.text("pluginv2.DataQuery.refId", &ledger)
            case (2, .varint): maxDataPoints = try reader.int64()
            case (3, .varint): interval = try reader.int64()
            case (4, .bytes):
                var nested = try reader.message()
                try readTimeRange(&nested, &ledger)
            case (5, .bytes): json = try reader.data()
            case (6, .bytes): queryType = try reader.text("pluginv2.DataQuery.queryType", &ledger)
            default: try reader.skipUnknown(tag, in: Self.message, &ledger)
            }
        }
    }

    private mutating func readTimeRange(_ reader: inout WireReader, _ ledger: inout LossLedger) throws(WireError) {
        while !reader.isAtEnd {
            let tag = try reader.tag()
            switch (tag.number, tag.type) {
            case (1, .varint): timeRange.from = try reader.int64()
            case (2, .varint): timeRange.to = try reader.int64()
            default: try reader.skipUnknown(tag, in: "pluginv2.TimeRange", &ledger)
            }
        }
    }
}
