internal import DataFrames
internal import Translation

/// Entries of ``FuzzTarget`` for what v1 plugins send.
enum FuzzAnswers {
    static func request(_ queries: [WireTree], format: UInt64) -> [UInt8] {
        let settings = WireTree(
            "pluginv2.DataSourceInstanceSettings", [WireTree.Field(1, .varint(7)), WireTree.Field(2, .bytes([0x44]))])
        let context = WireTree("pluginv2.PluginContext", [WireTree.Field(5, .message(settings))])
        var fields = [WireTree.Field(1, .message(context))]
        fields += queries.map { WireTree.Field(3, .message($0)) }
        fields.append(WireTree.Field(4, .varint(format)))
        return WireTree("pluginv2.QueryDataRequest", fields).encoded
    }

    private static func query(_ refID: UInt8) -> WireTree { WireTree("pluginv2.DataQuery", [WireTree.Field(1, .bytes([refID]))]) }

    /// A response of the answer: its frames and the rest.
    private struct Response {
        var frames: [Frame] = []
        var error = ""
        var status: Int64 = 0
        var jsonMeta: [UInt8] = []
    }

    static func response(_ input: [UInt8]) -> String? {
        do {
            let arrow = try answer(to: arrowPlan.get(), input)
            let json = try answer(to: jsonPlan.get(), input)
            if arrow.keys.sorted(by: precedes) != json.keys.sorted(by: precedes) { return "the formats have other refIds" }
            if arrow[[0x41]] == nil || arrow[[0x42]] == nil { return "a query has no answer" }
            for (refID, response) in arrow {
                guard let other = json[refID] else { return "a query has an answer in one format only" }
                if response.error != other.error || response.status != other.status { return "the formats have other errors" }
                if (response.status == 200) != response.error.isEmpty {
                    return "status \(response.status) with error \(response.error)"
                }
                if response.frames.map(\.asJSON) != other.frames.map(\.asJSON) { return "the formats have other frames" }
                if let problem = place(response.error, input) { return problem }
            }
            return try chunks(input)
        } catch {
            return "\(error)"
        }
    }

    static func meta(_ input: [UInt8]) -> String? {
        let point = WireTree("models.Point", [WireTree.Field(1, .varint(1))])
        let series = WireTree("models.TimeSeries", [WireTree.Field(3, .message(point))])
        let result = WireTree(
            "models.QueryResult",
            [WireTree.Field(2, .bytes([0x41])), WireTree.Field(3, .bytes(input)), WireTree.Field(4, .message(series))])
        let reply = WireTree("models.DatasourceResponse", [WireTree.Field(1, .message(result))]).encoded
        do {
            let arrow = try answer(to: arrowPlan.get(), reply)
            let json = try answer(to: jsonPlan.get(), reply)
            guard let response = arrow[[0x41]], let frame = response.frames.first, let other = json[[0x41]]?.frames.first else {
                return "metadata cost the answer"
            }
            if frame.meta != other.meta { return "the formats have other metadata" }
            if response.jsonMeta.isEmpty { return frame.meta?.custom == nil ? nil : "metadata out of nothing" }
            if String(validating: input, as: UTF8.self) != nil, response.jsonMeta != input { return "jsonMeta is not what came" }
            guard let document = try? JSONText(validating: response.jsonMeta), let custom = frame.meta?.custom else {
                return "jsonMeta is no JSON"
            }
            let wrapped = JSONText(object: [JSONMember(key: "value", value: document)])
            return custom == document || document.members == nil && custom == wrapped ? nil : "custom is not what came"
        } catch {
            return "\(error)"
        }
    }

    private struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    // What the host asks is always the same, and is planned once.
    private static let arrowPlan = plan(format: 0, chunked: false)
    private static let jsonPlan = plan(format: 1, chunked: false)
    private static let chunkedPlan = plan(format: 1, chunked: true)

    private static func plan(format: UInt64, chunked: Bool) -> Result<QueryDataPlan, TranslationError> {
        let request = request([query(0x41), query(0x42)], format: format)
        var options = TranslationOptions.default
        options.chunkRows = 3
        do throws(TranslationError) {
            return .success(
                chunked
                    ? try V2ToV1QueryChunkedData.plan(request, options: options).0
                    : try V2ToV1QueryData.plan(request, options: options).0)
        } catch {
            return .failure(error)
        }
    }

    /// The answer to a plan whose one call brings `reply`, by the bytes of the refIds.
    private static func answer(to plan: QueryDataPlan, _ reply: [UInt8]) throws -> [[UInt8]: Response] {
        var ledger = LossLedger()
        guard case .reply(let bytes, _) = V2ToV1QueryData.merge(plan, [.reply(reply)], ledger: &ledger) else {
            throw Problem(description: "no answer")
        }
        if FuzzTarget.exceedsBound(bytes.count, reply.count) {
            throw Problem(description: "\(reply.count) bytes became \(bytes.count)")
        }
        guard let (tree, _) = WireTree.parse(bytes, as: "pluginv2.QueryDataResponse") else {
            throw Problem(description: "the answer is no message")
        }
        var responses: [[UInt8]: Response] = [:]
        for case .message(let entry) in tree.fields.map(\.value) {
            var key: [UInt8] = []
            for case .bytes(let text) in entry.fields.filter({ $0.number == 1 }).map(\.value) { key = text }
            for case .message(let response) in entry.fields.map(\.value) { responses[key] = try read(response) }
        }
        return responses
    }

    private static func read(_ tree: WireTree) throws -> Response {
        var response = Response()
        var frames: [[UInt8]] = []
        var format: UInt64 = 0
        for field in tree.fields {
            switch (field.number, field.value) {
            case (1, .bytes(let frame)): frames.append(frame)
            case (2, .bytes(let text)): response.error = String(decoding: text, as: UTF8.self)
            case (3, .bytes(let meta)): response.jsonMeta = meta
            case (4, .varint(let status)): response.status = Int64(bitPattern: status)
            case (6, .varint(let value)): format = value
            default: continue
            }
        }
        response.frames = try frames.map { format == 1 ? try JSONFrame.read($0) : try ArrowFile.read($0) }
        return response
    }

    /// The stream ends, and has no more messages than the reply has bytes.
    private static func chunks(_ input: [UInt8]) throws -> String? {
        var answer = try ChunkedAnswer(chunkedPlan.get())
        var ledger = LossLedger()
        answer.take(.reply(input), ofCall: 0, &ledger)
        _ = answer.end()
        var count = 0
        while let message = answer.next(&ledger) {
            count += 1
            if count > input.count + 4 { return "a stream without end" }
            if WireTree.parse(message, as: "pluginv2.QueryChunkedDataResponse") == nil { return "a chunk that is no message" }
        }
        return nil
    }

    /// An error of the reply's bytes names a place in them.
    private static func place(_ error: String, _ input: [UInt8]) -> String? {
        guard error.hasPrefix("the legacy plugin's reply is not a ") else { return nil }
        let words = error.prefix { $0 != ";" }.split(separator: " ")
        guard words.count > 4, words[words.count - 2] == "of", let offset = Int(words[words.count - 3]),
            let size = Int(words[words.count - 1]),
            offset <= size, size == input.count
        else { return "a wrong place: \(error)" }
        return nil
    }

    private static func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool { left.lexicographicallyPrecedes(right) }
}
