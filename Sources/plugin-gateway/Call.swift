internal import ArgumentParser
internal import Gateway

struct Call: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Be the host: call one method of a plugin and print the reply, frames decoded.",
        discussion: """
            TARGET is the path of a host socket (see `plugin-gateway status`) or the id of an attached plugin. JSON is the request \
            (field names of proto-v2/); fields that hold JSON as bytes, such as `json`, may be written as JSON.

            Example: plugin-gateway call my-datasource pluginv2.Diagnostics/CheckHealth '{"pluginContext":{}}'
            """)

    @Flag(help: "Print the reply as JSON; streams as one document a message.")
    var json = false
    @Option(help: "Give up after this many seconds.")
    var timeout: Double = 60
    @Option(name: .customLong("metadata"), help: "Metadata to send, as name=value; may be repeated.")
    var metadata: [String] = []
    @Argument(help: "A socket's path, or a plugin's id.")
    var target: String
    @Argument(help: "The method, such as pluginv2.Data/QueryData.")
    var method: String
    @Argument(help: "The request as JSON; - reads it from standard input.")
    var request: String = "{}"

    func run() async throws {
        let call = try HostCall(target: target, method: method, request: request, metadata: metadata, timeoutSeconds: timeout)
        try await call.run { say(json ? $0.jsonText : $0.terminalText) }
    }
}
