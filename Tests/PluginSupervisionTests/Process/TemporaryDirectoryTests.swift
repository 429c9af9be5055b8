import Foundation
import Glibc
import Testing

@testable import PluginSupervision

@Suite("Temporary directories of plugins")
struct TemporaryDirectoryTests {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    @Test func `private, short enough for a socket, and gone with all in it`() throws {
        let root =
            "\(scratch.path)/\(String(repeating: "r", count: PrivateTemporaryDirectory.longestRoot - scratch.path.utf8.count - 1))"
        let directory = try PrivateTemporaryDirectory.make(root: root)
        #expect(directory.path.hasPrefix(root))
        #expect("\(directory.path)/plugin1234567890".utf8.count <= 107)
        let mode = try FileManager.default.attributesOfItem(atPath: directory.path)[.posixPermissions] as? Int
        #expect(mode == 0o700)
        try FileManager.default.createDirectory(atPath: "\(directory.path)/a/b", withIntermediateDirectories: true)
        try Data().write(to: URL(fileURLWithPath: "\(directory.path)/a/b/file"))
        try scratch.file("precious", "kept")
        symlink(scratch.path, "\(directory.path)/a/link")
        directory.remove()
        #expect(!FileManager.default.fileExists(atPath: directory.path))
        #expect(FileManager.default.fileExists(atPath: "\(scratch.path)/precious"), "links are removed, not followed")
    }

    @Test func `a root that is too long is replaced by a short one`() throws {
        let root = "\(scratch.path)/\(String(repeating: "r", count: 100))"
        let first = try PrivateTemporaryDirectory.make(root: root)
        let second = try PrivateTemporaryDirectory.make(root: root)
        defer {
            first.remove()
            second.remove()
            rmdir(URL(fileURLWithPath: first.path).deletingLastPathComponent().path)
        }
        #expect("\(first.path)/plugin1234567890".utf8.count <= 107)
        #expect(first.path != second.path)
        #expect(
            URL(fileURLWithPath: first.path).deletingLastPathComponent()
                == URL(fileURLWithPath: second.path).deletingLastPathComponent())
    }

    @Test func `what dead gateways left is swept, what is in use or foreign stays`() throws {
        let own = try PrivateTemporaryDirectory.make(root: scratch.path)
        // A process number that was reused: this process's, with another start time.
        let reused = "pgw-\(String(getpid(), radix: 36))-1-1"
        let dead = "pgw-\(String(0x3FFFFFF, radix: 36))-zz-0"
        for name in [reused, dead, "pgw-1-2", "other", "pgw-x!-1-1"] { _ = try scratch.directory(name) }
        try scratch.file("\(dead)/plugin123")
        try scratch.file("pgw-zz-1-1")
        #expect(PrivateTemporaryDirectory.sweep(root: scratch.path) == 2)
        let left = try FileManager.default.contentsOfDirectory(atPath: scratch.path).sorted()
        #expect(
            left == ["other", "pgw-1-2", "pgw-x!-1-1", "pgw-zz-1-1", URL(fileURLWithPath: own.path).lastPathComponent].sorted())
    }

    @Test func `a root that cannot be made is an error of the gateway's side`() throws {
        try scratch.file("file")
        #expect {
            try PrivateTemporaryDirectory.make(root: "\(scratch.path)/file/below")
        } throws: { error in
            (error as? SupervisionError)?.code == .temporaryDirectory && (error as? SupervisionError)?.side == .gateway
        }
        #expect(throws: SupervisionError.self) { try PrivateTemporaryDirectory.make(root: "relative") }
    }
}
