internal import ArgumentParser
internal import Gateway

struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Starts a plugin for a moment, negotiates with it, and says what would work behind the gateway.")

    @Flag(help: "Print JSON.")
    var json = false
    @Argument(help: "The plugin's executable.")
    var executable: String

    func run() async throws {
        let report = try await PluginCheck.run(executable: executable)
        say(json ? report.jsonText : report.terminalText)
        if !report.works { throw ExitCode(69) }
    }
}
