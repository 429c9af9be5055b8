internal import DataFrames
internal import SwiftProtobuf
internal import Translation

/// What a result's metaJson becomes (rule B.5).
struct ReferenceMeta {
    /// Nesting that readers of frames can be trusted with.
    private static let maximumDepth = 200

    var custom: JSONText?
    var executedQueryString: String?
    var notices: [Notice] = []
    /// For `DataResponse.jsonMeta`.
    var original: [UInt8] = []

    init(_ json: String, _ ledger: inout LossLedger) {
        guard !json.isEmpty else { return }
        let bytes = Array(json.utf8)
        guard Self.depth(bytes) <= Self.maximumDepth, let document = try? JSONText(validating: bytes), Self.isFinite(document)
        else {
            ledger.add("models.QueryResult.metaJson", .unusableJSON)
            return
        }
        original = bytes
        guard document.members != nil else {
            custom = JSONText(object: [JSONMember(key: "value", value: document)])
            return
        }
        custom = document
        let texts = [document["executedQueryString"]?.string, document["sql"]?.string]
        executedQueryString = texts.compactMap { $0 }.first { !$0.isEmpty }
        let elements = document["notices"]?.elements ?? []
        notices = elements.compactMap(Self.notice)
        if notices.count < elements.count { notices = [] }
    }

    func add(to frame: inout Frame) {
        guard let custom else { return }
        var meta = frame.meta ?? FrameMeta()
        meta.custom = custom
        meta.executedQueryString = executedQueryString
        meta.notices += notices
        frame.meta = meta
    }

    private static func notice(_ value: JSONText) -> Notice? {
        guard let severity = value["severity"]?.string.flatMap(Notice.Severity.init), let text = value["text"]?.string,
            !text.isEmpty
        else { return nil }
        var notice = Notice(severity: severity, text: text)
        if let link = value["link"] {
            guard let link = link.string else { return nil }
            notice.link = link
        }
        if let inspect = value["inspect"] {
            guard let number = inspect.integer, number >= 0, number <= 4 else { return nil }
            notice.inspect = Notice.Inspect(rawValue: Int(number))
        }
        return notice
    }

    /// How deeply brackets outside strings are nested.
    private static func depth(_ json: [UInt8]) -> Int {
        var depth = 0
        var deepest = 0
        var inString = false
        var escaped = false
        for byte in json {
            switch byte {
            case _ where escaped: escaped = false
            case UInt8(ascii: "\\") where inString: escaped = true
            case UInt8(ascii: "\""): inString.toggle()
            case UInt8(ascii: "{") where !inString, UInt8(ascii: "[") where !inString:
                depth += 1
                deepest = max(deepest, depth)
            case UInt8(ascii: "}") where !inString, UInt8(ascii: "]") where !inString: depth -= 1
            default: break
            }
        }
        return deepest
    }

    private static func isFinite(_ value: JSONText) -> Bool {
        if let members = value.members { return members.allSatisfy { isFinite($0.value) } }
        if let elements = value.elements { return elements.allSatisfy { isFinite($0) } }
        return Double(value.description)?.isFinite ?? true
    }
}

extension LossLedger {
    /// Enters what a generated message kept of fields that its schema does not have.
    mutating func addUnknown(_ fields: UnknownStorage, in message: String) {
        let bytes = [UInt8](fields.data)
        var position = 0
        func varint() -> UInt64 {
            var value: UInt64 = 0
            var shift: UInt64 = 0
            while position < bytes.count {
                let byte = bytes[position]
                position += 1
                value |= UInt64(byte & 0x7f) << shift
                shift += 7
                if byte < 0x80 { break }
            }
            return value
        }
        func skip(_ tag: UInt64) {
            switch tag & 7 {
            case 0: _ = varint()
            case 1: position += 8
            case 2: position += Int(clamping: varint())
            case 3:
                while position < bytes.count {
                    let inner = varint()
                    if inner & 7 == 4 { break }
                    skip(inner)
                }
            default: position += 4
            }
        }
        while position < bytes.count {
            let tag = varint()
            skip(tag)
            guard tag >> 3 != UInt64(ExactTree.repairMark) else { continue }
            add(.unknown(UInt32(truncatingIfNeeded: tag >> 3), in: message), .unknownField)
        }
    }
}
