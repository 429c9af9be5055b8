internal import Translation

/// The fields of the messages, as the rules name them. (Another test holds the rules against the `.proto` files.)
package struct ProofSchema: Sendable {
    package enum Shape: Sendable, Equatable {
        case varint
        case fixed64
        case fixed32
        case string
        case bytes
        /// Entries of maps are messages too, named by the map's type.
        case message(String)
    }

    package struct Field: Sendable {
        package var number: UInt32
        package var name: String
        /// Of one element, as the schema writes it.
        package var type: String
        package var shape: Shape
        package var isRepeated: Bool
        package var isMap: Bool
    }

    package static let all = ProofSchema(RuleBook.all)

    private var messages: [String: [UInt32: Field]] = [:]
    /// The values of each enumeration.
    private var enums: [String: [Int32]] = [:]

    private init(_ books: [RuleBook]) {
        let enums = Set(books.flatMap(\.enums).map(\.name))
        for declared in books.flatMap(\.enums) { self.enums[declared.name] = declared.values.map(\.number) }
        for book in books {
            for message in book.messages where messages[message.name] == nil {
                messages[message.name] = [:]
                for rule in message.fields {
                    var type = rule.type
                    let isRepeated = type.hasPrefix("repeated ")
                    if isRepeated { type.removeFirst("repeated ".count) }
                    messages[message.name]?[rule.number] = Field(
                        number: rule.number, name: rule.name, type: type, shape: Self.shape(type, enums), isRepeated: isRepeated,
                        isMap: type.hasPrefix("map<"))
                    addEntry(type, enums)
                }
            }
        }
    }

    /// All maps here have string keys.
    private mutating func addEntry(_ type: String, _ enums: Set<String>) {
        guard type.hasPrefix("map<string, ") else { return }
        let value = String(type.dropFirst("map<string, ".count).dropLast())
        messages[type] = [
            1: Field(number: 1, name: "key", type: "string", shape: .string, isRepeated: false, isMap: false),
            2: Field(number: 2, name: "value", type: value, shape: Self.shape(value, enums), isRepeated: false, isMap: false),
        ]
    }

    private static func shape(_ type: String, _ enums: Set<String>) -> Shape {
        switch type {
        case "string": .string
        case "bytes": .bytes
        case "int32", "int64", "uint32", "uint64", "bool": .varint
        case "double": .fixed64
        case "float": .fixed32
        case _ where enums.contains(type): .varint
        default: .message(type)
        }
    }

    /// Nil for a message that no rule names.
    package func fields(of message: String) -> [UInt32: Field]? { messages[message] }

    package func values(ofEnum name: String) -> [Int32]? { enums[name] }

    package func field(_ number: UInt32, of message: String) -> Field? { messages[message]?[number] }
}
