internal import ArgumentParser
internal import Gateway

struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows what is attached to the running gateway, and how calls travel.")

    @Flag(help: "Print JSON.")
    var json = false
    @Flag(help: "Show it again every two seconds.")
    var watch = false

    func run() async throws {
        repeat {
            let report = try await ControlClient.status()
            say(json ? report.jsonText : report.terminalText)
            if watch { try await Task.sleep(for: .seconds(2)) }
        } while watch
    }
}
