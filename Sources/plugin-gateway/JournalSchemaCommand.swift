internal import ArgumentParser
internal import Gateway

/// For the documentation and for programs; operators read docs/journal.md.
struct JournalSchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journal-schema", abstract: "Prints what the gateway writes to the journal.", shouldDisplay: false)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case markdown, json
    }

    @Option(help: "One of \(Format.allCases.map(\.rawValue).joined(separator: ", ")).")
    var format = Format.markdown

    func run() throws {
        switch format {
        case .markdown: say(JournalSchema.current.markdown)
        case .json: say(JournalSchema.current.jsonText)
        }
    }
}
