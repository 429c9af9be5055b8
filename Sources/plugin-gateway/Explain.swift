internal import ArgumentParser
internal import Gateway
internal import Glibc

struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says what survives between a host and a plugin of different versions, field by field.",
        discussion: "Without --plugin, every version of plugins that the gateway can reach for the host is explained.")

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, markdown, json
    }

    @Option(help: "The host's protocol version (default: the one that the gateway serves).")
    var host: Int?
    @Option(help: "The plugin's protocol version.")
    var plugin: Int?
    @Option(help: "One of \(Format.allCases.map(\.rawValue).joined(separator: ", ")).")
    var format = Format.text

    func run() throws {
        let explanations = try Explanation.all(host: host, plugin: plugin)
        switch format {
        case .text: say(explanations.map { $0.terminalText(width: Self.width) }.joined(separator: "\n\n\n"))
        case .markdown: say(Explanation.markdown(explanations))
        case .json: say(Explanation.json(explanations))
        }
    }

    /// Columns of the terminal; 120 where there is none.
    private static var width: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 120 }
        return max(100, min(Int(size.ws_col), 200))
    }
}
