internal import Foundation
internal import Logging
internal import Telemetry

/// What the gateway writes to the journal, as data: kinds of events, fields, and families of fields.
package struct JournalSchema: Codable, Sendable {
    package struct Event: Codable, Sendable {
        package var name: String
        package var messageID: String
        package var subject: String
        package var levels: [String]
        package var occasion: String
        package var action: String
        package var always: [String]
        package var sometimes: [String]
        /// What their names begin with.
        package var families: [String]
    }

    package struct Field: Codable, Sendable {
        package var name: String
        package var unit: String
        package var meaning: String
        package var repeats: Bool
    }

    package struct Family: Codable, Sendable {
        package var prefix: String
        package var meaning: String
    }

    package var events: [Event]
    package var fields: [Field]
    package var families: [Family]
    /// Fields that entries of every kind may have.
    package var ofEveryKind: [String]

    /// What this build writes.
    package static let current = JournalSchema(
        events: EventKind.allCases.map(Event.init), fields: LogKey.allCases.map(Field.init),
        families: [FieldFamily.pluginFields, .gauges, .metrics].map { Family(prefix: $0.prefix, meaning: $0.meaning) },
        ofEveryKind: EventDescription.ofEveryKind.map(\.rawValue))

    /// With sorted keys.
    package var jsonText: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}

extension JournalSchema.Event {
    init(_ kind: EventKind) {
        let description = kind.description
        self.init(
            name: kind.rawValue, messageID: kind.messageID, subject: description.subject,
            levels: description.levels.map(\.rawValue),
            occasion: description.occasion, action: description.action, always: description.always.map(\.rawValue),
            sometimes: description.sometimes.map(\.rawValue), families: description.families.map(\.prefix))
    }
}

extension JournalSchema.Field {
    init(_ key: LogKey) {
        let description = key.description
        self.init(name: key.rawValue, unit: description.unit.rawValue, meaning: description.meaning, repeats: description.repeats)
    }
}
