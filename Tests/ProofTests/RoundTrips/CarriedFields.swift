import GatewayTestKit
import Synchronization
import Translation

/// The fields that the rules call carried, with the place that carries them: what a round trip has to bring back.
struct CarriedField: Hashable, Sendable {
    /// `pluginv2.DataQuery`
    var message: String
    var name: String
    var number: UInt32
    /// `models.Query`
    var otherMessage: String
    var otherName: String
    /// Hosts that send 0 get a value of the gateway's in its place.
    var isReplacedWhenZero: Bool

    var path: String { "\(message).\(name)" }

    /// Every carried field of the messages that go one way.
    static func all(_ direction: MessageRules.Direction, schema: (String) -> Bool) -> [CarriedField] {
        RuleBook.v2ToV1.messages.filter { $0.direction == direction && schema($0.schema) }.flatMap { message in
            message.fields.filter { $0.kind == .carried }.compactMap { rule in
                guard let counterpart = rule.counterpart, let dot = counterpart.lastIndex(of: ".") else { return nil }
                return CarriedField(
                    message: message.name, name: rule.name, number: rule.number, otherMessage: String(counterpart[..<dot]),
                    otherName: String(counterpart[counterpart.index(after: dot)...]),
                    isReplacedWhenZero: rule.text.hasPrefix("0 is replaced"))
            }
        }
    }

    /// The fields of the host's requests.
    static let ofRequests = all(.request) { $0 != "models" }
    /// The fields of the plugin's answers.
    static let ofAnswers = all(.answer) { $0 == "models" }

    /// Every value of the field in the messages within `tree`, message by message.
    func values(in tree: WireTree) -> [[WireTree.Value]] {
        guard let field = ProofSchema.all.field(number, of: message) else { return [] }
        return tree.all(message).map { $0.values(of: field) }
    }
}

extension WireTree {
    /// A v2 message made of a v1 message, with all that the rules carry between these two and nothing else.
    static func inverse(_ v1: WireTree, as name: String) -> WireTree {
        var tree = WireTree(name)
        for carried in CarriedField.ofRequests where carried.message == name && carried.otherMessage == v1.message {
            let other = ProofSchema.all.fields(of: v1.message)?.values.first { $0.name == carried.otherName }
            for field in v1.fields where field.number == other?.number {
                tree.fields.append(WireTree.Field(carried.number, field.value))
            }
        }
        return tree
    }
}

/// Which carried fields really carried something.
final class CarriedCoverage: Sendable {
    private let counts = Mutex<[CarriedField: Int]>([:])

    func note(_ field: CarriedField, _ values: [[WireTree.Value]]) {
        let filled = values.count { !$0.isEmpty }
        if filled > 0 { counts.withLock { $0[field, default: 0] += filled } }
    }

    /// Those of `fields` that were empty in every case.
    func missing(of fields: [CarriedField]) -> [String] {
        counts.withLock { counts in fields.filter { counts[$0] == nil }.map(\.path) }
    }
}
