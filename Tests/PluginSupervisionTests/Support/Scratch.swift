import Foundation
import Glibc

/// A directory of one test, removed when the test lets go of it. Nobody else may write to it, as the attach authority demands.
final class Scratch: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/pgt-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw CocoaError(.fileWriteUnknown) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

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
