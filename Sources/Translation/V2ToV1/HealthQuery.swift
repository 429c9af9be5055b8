/// A configured query that shows whether the data source behind a v1 plugin answers: v1 itself has no health check.
package enum V2ToV1HealthQuery {
    static let refID = "health"
    /// Milliseconds that the query looks back.
    static let lookBack: Int64 = 5 * 60 * 1000

    /// - Parameters:
    ///   - request: the encoded `pluginv2.CheckHealthRequest`; its context names the data source.
    ///   - model: the query model to run, as JSON.
    ///   - now: milliseconds since the Unix epoch.
    /// - Returns: a plan to carry out like that of a `QueryData`.
    /// - Throws: ``TranslationError`` when the request is not that message.
    package static func plan(
        _ request: [UInt8], model: [UInt8], now: Int64, options: TranslationOptions
    ) throws(TranslationError) -> QueryDataPlan {
        var query = WireWriter()
        do throws(WireError) {
            try request.readWire { reader throws(WireError) in
                while !reader.isAtEnd {
                    let tag = try reader.tag()
                    // Repeated contexts merge in the new message as they do in the old one.
                    if tag.isField(1, .bytes) { query.delimited(1, try reader.data()) } else { try reader.skip(tag) }
                }
            }
        } catch {
            throw .malformedRequest(V2ToV1CheckHealth.message, error, size: request.count)
        }
        query.message(3) { query in
            query.string(1, refID)
            query.int64(2, 100)
            query.int64(3, 1000)
            query.message(4) { range in
                range.int64(1, now - lookBack)
                range.int64(2, now)
            }
            query.data(5, model)
        }
        return try V2ToV1QueryData.plan(query.bytes, options: options).0
    }

    /// What the answer to the query says about the data source.
    package static func probe(_ answer: QueryDataAnswer) -> PluginVitals.Probe {
        switch answer {
        case .status(_, let message, _): return .failed(message)
        case .reply(let bytes, _):
            do throws(WireError) {
                let error = try firstError(in: bytes)
                return error.isEmpty ? .succeeded : .failed(error)
            } catch {
                return .failed("the answer to the test query cannot be read: \(error)")
            }
        }
    }

    /// The first error text of a `pluginv2.QueryDataResponse`; empty when there is none.
    private static func firstError(in bytes: [UInt8]) throws(WireError) -> String {
        try bytes.readWire { reader throws(WireError) in
            while let entry = try reader.next(1) {
                var entry = entry
                while let response = try entry.next(2) {
                    var response = response
                    if let error = try response.next(2) { return String(decoding: error.bytes(error.all), as: UTF8.self) }
                }
            }
            return ""
        }
    }
}

extension WireReader {
    fileprivate var all: Range<Int> { position..<end }

    /// The next length-delimited field with this number; others are skipped.
    fileprivate mutating func next(_ number: UInt32) throws(WireError) -> WireReader? {
        while !isAtEnd {
            let tag = try tag()
            if tag.isField(number, .bytes) { return try message() }
            try skip(tag)
        }
        return nil
    }
}
