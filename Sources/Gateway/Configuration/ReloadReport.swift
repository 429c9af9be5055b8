internal import Foundation

/// What became of an attempt to read the configuration anew: for the journal, and for `plugin-gateway reload`.
package struct ReloadReport: Codable, Sendable, Equatable {
    package struct Rejection: Codable, Sendable, Equatable {
        package var message: String
        package var remedy: String
    }

    /// Why nothing was changed; absent when the configuration is in force.
    package var rejection: Rejection?
    /// One line for each key that changed: its path, and what that comes to. Values are not shown, since they may be secret.
    package var changes: [String] = []
    /// Plugins that are being restarted, or that go on as they were and why.
    package var plugins: [String] = []
    /// What is no error and yet not right.
    package var remarks: [String] = []

    package init() {}

    init(rejected error: GatewayError) {
        rejection = Rejection(message: error.cause.map { "\(error.message) (\($0))" } ?? error.message, remedy: error.remedy)
    }

    var json: [UInt8] { (try? JSONEncoder().encode(self)).map { [UInt8]($0) } ?? Array("{}".utf8) }

    package static func parse(_ bytes: [UInt8]) throws(GatewayError) -> ReloadReport {
        do {
            return try JSONDecoder().decode(ReloadReport.self, from: Data(bytes))
        } catch {
            throw GatewayError(
                .data, "the gateway's answer cannot be read",
                remedy: "Use the plugin-gateway command of the release that is running")
        }
    }

    /// In one line, for the journal.
    var summary: String {
        if let rejection { return rejection.message }
        return changes.isEmpty && plugins.isEmpty ? "nothing changed" : (changes + plugins).joined(separator: "; ")
    }

    package var terminalText: String {
        let lines = (changes + plugins).map { "  \(DisplayText.plain($0, limit: 500))" }
        let notes = remarks.map { "remark: \(DisplayText.plain($0, limit: 500))" }
        let head = lines.isEmpty ? "The configuration was read; nothing changed." : "The configuration was read; what changed:"
        return ([head] + lines + notes).joined(separator: "\n")
    }
}
