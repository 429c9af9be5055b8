internal import ArgumentParser
internal import Gateway

struct Reload: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes the running gateway read its configuration anew, and says what changed.",
        discussion: """
            A configuration with an error changes nothing: the gateway goes on with the one that it has, and the command ends with \
            exit code 78. Calls go on: a plugin that needs a new process for a change is restarted after its open calls.
            """)

    func run() async throws {
        say(try await ControlClient.reload().terminalText)
    }
}
