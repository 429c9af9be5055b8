import Foundation
import Testing

@testable import PluginSupervision

@Suite("Which file is to be run")
struct ExecutableSourceTests {
    private let scratch: Scratch
    private let directory: String

    init() throws {
        scratch = try Scratch()
        directory = try scratch.directory("plugin-a")
    }

    private func source(configured: String? = nil) -> ExecutableSource {
        ExecutableSource(
            directory: directory, locatorName: "plugin", configured: configured, roots: [scratch.path],
            isLocator: { FileManager.default.contents(atPath: $0) == Data("locator".utf8) })
    }

    private func put(_ name: String, _ text: String, mode: mode_t = 0o755) throws {
        try scratch.file("plugin-a/\(name)", text, mode: mode)
    }

    private func name(_ executable: PluginExecutable) -> String {
        executable.path.split(separator: "/").last.map(String.init) ?? ""
    }

    @Test func `behind a locator it is what was wrapped`() throws {
        try put("plugin", "locator")
        try put("plugin.wrapped", "build 1")
        let found = try source().find()
        #expect(name(found) == "plugin.wrapped")
        #expect(!source().isUnwrapped(found))
    }

    @Test func `what an upgrade puts in the locator's place is it`() throws {
        try put("plugin", "build 2")
        try put("plugin.wrapped", "build 1")
        let found = try source().find()
        #expect(name(found) == "plugin")
        #expect(source().isUnwrapped(found))
    }

    @Test func `a directory that was replaced as a whole holds only the new build`() throws {
        try put("plugin", "build 2")
        #expect(name(try source().find()) == "plugin")
    }

    @Test func `a locator that is gone does not matter`() throws {
        try put("plugin.wrapped", "build 1")
        #expect(name(try source().find()) == "plugin.wrapped")
    }

    @Test func `a name that the operator chose is the only one`() throws {
        try put("plugin", "build 2")
        try put("plugin.wrapped", "build 1")
        try put("real", "chosen")
        let found = try source(configured: "real").find()
        #expect(name(found) == "real")
        #expect(!source(configured: "real").isUnwrapped(found))
    }

    @Test func `nothing there, no directory, and a locator alone are different errors`() throws {
        #expect(throws: AttachRefusal.self) { try source().find() }
        #expect(code { try source().find() } == .executableMissing)
        try put("plugin", "locator")
        #expect(code { try source().find() } == .executableMissing)
        try put("plugin.wrapped", "locator")
        #expect(code { try source().find() } == .isLocator)
        try FileManager.default.removeItem(atPath: directory)
        #expect(code { try source().find() } == .directoryMissing)
    }

    @Test func `a new build that may not be run is refused, unless an older one may stand in`() throws {
        try put("plugin", "build 2", mode: 0o777)
        try put("plugin.wrapped", "build 1")
        #expect(code { try source().find() } == .writableByOthers)
        #expect(name(try source().find(isLenient: true)) == "plugin.wrapped")
        chmod("\(directory)/plugin", 0o644)
        #expect(code { try source().find() } == .notExecutable)
        chmod("\(directory)/plugin", 0o755)
        #expect(name(try source().find()) == "plugin")
    }

    @Test func `a build that did not work is passed over while there is another`() throws {
        try put("plugin", "build 2")
        try put("plugin.wrapped", "build 1")
        let bad = try source().find().identity
        #expect(name(try source().find(rejecting: bad)) == "plugin.wrapped")
        try FileManager.default.removeItem(atPath: "\(directory)/plugin.wrapped")
        #expect(name(try source().find(rejecting: bad)) == "plugin")
    }

    @Test func `a link in the locator's place is refused`() throws {
        try put("elsewhere", "build 2")
        try put("plugin.wrapped", "build 1")
        try FileManager.default.createSymbolicLink(atPath: "\(directory)/plugin", withDestinationPath: "elsewhere")
        #expect(code { try source().find() } == .symbolicLink)
    }

    private func code(_ body: () throws -> PluginExecutable) -> AttachRefusal.Code? {
        do {
            _ = try body()
            return nil
        } catch {
            return (error as? AttachRefusal)?.code
        }
    }
}
