import Foundation
import Glibc
import Synchronization

/// A directory of one test, removed when the test lets go of it. Nobody else may write to it, as the attach authority demands.
final class Scratch: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/pgt-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw CocoaError(.fileWriteUnknown) }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        self.path = path
        Self.live.withLock { _ = $0.insert(path) }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
        let path = path
        Self.live.withLock { _ = $0.remove(path) }
    }

    /// The last test's is sometimes still held by a task that is just ending when the process ends.
    private static let live: Mutex<Set<String>> = {
        atexit { for path in Scratch.live.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: path) } }
        return Mutex([])
    }()

    func directory(_ name: String, mode: mode_t = 0o755) throws -> String {
        let directory = "\(path)/\(name)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        chmod(directory, mode)
        return directory
    }

    @discardableResult
    func file(_ name: String, _ text: String = "", mode: mode_t = 0o644) throws -> String {
        let file = "\(path)/\(name)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        chmod(file, mode)
        return file
    }

    /// A plugin directory `name` with an executable script `plugin.wrapped`.
    func plugin(_ name: String = "plugin-a", script: String = "#!/bin/sh\nexit 0\n") throws -> String {
        let directory = try directory(name)
        try file("\(name)/plugin.wrapped", script, mode: 0o755)
        return directory
    }
}
