/// One entry of a `pluginv2.QueryDataResponse`, with its large parts as places in the message.
struct V2Response {
    static let message = "pluginv2.DataResponse"

    var refID = WireText("")
    /// Where the whole `pluginv2.DataResponse` lies; empty when the entry has none.
    var place: Range<Int>?
    var frames: [Range<Int>] = []
    var error = WireText("")
    var hasMeta = false
    var status: Int32 = 0
    var errorSource = WireText("")
    /// As it came.
    var format: Int32 = 0

    /// Reads one map entry. As everywhere in protobuf, the last value of a field counts.
    init(_ entry: inout WireReader, _ ledger: inout LossLedger) throws(WireError) {
        while !entry.isAtEnd {
            let tag = try entry.tag()
            switch (tag.number, tag.type) {
            case (1, .bytes): refID = try entry.text("pluginv2.QueryDataResponse.responses", &ledger)
            case (2, .bytes):
                var reader = try entry.message()
                place = reader.position..<reader.end
                try read(&reader, &ledger)
            default: try entry.skipUnknown(tag, in: "pluginv2.QueryDataResponse.responses", &ledger)
            }
        }
    }

    private mutating func read(_ reader: inout WireReader, _ ledger: inout LossLedger) throws(WireError) {
        while !reader.isAtEnd {
            let tag = try reader.tag()
            switch (tag.number, tag.type) {
            case (1, .bytes): frames.append(try reader.delimited())
            case (2, .bytes): error = try reader.text("pluginv2.DataResponse.error", &ledger)
            case (3, .bytes): hasMeta = try !reader.delimited().isEmpty
            case (4, .varint): status = try reader.enumeration()
            case (5, .bytes): errorSource = try reader.text("pluginv2.DataResponse.errorSource", &ledger)
            case (6, .varint): format = try reader.enumeration()
            default: try reader.skipUnknown(tag, in: Self.message, &ledger)
            }
        }
    }

    /// All entries of a `pluginv2.QueryDataResponse`; of two with one refId the last counts.
    static func all(in response: [UInt8], _ ledger: inout LossLedger) throws(WireError) -> [V2Response] {
        try response.readWire { reader throws(WireError) in
            var responses: [V2Response] = []
            var places: [WireText: Int] = [:]
            while !reader.isAtEnd {
                let tag = try reader.tag()
                guard tag.isField(1, .bytes) else {
                    try reader.skipUnknown(tag, in: "pluginv2.QueryDataResponse", &ledger)
                    continue
                }
                var entry = try reader.message()
                let response = try V2Response(&entry, &ledger)
                if let place = places[response.refID] {
                    responses[place] = response
                } else {
                    places[response.refID] = responses.count
                    responses.append(response)
                }
            }
            return responses
        }
    }
}
