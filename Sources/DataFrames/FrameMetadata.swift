/// Labels, field configuration and frame metadata as the JSON that Arrow files and JSON frames share.

extension JSONWriter {
    /// An object of strings, keys in byte order.
    mutating func labels(_ labels: Labels) {
        byte(UInt8(ascii: "{"))
        var first = true
        for label in labels {
            separator(&first)
            string(label.key)
            byte(UInt8(ascii: ":"))
            string(label.value)
        }
        byte(UInt8(ascii: "}"))
    }

    mutating func config(_ config: FieldConfig) {
        if let name = config.displayNameFromDS, config.other.isEmpty {
            raw("{\"displayNameFromDS\":")
            string(name)
            return byte(UInt8(ascii: "}"))
        }
        var members = config.other
        if let name = config.displayNameFromDS {
            let place = members.first?.key.hasSameBytes(as: "displayName") == true ? 1 : 0
            members.insert(JSONMember(key: "displayNameFromDS", value: JSONText(string: name)), at: place)
        }
        object(members)
    }

    /// Keys in the order of the SDK; `typeVersion` always, unknown keys last.
    mutating func meta(_ meta: FrameMeta) {
        if meta.other.isEmpty { return ownMembers(of: meta) }
        var members: [(rank: Int, member: JSONMember)] = []
        func add(_ key: String, _ value: JSONText?) {
            guard let value else { return }
            members.append((Self.metaRank(key), JSONMember(key: key, value: value)))
        }
        func add(_ key: String, text: String?) {
            if let text, !text.isEmpty { add(key, JSONText(string: text)) }
        }
        add("type", text: meta.type)
        add("typeVersion", JSONText(known: Array("[\(meta.typeVersion.major),\(meta.typeVersion.minor)]".utf8)))
        add("custom", meta.custom)
        if !meta.notices.isEmpty { add("notices", JSONText(array: meta.notices.map(\.json))) }
        add("preferredVisualisationType", text: meta.preferredVisualisationType)
        add("executedQueryString", text: meta.executedQueryString)
        for member in meta.other { members.append((Self.metaRank(member.key), member)) }
        members.sort { $0.rank < $1.rank }
        object(members.map(\.member))
    }

    /// What there is of the gateway's own members, in the same order; nothing has to be sorted.
    private mutating func ownMembers(of meta: FrameMeta) {
        func member(_ key: StaticString, text: String?) {
            guard let text, !text.isEmpty else { return }
            raw(key)
            string(text)
        }
        byte(UInt8(ascii: "{"))
        if let type = meta.type, !type.isEmpty {
            raw("\"type\":")
            string(type)
            comma()
        }
        raw("\"typeVersion\":[")
        integer(meta.typeVersion.major)
        comma()
        integer(meta.typeVersion.minor)
        byte(UInt8(ascii: "]"))
        if let custom = meta.custom {
            raw(",\"custom\":")
            raw(custom)
        }
        if !meta.notices.isEmpty {
            raw(",\"notices\":")
            raw(JSONText(array: meta.notices.map(\.json)))
        }
        member(",\"preferredVisualisationType\":", text: meta.preferredVisualisationType)
        member(",\"executedQueryString\":", text: meta.executedQueryString)
        byte(UInt8(ascii: "}"))
    }

    private static func metaRank(_ key: String) -> Int {
        metaKeys.firstIndex { $0.hasSameBytes(as: key) } ?? metaKeys.count
    }

    private static let metaKeys = [
        "type", "typeVersion", "path", "pathSeparator", "custom", "stats", "notices", "channel", "preferredVisualisationType",
        "preferredVisualisationPluginId", "executedQueryString", "dataTopic", "uniqueRowIdFields",
    ]
}

extension Notice {
    fileprivate var json: JSONText {
        var members = [
            JSONMember(key: "severity", value: JSONText(string: severity.rawValue)),
            JSONMember(key: "text", value: JSONText(string: text)),
        ]
        if let link, !link.isEmpty { members.append(JSONMember(key: "link", value: JSONText(string: link))) }
        if inspect != .none { members.append(JSONMember(key: "inspect", value: JSONText(integer: Int64(inspect.rawValue)))) }
        return JSONText(object: members)
    }
}

extension JSONScanner {
    /// Labels, or `nil` for JSON's null. A value of null counts as empty, as in Go.
    mutating func labels() throws(FrameError) -> Labels? {
        if takeNull() { return nil }
        var pairs: [(key: String, value: String)] = []
        try beginMetadataObject("labels")
        var first = true
        while let key = try nextKey(&first) {
            if takeNull() {
                pairs.append((key, ""))
            } else {
                guard peek() == UInt8(ascii: "\"") else { throw metadata("a label value is not a string") }
                pairs.append((key, try string()))
            }
        }
        return Labels(pairs)
    }

