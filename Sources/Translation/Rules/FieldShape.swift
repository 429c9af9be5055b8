/// How a field stands on the wire, as far as its type says.
enum FieldShape: Sendable {
    case scalar([WireType])
    case message(String)
    /// Maps of the schemas here have string keys; the value's type is named.
    case map(value: String)

    /// Nil for a type that is neither a scalar nor among `messages` and `enums`.
    init?(_ type: String, messages: Set<String>, enums: Set<String>) {
        let isRepeated = type.hasPrefix("repeated ")
        let element = isRepeated ? String(type.dropFirst("repeated ".count)) : type
        if element.hasPrefix("map<string, "), element.hasSuffix(">") {
            self = .map(value: String(element.dropFirst("map<string, ".count).dropLast()))
            return
        }
        // A repeated number may come packed or one by one.
        func number(_ type: WireType) -> FieldShape { .scalar(isRepeated ? [type, .bytes] : [type]) }
        switch element {
        case "string", "bytes": self = .scalar([.bytes])
        case "int32", "int64", "uint32", "uint64", "sint32", "sint64", "bool": self = number(.varint)
        case "double", "fixed64", "sfixed64": self = number(.fixed64)
        case "float", "fixed32", "sfixed32": self = number(.fixed32)
        case _ where enums.contains(element): self = number(.varint)
        case _ where messages.contains(element): self = .message(element)
        default: return nil
        }
    }

    func accepts(_ type: WireType) -> Bool {
        switch self {
        case .scalar(let types): types.contains(type)
        case .message, .map: type == .bytes
        }
    }
}
