internal import ArgumentParser
internal import Gateway

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Runs the gateway: the daemon that systemd starts.")

    @Option(help: "The configuration (default: \(ConfigurationLoader.defaultFile) when it is there).")
    var config: String?

    func run() async throws {
        try await GatewayService.run(configurationFile: config)
    }
}
