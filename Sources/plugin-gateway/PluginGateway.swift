internal import ArgumentParser
internal import Gateway
internal import Glibc

@main
struct PluginGateway: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugin-gateway",
        abstract: "Keeps Grafana plugins of older protocol versions working in front of a modern Grafana.",
        version: GatewayVersion.current,
        subcommands: [
            Serve.self, Call.self, Check.self, Explain.self, Reload.self, Restart.self, Status.self, Wrap.self, Unwrap.self,
            JournalSchemaCommand.self,
        ])

    static func main() async {
        // Before anything secret is read: no core dump and no other process of this user may see our memory.
        ProcessHardening.apply()
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let error as GatewayError {
            let text = "plugin-gateway: \(error)\n"
            _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
            exit(withError: ExitCode(error.code.exitCode))
        } catch {
            exit(withError: error)
        }
    }
}

/// Prints a line to standard output; a reader that has gone away ends the command quietly.
func say(_ text: String) {
    print(text)
    fflush(nil)
}
