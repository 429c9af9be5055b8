import Foundation

/// The real peers that Tests/Peers/setup.sh builds.
enum Peers {
    struct Missing: Error, CustomStringConvertible {
        var name: String
        var description: String { "the peer \(name) is not built: run Tests/Peers/setup.sh (make test does)" }
    }

    /// Copies a peer's executable into a directory of the same name, so that the modes of a checkout do not matter to the attach
    /// authority. Returns the directory.
    static func copy(_ name: String, into scratch: Scratch) throws -> String {
        let directory = "\(scratch.path)/\(name)"
        guard !FileManager.default.fileExists(atPath: directory) else { return directory }
        guard let source = built(name) else { throw Missing(name: name) }
        _ = try scratch.directory(name)
        try FileManager.default.copyItem(atPath: source, toPath: "\(directory)/\(name)")
        chmod("\(directory)/\(name)", 0o755)
        return directory
    }

    private static func built(_ name: String) -> String? {
        var directory = URL(fileURLWithPath: #filePath)
        while directory.path != "/" {
            directory.deleteLastPathComponent()
            let candidate = directory.appendingPathComponent(".build-peers/bin/\(name)").path
            if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
        }
        return nil
    }
}