    mutating func config() throws(FrameError) -> FieldConfig? {
        if takeNull() { return nil }
        var config = FieldConfig()
        try beginMetadataObject("config")
        var first = true
        while let key = try nextKey(&first) {
            if key.hasSameBytes(as: "displayNameFromDS") {
                config.displayNameFromDS = try text("config.displayNameFromDS")
            } else {
                config.other.append(JSONMember(key: key, value: try value()))
            }
        }
        return config
    }

    /// Frame metadata, or `nil` for null. Keys of the wrong type fail, as they do in Grafana.
    mutating func meta() throws(FrameError) -> FrameMeta? {
        if takeNull() { return nil }
        var meta = FrameMeta()
        try beginMetadataObject("meta")
        var first = true
        while let key = try nextKey(&first) {
            switch key {
            case "type": meta.type = try text("meta.type")
            case "typeVersion": meta.typeVersion = try typeVersion()
            case "custom":
                let custom = try value()
                meta.custom = custom.isNull ? nil : custom
            case "notices": meta.notices = try notices()
            case "preferredVisualisationType": meta.preferredVisualisationType = try text("meta.preferredVisualisationType")
            case "executedQueryString": meta.executedQueryString = try text("meta.executedQueryString")
            default:
                let value = try value()
                guard Self.isPlausible(value, for: key) else { throw metadata("meta.\(key) has the wrong type") }
                meta.other.append(JSONMember(key: key, value: value))
            }
        }
        return meta
    }

    private static func isPlausible(_ value: JSONText, for key: String) -> Bool {
        if value.isNull { return true }
        switch key {
        case "path", "pathSeparator", "channel", "preferredVisualisationPluginId", "dataTopic": return value.string != nil
        case "stats": return value.elements?.allSatisfy { $0.isNull || $0.members != nil } ?? false
        case "uniqueRowIdFields": return value.elements?.allSatisfy { $0.isNull || $0.integer != nil } ?? false
        default: return true
        }
    }

    /// Two non-negative integers; as in Go, missing ones are 0 and further ones do not count.
    private mutating func typeVersion() throws(FrameError) -> FrameTypeVersion {
        if takeNull() { return FrameTypeVersion(0, 0) }
        guard peek() == UInt8(ascii: "[") else { throw metadata("meta.typeVersion is not an array") }
        try beginArray()
        var numbers: [UInt64] = []
        var first = true
        while try nextElement(&first) {
            guard numbers.count < 2 else {
                _ = try skipValue()
                continue
            }
            do { numbers.append(try integer()) } catch { throw metadata("meta.typeVersion must hold non-negative integers") }
        }
        return FrameTypeVersion(numbers.first ?? 0, numbers.count > 1 ? numbers[1] : 0)
    }

    private mutating func notices() throws(FrameError) -> [Notice] {
        if takeNull() { return [] }
        guard peek() == UInt8(ascii: "[") else { throw metadata("meta.notices is not an array") }
        try beginArray()
        var notices: [Notice] = []
        var firstNotice = true
        while try nextElement(&firstNotice) {
            var notice = Notice(severity: .info, text: "")
            try beginMetadataObject("a notice")
            var first = true
            while let key = try nextKey(&first) {
                switch key {
                case "severity":
                    guard let name = try text("severity") else { continue }
                    guard let severity = Notice.Severity(rawValue: name) else {
                        throw metadata("the severity of a notice is none of info, warning, error")
                    }
                    notice.severity = severity
                case "text": notice.text = try text("text") ?? ""
                case "link": notice.link = try text("link")
                case "inspect":
                    if takeNull() { continue }
                    do { notice.inspect = Notice.Inspect(rawValue: try integer()) } catch {
                        throw metadata("inspect of a notice is not an integer")
                    }
                default: _ = try skipValue()
                }
            }
            notices.append(notice)
        }
        return notices
    }

    /// A string, or `nil` for null.
    private mutating func text(_ what: String) throws(FrameError) -> String? {
        if takeNull() { return nil }
        guard peek() == UInt8(ascii: "\"") else { throw metadata("\(what) is not a string") }
        return try string()
    }

    private mutating func beginMetadataObject(_ what: String) throws(FrameError) {
        guard peek() == UInt8(ascii: "{") else { throw metadata("\(what) is not an object") }
        try beginObject()
    }

    private func metadata(_ what: String) -> FrameError {
        FrameError(
            .malformedMetadata, "The metadata of a frame cannot be read: \(what).",
            remedy: "The plugin that made the frame must send metadata with the types of the plugin SDK.", byteOffset: position)
    }
}
