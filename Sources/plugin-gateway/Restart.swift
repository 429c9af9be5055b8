internal import ArgumentParser
internal import Gateway

struct Restart: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Starts a plugin anew, without a failed call.",
        discussion: """
            The running process serves until the new one answers, and then finishes its calls. A plugin that was left alone because it failed \
            too often is tried at once. Only root and the gateway's user may do this.
            """)

    @Argument(help: "The id of a plugin, or of one attachment (see `plugin-gateway status`).")
    var id: String

    func run() async throws {
        let count = try await ControlClient.restart(id)
        say("\(id): \(count) attachment\(count == 1 ? "" : "s") being restarted; `plugin-gateway status` shows what comes of it")
    }
}
