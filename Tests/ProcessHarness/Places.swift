internal import Foundation

/// Where the built programs and the peers are.
package enum Places {
    package static let repository: String = {
        var path = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { path.deleteLastPathComponent() }
        return path.path
    }()

    /// Named by the test run, else the directory of the test bundle itself.
    package static let binaries: String = {
        if let named = ProcessInfo.processInfo.environment["PLUGIN_GATEWAY_BIN_DIR"] { return named }
        return repository + "/.build/debug"
    }()

    package static let gateway = binaries + "/plugin-gateway"
    package static let locator = binaries + "/plugin-locator"
    package static let peers = repository + "/.build-peers/bin"
    package static let legacyPlugin = peers + "/legacy-datasource"
    package static let legacyRenderer = peers + "/legacy-renderer"
    package static let badPlugin = peers + "/bad-plugin"
    package static let badHost = peers + "/bad-host"
    package static let modernHost = peers + "/modern-host"
    package static let v2Plugin = peers + "/v2-plugin"
    package static let v2Host = peers + "/v2-host"
    package static let python = repository + "/.build-peers/venv/bin/python"
    package static let judges = repository + "/Tests/Peers/python"
}

/// What makes a test give up, in words.
package struct HarnessError: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}
