package import Logging

/// What the journal says with one kind of event: the source of docs/journal.md, and what tests hold the code and the catalog against.
package struct EventDescription: Sendable {
    /// In a few words; the subject of its entry in `deploy/plugin-gateway.catalog`.
    package var subject: String
    package var levels: [Logger.Level]
    /// When it is written.
    package var occasion: String
    /// What whoever reads it should do.
    package var action: String
    /// Fields that every entry has.
    package var always: [LogKey]
    /// Fields that an entry has where there is something to say.
    package var sometimes: [LogKey]
    package var families: [FieldFamily]
    /// The fields that stand behind the text in MESSAGE, so that a plain `journalctl` tells the story.
    package var headline: [LogKey]

    init(
        _ subject: String, _ levels: [Logger.Level], occasion: String, action: String, always: [LogKey] = [],
        sometimes: [LogKey] = [],
        families: [FieldFamily] = [], headline: [LogKey] = []
    ) {
        self.subject = subject
        self.levels = levels
        self.occasion = occasion
        self.action = action
        self.always = always
        self.sometimes = sometimes
        self.families = families
        self.headline = headline
    }

    /// Fields that entries of any kind may have, beside those of their kind.
    package static let ofEveryKind: [LogKey] = [.event, .logger, .error]

    /// Whether entries of this kind may have a field of this name. Names without our prefix are journald's and libsystemd's affair.
    package func allows(_ field: String) -> Bool {
        guard field.hasPrefix(FieldName.prefix) else { return true }
        if let key = LogKey(rawValue: field) {
            return always.contains(key) || sometimes.contains(key) || Self.ofEveryKind.contains(key)
        }
        return families.contains { $0.contains(field) }
    }

    /// MESSAGE of an event: the plugin it is about, the text, and the fields of the headline.
    package func message(_ text: String, value: (LogKey) -> String?) -> String {
        let plugin = value(.plugin).map { "\($0): " } ?? ""
        let details = headline.compactMap { value($0) }.filter { !$0.isEmpty }.map(Self.shortened)
        return plugin + text + (details.isEmpty ? "" : ": " + details.joined(separator: ", "))
    }

    /// The whole value stands in its field.
    private static func shortened(_ text: String) -> String {
        let limit = 400
        return text.utf8.count <= limit ? text : String(decoding: text.utf8.prefix(limit), as: UTF8.self) + "…"
    }
}
