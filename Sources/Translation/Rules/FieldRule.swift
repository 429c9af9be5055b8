/// What becomes of one protobuf field between a host of one version and a plugin of another.
package struct FieldRule: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// The same value stands in a field of the other version.
        case carried
        /// The other version says it differently; ``FieldRule/text`` says how.
        case converted
        /// The sender has nothing like it; the text says from what it is made.
        case synthesised
        /// The receiver has nothing like it; the text says why, and ``FieldRule/remedy`` what can be done.
        case lost
        /// Part of a method that the other version lacks; the text says what the host gets instead.
        case notApplicable = "not applicable"
    }

    package var number: UInt32
    /// As the schema writes it.
    package var name: String
    /// As the schema writes it, with full names of messages: `int64`, `repeated pluginv2.DataQuery`, `map<string, string>`.
    package var type: String
    package var kind: Kind
    /// The field of the other version (or of the answer) that takes the value or gives it.
    package var counterpart: String?
    package var text: String
    /// What an operator can do about a loss; empty where there is nothing.
    package var remedy: String
    /// What the ledger may enter under this field's path.
    package var losses: [LossCause]
    /// The text of the notice on the frame, for data that a user must miss; `N` and `NAME` stand for a number and a column.
    package var notice: String?

    package static func carried(
        _ number: UInt32, _ name: String, _ type: String, _ counterpart: String, _ text: String = "", losses: [LossCause] = []
    ) -> FieldRule {
        FieldRule(
            number: number, name: name, type: type, kind: .carried, counterpart: counterpart, text: text, remedy: "",
            losses: losses)
    }

    package static func converted(
        _ number: UInt32, _ name: String, _ type: String, _ counterpart: String, how: String, losses: [LossCause] = [],
        notice: String? = nil
    ) -> FieldRule {
        FieldRule(
            number: number, name: name, type: type, kind: .converted, counterpart: counterpart, text: how, remedy: "",
            losses: losses, notice: notice)
    }

    package static func synthesised(_ number: UInt32, _ name: String, _ type: String, from: String) -> FieldRule {
        FieldRule(number: number, name: name, type: type, kind: .synthesised, text: from, remedy: "", losses: [])
    }

    package static func lost(
        _ number: UInt32, _ name: String, _ type: String, why: String, remedy: String = "", losses: [LossCause] = [.noHome]
    ) -> FieldRule {
        FieldRule(number: number, name: name, type: type, kind: .lost, text: why, remedy: remedy, losses: losses)
    }

    package static func notApplicable(_ number: UInt32, _ name: String, _ type: String, answer: String) -> FieldRule {
        FieldRule(number: number, name: name, type: type, kind: .notApplicable, text: answer, remedy: "", losses: [])
    }
}
