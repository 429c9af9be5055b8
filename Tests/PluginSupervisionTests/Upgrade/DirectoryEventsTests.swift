import Foundation
import Synchronization
import Testing

@testable import PluginSupervision

@Suite("Notices of changes in a directory")
struct DirectoryEventsTests {
    private final class Ear: Sendable {
        private let count = Mutex(0)
        func hear() { count.withLock { $0 += 1 } }
        func take() -> Int {
            count.withLock { count in
                defer { count = 0 }
                return count
            }
        }
        /// Notices come in bursts: waits for the first, then lets the rest arrive.
        func heard() async -> Bool { await eventually { self.take() > 0 } }
    }

    private let scratch: Scratch
    private let directory: String
    private let ear = Ear()
    private let notices: DirectoryNotices

    init() throws {
        scratch = try Scratch()
        directory = try scratch.directory("roots/plugin-a")
        notices = DirectoryEvents.shared.notices(of: directory, names: ["plugin", "plugin.wrapped"]) { [ear] in ear.hear() }
    }

    @Test func `writing, renaming, removing and changing the mode of a name are noticed`() async throws {
        #expect(notices.areReliable)
        try scratch.file("roots/plugin-a/plugin", "1", mode: 0o755)
        #expect(await ear.heard())
        try scratch.file("roots/plugin-a/other", "2")
        rename("\(directory)/other", "\(directory)/plugin.wrapped")
        #expect(await ear.heard())
        chmod("\(directory)/plugin", 0o700)
        #expect(await ear.heard())
        unlink("\(directory)/plugin")
        #expect(await ear.heard())
    }

    @Test func `other names are not`() async throws {
        for round in 0..<100 { try scratch.file("roots/plugin-a/log", "line \(round)") }
        // What comes after it is noticed, so nothing before it was.
        let before = ear.take()
        try scratch.file("roots/plugin-a/plugin", "1")
        #expect(await ear.heard())
        #expect(before == 0)
    }

    @Test func `a directory that is removed and made again is watched on`() async throws {
        for _ in 0..<3 {
            try FileManager.default.removeItem(atPath: directory)
            #expect(await ear.heard())
            _ = try scratch.directory("roots/plugin-a")
            #expect(await ear.heard())
            try scratch.file("roots/plugin-a/plugin", "1")
            #expect(await ear.heard())
        }
    }

    @Test func `so is one whose parent was removed too`() async throws {
        try FileManager.default.removeItem(atPath: "\(scratch.path)/roots")
        #expect(await ear.heard())
        _ = try scratch.directory("roots/plugin-a")
        #expect(await ear.heard())
        // The directories may have been made before each was watched: only then is the notice of the last one sure.
        try scratch.file("roots/plugin-a/plugin", "1")
        #expect(await ear.heard())
    }

    @Test func `one that was moved away and another put in its place`() async throws {
        _ = try scratch.directory("roots/plugin-b")
        try scratch.file("roots/plugin-b/plugin", "2")
        rename(directory, "\(scratch.path)/roots/old")
        rename("\(scratch.path)/roots/plugin-b", directory)
        #expect(await ear.heard())
        try scratch.file("roots/plugin-a/plugin", "3")
        #expect(await ear.heard())
    }

    @Test func `records of the kernel are read, and half a record ends the list`() {
        var bytes: [UInt8] = []
        for (watch, name) in [(Int32(3), "plugin"), (Int32(4), "")] {
            bytes += withUnsafeBytes(of: watch) { Array($0) }
            bytes += withUnsafeBytes(of: UInt32(0x100)) { Array($0) }
            bytes += [0, 0, 0, 0]
            let padded = name.isEmpty ? [] : Array(name.utf8) + [UInt8](repeating: 0, count: 16 - name.utf8.count)
            bytes += withUnsafeBytes(of: UInt32(padded.count)) { Array($0) }
            bytes += padded
        }
        let both = KernelNotice.all(in: bytes[...])
        #expect(both == [KernelNotice(watch: 3, mask: 0x100, name: "plugin"), KernelNotice(watch: 4, mask: 0x100, name: nil)])
        for count in 0..<bytes.count { #expect(KernelNotice.all(in: bytes[..<count]).count == (count < 32 ? 0 : 1)) }
        // A length beyond the end must not be followed.
        bytes[12] = 0xFF
        #expect(KernelNotice.all(in: bytes[...]).isEmpty)
    }
}
