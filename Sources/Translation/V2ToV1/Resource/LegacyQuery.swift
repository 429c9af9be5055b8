/// `__gateway/legacy/tsdb/query`: the body of today's `/api/ds/query` in, the JSON of the old `/api/tsdb/query` out, for front ends that
/// were written for it.
package enum LegacyQuery {
    static let maximumQueries = 1000
    /// What hosts took where a query named none.
    static let defaultMaxDataPoints: Int64 = 100
    static let defaultInterval: Int64 = 1000
    static let defaultRefID = "A"

    /// Why the body is refused, for people.
    struct BodyError: Error {
        var message: String
    }

    static func plan(
        _ request: ResourceRequest, now: Int64, options: TranslationOptions, _ ledger: inout LossLedger
    ) throws(TranslationError) -> (V2ToV1Resource.Plan, LossLedger) {
        let encoded: [UInt8]
        do throws(BodyError) {
            encoded = try queryDataRequest(request, now: now)
        } catch {
            return (.reply(.message(400, error.message)), LossLedger())
        }
        ledger.add("pluginv2.CallResourceRequest.headers", .noHome, count: request.headers)
        let refused = ledger.takeRefusals()
        if !refused.isEmpty {
            return (.reply(.message(Int(LossRefusal.requestStatus), LossRefusal.ofRequest(refused))), ledger)
        }
        let (plan, losses) = try V2ToV1QueryData.plan(encoded, options: options)
        ledger.merge(losses)
        return (.query(plan), ledger)
    }

    /// The encoded `pluginv2.QueryDataRequest` for the body of a request.
    static func queryDataRequest(_ request: ResourceRequest, now: Int64) throws(BodyError) -> [UInt8] {
        let body = request.body
        let document = try object(body, in: nil, "the body")
        guard let list = document.value(of: "queries", in: body), let queries = outline(body, in: list), queries.root == .array
        else {
            throw BodyError(message: "the body has no array \"queries\"")
        }
        guard !queries.elements.isEmpty, queries.elements.count <= maximumQueries else {
            throw BodyError(message: "\"queries\" must hold 1 to \(maximumQueries) queries")
        }
        let range = try timeRange(document, body, now: now) ?? (from: now, to: now)
        var writer = WireWriter(reservingCapacity: body.count + 1024)
        for context in request.contexts { writer.delimited(1, context) }
        for place in queries.elements {
            let query = try object(body, in: place, "a query")
            let ownRange = query.value(of: "timeRange", in: body).flatMap { outline(body, in: $0) }
            let range = try ownRange.flatMap { own throws(BodyError) in try timeRange(own, body, now: now) } ?? range
            writer.message(3) { writer in
                writer.string(1, text(query, "refId", body) ?? defaultRefID)
                writer.int64(2, integer(query, "maxDataPoints", body) ?? defaultMaxDataPoints)
                writer.int64(3, integer(query, "intervalMs", body) ?? defaultInterval)
                writer.message(4) { writer in
                    writer.int64(1, range.from)
                    writer.int64(2, range.to)
                }
                writer.data(5, body[query.range])
                writer.string(6, text(query, "queryType", body) ?? "")
            }
        }
        return writer.bytes
    }

    // MARK: JSON

    private static func outline(_ body: [UInt8], in region: Range<Int>?) -> JSONOutline? {
        do throws(JSONFault) {
            return try JSONOutline(body, in: region, maximumDepth: ModelSplicer.maximumDepth)
        } catch {
            return nil
        }
    }

    private static func object(_ body: [UInt8], in region: Range<Int>?, _ what: String) throws(BodyError) -> JSONOutline {
        guard let outline = outline(body, in: region), outline.root == .object else {
            throw BodyError(message: "\(what) is not a JSON object")
        }
        return outline
    }

    private static func text(_ object: JSONOutline, _ key: String, _ body: [UInt8]) -> String? {
        guard let place = object.value(of: key, in: body), body[place.lowerBound] == UInt8(ascii: "\"") else { return nil }
        return JSONString.decode(body[place])
    }

    private static func integer(_ object: JSONOutline, _ key: String, _ body: [UInt8]) -> Int64? {
        guard let place = object.value(of: key, in: body) else { return nil }
        let text = String(decoding: body[place], as: UTF8.self)
        return Int64(text) ?? Double(text).flatMap { Int64(exactly: $0.rounded(.towardZero)) }
    }

    /// Nil when the object has neither end; one alone is an error.
    private static func timeRange(
        _ object: JSONOutline, _ body: [UInt8], now: Int64
    ) throws(BodyError) -> (from: Int64, to: Int64)? {
        func end(_ key: String) throws(BodyError) -> Int64? {
            guard object.value(of: key, in: body) != nil else { return nil }
            let time = text(object, key, body).flatMap { LegacyTime.parse($0, now: now) } ?? integer(object, key, body)
            guard let time else { throw BodyError(message: "\"\(key)\" is not a time: it must be \(LegacyTime.forms)") }
            return time
        }
        switch (try end("from"), try end("to")) {
        case (nil, nil): return nil
        case (let from?, let to?): return (from, to)
        default: throw BodyError(message: "\"from\" and \"to\" belong together")
        }
    }
}
