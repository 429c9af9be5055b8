internal import DataFrames
internal import Translation

/// Entries of ``FuzzTarget`` for what hosts send.
enum FuzzRequests {
    static func request(_ input: [UInt8]) -> String? {
        let options = TranslationOptions.default
        let (plan, chunked): (QueryDataPlan, QueryDataPlan)
        do throws(TranslationError) {
            plan = try V2ToV1QueryData.plan(input, options: options).0
            chunked = try V2ToV1QueryChunkedData.plan(input, options: options).0
            _ = try? V2ToV1Render.plan(input, options: options)
        } catch {
            guard let offset = error.cause?.offset, (0...input.count).contains(offset) else {
                return "an error without a place: \(error)"
            }
            return nil
        }
        if plan.calls.map(\.request) != chunked.calls.map(\.request) { return "chunks are asked for with other requests" }
        // Settings are repeated for each range that the request has.
        if plan.calls.reduce(0, { $0 + $1.request.count }) > (plan.calls.count + 1) * (8 * input.count + 1024) {
            return "the requests are too large"
        }
        for call in plan.calls {
            guard let (tree, _) = WireTree.parse(call.request, as: "models.DatasourceRequest") else {
                return "a request that is no message"
            }
            if tree.all("models.Query").count != call.refIDs.count { return "not as many queries as refIds" }
            if tree.all("models.TimeRange").count != 1 || tree.all("models.DatasourceInfo").count != 1 {
                return "a part is missing"
            }
        }
        return nil
    }

    static func model(_ input: [UInt8]) -> String? {
        guard let model = spliced(input) else { return "no request" }
        if String(validating: model, as: UTF8.self) == nil { return "the model is not UTF-8" }
        guard let members = (try? JSONText(validating: input))?.members else {
            // What is no object passes as it is, except that text is repaired; without any, there is a model all the same.
            let isText = String(validating: input, as: UTF8.self) != nil
            return input.isEmpty || !isText || model == input ? nil : changed(input, model)
        }
        guard let after = (try? JSONText(validating: model))?.members else { return "an object became something else" }
        for (before, after) in zip(members, after) {
            guard before.key.hasSameBytes(as: after.key) else { return "a member has another name" }
            if before.value != after.value, before.key != "datasource" || before.value.members == nil {
                return "a member has another value"
            }
        }
        for name in ["refId", "datasourceId", "intervalMs", "maxDataPoints"] where !after.contains(where: { $0.key == name }) {
            return "\(name) is not there"
        }
        return spliced(model) == model ? nil : "a model that is complete was changed again"
    }

    /// Nested deeper than what `JSONText` reads, an object may still be one.
    private static func changed(_ input: [UInt8], _ model: [UInt8]) -> String? {
        model.count > input.count && input.contains(UInt8(ascii: "{")) ? nil : "something that is no object was changed"
    }

    /// The model of the v1 request for a query with this one.
    private static func spliced(_ model: [UInt8]) -> [UInt8]? {
        let query = WireTree("pluginv2.DataQuery", [WireTree.Field(1, .bytes([0x41])), WireTree.Field(5, .bytes(model))])
        let request = FuzzAnswers.request([query], format: 0)
        guard let call = try? V2ToV1QueryData.plan(request, options: .default).0.calls.first,
            let (tree, _) = WireTree.parse(call.request, as: "models.DatasourceRequest"),
            let sent = tree.all("models.Query").first
        else { return nil }
        for case .bytes(let text) in sent.fields.filter({ $0.number == 4 }).map(\.value) { return text }
        return []
    }
}
