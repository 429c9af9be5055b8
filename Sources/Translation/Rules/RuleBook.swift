/// The rules between a host of one version and a plugin of another: each message, field and method of both has exactly one.
///
/// Within one version only what is ever touched has rules.
package struct RuleBook: Sendable {
    package let host: Int
    package let plugin: Int
    package let methods: [MethodRule]
    package let messages: [MessageRules]
    package let enums: [EnumRules]
    private let places: [String: Int]
    /// The schema, for readers that know nothing else of it: name and shape by message and number.
    let shapes: [String: [UInt32: (name: String, shape: FieldShape)]]

    init(host: Int, plugin: Int, methods: [MethodRule], messages: [MessageRules], enums: [EnumRules]) {
        self.host = host
        self.plugin = plugin
        self.methods = methods
        self.messages = messages
        self.enums = enums
        let names = Set(messages.map(\.name)), enumNames = Set(enums.map(\.name))
        shapes = Dictionary(
            messages.map { message in
                let fields = message.fields.compactMap { field in
                    FieldShape(field.type, messages: names, enums: enumNames).map { (field.number, (field.name, $0)) }
                }
                return (message.name, Dictionary(fields, uniquingKeysWith: { first, _ in first }))
            },
            uniquingKeysWith: { first, _ in first })
        places = Dictionary(messages.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The rules between two versions; nil where there is no translator.
    package static func of(host: Int, plugin: Int) -> RuleBook? {
        all.first { $0.host == host && $0.plugin == plugin }
    }

    package static let all = [v2ToV1, withinV2]

    /// What may be entered under a path, in any book: policies of losses are not told apart by version.
    package static func causes(of path: LossPath) -> Set<LossCause> { Set(all.flatMap { $0.causes(of: path) }) }

    /// Whether a policy can be set for a pattern, in any book.
    package static func accepts(_ pattern: String) -> Bool { all.contains { $0.accepts(pattern) } }

    package func message(_ name: String) -> MessageRules? { places[name].map { messages[$0] } }

    /// The rule of the field that a path names; nil for a message's own path, and for what no rule names.
    package func field(_ path: LossPath) -> FieldRule? {
        guard let dot = path.name.lastIndex(of: ".") else { return nil }
        let name = path.name[path.name.index(after: dot)...]
        return message(String(path.name[..<dot]))?.fields.first { $0.name.utf8.elementsEqual(name.utf8) }
    }

    /// What may be entered under a path: nothing for paths that no rule names.
    package func causes(of path: LossPath) -> [LossCause] {
        if isUnknownField(path) { return [.unknownField] }
        return message(path.name)?.losses ?? field(path)?.losses ?? []
    }

    /// Every path that the rules allow to lose something, in their order. Unknown fields come on top, for every message.
    package var lossyPaths: [LossPath] {
        messages.flatMap { message -> [LossPath] in
            let own = message.losses.isEmpty ? [] : [LossPath(message.name)]
            return own + message.fields.filter { !$0.losses.isEmpty }.map { LossPath("\(message.name).\($0.name)") }
        }
    }

    /// `MESSAGE.#NUMBER`, or `MESSAGE.FIELD.#NUMBER` inside the entries of a map.
    func isUnknownField(_ path: LossPath) -> Bool {
        guard let mark = path.name.lastIndex(of: "."), path.name[path.name.index(after: mark)...].hasPrefix("#"),
            let number = UInt32(path.name[mark...].dropFirst(2)), number > 0
        else { return false }
        let place = String(path.name[..<mark])
        return message(place) != nil || field(LossPath(place))?.type.hasPrefix("map<") == true
    }
}
