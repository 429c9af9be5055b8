internal import DataFrames

/// What a plugin's metaJson becomes (rule B.5).
struct ResultMeta {
    /// Deeper metadata is ignored: one frame that a reader cannot decode fails the whole response of the host.
    static let maximumDepth = 200

    /// For `meta.custom` of the frames.
    private(set) var custom: JSONText?
    private(set) var executedQueryString: String?
    private(set) var notices: [Notice] = []
    /// The original, for `DataResponse.jsonMeta`.
    private(set) var original: [UInt8] = []

    /// An empty or unreadable metaJson gives empty metadata; the latter is entered as lost. The query itself never fails for it.
    init(_ json: [UInt8], _ ledger: inout LossLedger) {
        guard !json.isEmpty else { return }
        guard let document = Self.document(json) else {
            ledger.add("models.QueryResult.metaJson", .unusableJSON)
            return
        }
        original = json
        guard document.members != nil else {
            // The front end expects an object.
            custom = JSONText(object: [JSONMember(key: "value", value: document)])
            return
        }
        custom = document
        executedQueryString = Self.nonEmpty(document["executedQueryString"]) ?? Self.nonEmpty(document["sql"])
        notices = Self.notices(document["notices"])
    }

    /// Nil for what readers of frames would fail on: no JSON, deep nesting, numbers that no double holds.
    private static func document(_ json: [UInt8]) -> JSONText? {
        do {
            _ = try JSONOutline(json, maximumDepth: maximumDepth, finiteNumbers: true)
            return try JSONText(validating: json)
        } catch {
            return nil
        }
    }

    /// Members that Grafana gives a meaning are only taken over when they have exactly the expected form.
    private static func nonEmpty(_ value: JSONText?) -> String? {
        guard let text = value?.string, !text.isEmpty else { return nil }
        return text
    }

    /// All or none: half a list would hide that something is missing.
    private static func notices(_ value: JSONText?) -> [Notice] {
        guard let elements = value?.elements else { return [] }
        let notices = elements.compactMap(notice)
        return notices.count == elements.count ? notices : []
    }

    private static func notice(_ value: JSONText) -> Notice? {
        guard let name = value["severity"]?.string, let severity = Notice.Severity(rawValue: name),
            let text = nonEmpty(value["text"])
        else { return nil }
        var notice = Notice(severity: severity, text: text)
        if let member = value["link"] {
            guard let link = member.string else { return nil }
            notice.link = link
        }
        if let member = value["inspect"] {
            guard let number = member.integer, (0...4).contains(number) else { return nil }
            notice.inspect = Notice.Inspect(rawValue: Int(number))
        }
        return notice
    }
}
