import Foundation

/// Where the built programs and the peers are.
enum Places {
    static let repository: String = {
        var path = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { path.deleteLastPathComponent() }
        return path.path
    }()

    /// Named by the test run, else the directory of the test bundle itself.
    static let binaries: String = {
        if let named = ProcessInfo.processInfo.environment["PLUGIN_GATEWAY_BIN_DIR"] { return named }
        return repository + "/.build/debug"
    }()

    static let gateway = binaries + "/plugin-gateway"
    static let locator = binaries + "/plugin-locator"
    static let peers = repository + "/.build-peers/bin"
    static let legacyPlugin = peers + "/legacy-datasource"
    static let legacyRenderer = peers + "/legacy-renderer"
    static let badPlugin = peers + "/bad-plugin"
    static let modernHost = peers + "/modern-host"
    static let v2Plugin = peers + "/v2-plugin"
    static let v2Host = peers + "/v2-host"
    static let python = repository + "/.build-peers/venv/bin/python"
    static let judges = repository + "/Tests/Peers/python"
}

/// What makes a test give up, in words.
struct HarnessError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
