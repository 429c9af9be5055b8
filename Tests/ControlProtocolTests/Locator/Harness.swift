import Foundation
import Glibc

/// What went wrong with a test's own means.
struct HarnessError: Error, CustomStringConvertible {
    let description: String

    init(_ what: String, errno number: Int32? = nil) {
        description = number.map { "\(what): \(String(cString: strerror($0)))" } ?? what
    }
}

/// Runs a scenario that blocks on a thread of its own: the threads of Swift's concurrency must stay free for other tests.
func onOwnThread<Result: Sendable>(_ scenario: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        let thread = Thread { continuation.resume(with: Swift.Result(catching: scenario)) }
        thread.stackSize = 1 << 20
        thread.start()
    }
}

/// How long a scenario waits for something that must happen, before it fails instead of hanging.
let patience: Int32 = 30_000

/// Waits until `descriptor` is readable or its other end is gone.
func waitReadable(_ descriptor: Int32, _ what: String) throws {
    var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while true {
        let count = poll(&watched, 1, patience)
        if count > 0 { return }
        if count == 0 { throw HarnessError("waited in vain for \(what)") }
        if errno != EINTR { throw HarnessError("poll", errno: errno) }
    }
}

/// A short private directory that is removed at the end.
final class ScratchDirectory: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/pgl-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw HarnessError("mkdtemp", errno: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        chmod(path, 0o755)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// The built locator, put into the place of a plugin's executable.
enum LocatorBinary {
    private static func built() throws -> String {
        let name = "plugin-locator"
        if let directory = ProcessInfo.processInfo.environment["PLUGIN_GATEWAY_BIN_DIR"] { return "\(directory)/\(name)" }
        // SwiftPM leaves the test bundle beside the executables.
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return (own as NSString).deletingLastPathComponent + "/\(name)"
    }

    static func install(in directory: String, as name: String = "gpx_test") throws -> String {
        let source = try built()
        guard access(source, X_OK) == 0 else {
            throw HarnessError(
                "\(source) is missing: build it with swift build, or name its directory in PLUGIN_GATEWAY_BIN_DIR", errno: errno)
        }
        let target = "\(directory)/\(name)"
        // A hard link keeps its own name in /proc/self/exe; other file systems need a copy.
        if link(source, target) != 0 { try FileManager.default.copyItem(atPath: source, toPath: target) }
        return target
    }
}
