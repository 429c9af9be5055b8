internal import ArgumentParser
internal import Gateway

struct Wrap: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Puts the locator in the place of a plugin's executable, so that Grafana reaches the plugin through the gateway.")

    @Option(help: "The locator to install (default: the one of this installation).")
    var locator: String?
    @Argument(help: "The plugin's directory, with its plugin.json.")
    var directory: String

    func run() throws {
        for line in try Wrapper.chosen(locator).wrap(directory: directory) { say(line) }
    }
}

struct Unwrap: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Puts a wrapped plugin back in its place.")

    @Argument(help: "The plugin's directory, with its plugin.json.")
    var directory: String

    func run() throws {
        for line in try Wrapper.unwrap(directory: directory) { say(line) }
    }
}
