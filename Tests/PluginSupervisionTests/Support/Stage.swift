import Foundation
import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import PluginSupervision

/// All tests with real processes, one after the other: they count what processes leave behind.
@Suite(.serialized)
struct RealProcesses {}

/// What one test with real processes needs: a plugin directory, a place for temporary directories, and ears.
final class Stage: Sendable {
    let scratch: Scratch
    let loop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next()
    private let heard = Mutex<[PluginLogRecord]>([])
    private let seen = Mutex<[SupervisionEvent]>([])

    init() throws {
        scratch = try Scratch()
    }

    var temporaryRoot: String { "\(scratch.path)/t" }
    var records: [PluginLogRecord] { heard.withLock { $0 } }
    var events: [SupervisionEvent] { seen.withLock { $0 } }

    /// Private directories of plugins that exist right now.
    var temporaryDirectories: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: temporaryRoot)) ?? []
    }

    /// Limits that make failures quick.
    static var limits: SupervisionLimits {
        var limits = SupervisionLimits()
        limits.handshakeTimeout = .seconds(20)
        limits.connectTimeout = .seconds(5)
        limits.shutdownGrace = .milliseconds(500)
        limits.terminateGrace = .milliseconds(300)
        limits.backoff.initial = .milliseconds(50)
        return limits
    }

    /// A launch of a script in a plugin directory of this stage.
    func script(_ text: String, environment: [(String, String)] = [], limits: SupervisionLimits = Stage.limits) throws
        -> PluginLaunch
    {
        let directory = try scratch.plugin(script: text)
        let executable = try PluginExecutable.open(directory: directory, name: "plugin.wrapped", roots: [scratch.path])
        return launch(executable, environment, limits)
    }

    /// A launch of a real peer.
    func peer(
        _ name: String, environment: [(String, String)] = [], limits: SupervisionLimits = Stage.limits
    ) throws -> PluginLaunch {
        let directory = try Peers.copy(name, into: scratch)
        return launch(try PluginExecutable.open(directory: directory, name: name, roots: [scratch.path]), environment, limits)
    }

    func bad(_ mode: String, milliseconds: Int? = nil, limits: SupervisionLimits = Stage.limits) throws -> PluginLaunch {
        var environment = [("BAD_PLUGIN_MODE", mode)]
        if let milliseconds { environment.append(("BAD_PLUGIN_MS", String(milliseconds))) }
        return try peer("bad-plugin", environment: environment, limits: limits)
    }

    private func launch(
        _ executable: PluginExecutable, _ environment: [(String, String)], _ limits: SupervisionLimits
    ) -> PluginLaunch {
        PluginLaunch(
            pluginID: "test-plugin", executable: executable, arguments: ["--an-argument"],
            environment: [("PATH", "/usr/bin:/bin")] + environment, workingDirectory: scratch.path,
            temporaryDirectoryRoot: temporaryRoot, limits: limits, eventLoop: loop,
            logSink: { record in self.heard.withLock { $0.append(record) } })
    }

    /// A launch of the files in a plugin directory, as behind a locator. A file is a locator when it says so.
    func wrapped(
        _ directory: String, configured: String? = nil, environment: [(String, String)] = [],
        limits: SupervisionLimits = Stage.limits
    ) throws -> PluginLaunch {
        let source = ExecutableSource(
            directory: directory, locatorName: "plugin", configured: configured, roots: [scratch.path],
            isLocator: { FileManager.default.contents(atPath: $0) == Data(Self.locator.utf8) })
        var launch = launch(try source.find(), environment, limits)
        launch.source = source
        return launch
    }

    static let locator = "#!/bin/sh\n# stands for the locator\n"

    func supervise(_ launch: PluginLaunch, onEnd: @escaping @Sendable (SupervisionEnd) -> Void = { _ in }) -> PluginSupervisor {
        PluginSupervisor(launch, onEvent: { event in self.seen.withLock { $0.append(event) } }, onEnd: onEnd)
    }

    /// Starts a plugin that must not come up, stops the supervision and returns the error. Checks that nothing is left.
    func failureOfStart(_ launch: PluginLaunch) async throws -> SupervisionError? {
        let supervisor = supervise(launch)
        var failure: SupervisionError?
        do throws(SupervisionError) {
            _ = try await supervisor.running()
        } catch {
            failure = error
        }
        await supervisor.stop()
        #expect(temporaryDirectories == [])
        #expect(Processes.children(in: scratch.path) == [])
        return failure
    }
}

enum Processes {
    /// Whether a process exists that is no zombie.
    static func isAlive(_ pid: Int32) -> Bool {
        guard let state = state(of: pid) else { return false }
        return state != "Z" && state != "X"
    }

    static func exists(_ pid: Int32) -> Bool { state(of: pid) != nil }

    private static func state(of pid: Int32) -> Character? {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .isoLatin1) else { return nil }
        return text.split(separator: ")").last?.split(separator: " ").first?.first
    }

    /// Processes, zombies aside, whose working directory lies in `path`.
    static func children(in path: String) -> [Int32] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return entries.compactMap { Int32($0) }.filter { pid in
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/cwd"))?.hasPrefix(path) == true
        }
    }

    /// Zombies among our own children.
    static func zombies() -> [Int32] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return entries.compactMap { Int32($0) }.filter { pid in
            guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .isoLatin1) else { return false }
            let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
            return fields.count > 1 && fields[0] == "Z" && Int32(fields[1]) == getpid()
        }
    }

    static func openDescriptors() -> Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?.count ?? 0
    }
}

/// Waits until `condition` holds; false when it does not within a time that no working program needs.
func eventually(_ condition: () -> Bool) async -> Bool {
    for _ in 0..<1000 {
        if condition() { return true }
        try? await Task.sleep(for: .milliseconds(10))
    }
    return condition()
}
