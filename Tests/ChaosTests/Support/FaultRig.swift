import Foundation
import Glibc
import ProcessHarness
import Testing

/// A gateway with a good plugin and a host that calls it all the time: what goes wrong beside them must not touch them, and
/// nothing may be left of it.
final class FaultRig {
    static let good = "good-datasource"

    let scratch: Scratch
    let gateway: GatewayUnderTest
    let host: HostUnderTest
    private var others: [HostUnderTest] = []
    private let descriptors: Int

    /// - Parameters:
    ///   - plugins: further plugins, by id, and the program of each.
    ///   - launcher: runs the gateway; hosts are started in its mount namespace then.
    init(_ plugins: [String: String] = [:], configuration: String = "limits: {stop_grace: 200ms}", launcher: [String] = []) throws
    {
        scratch = try Scratch()
        try scratch.install(Self.good, executable: Places.legacyPlugin)
        for (id, executable) in plugins { try scratch.install(id, executable: executable) }
        for directory in [scratch.temporary, scratch.runtime + "/hosts"] {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        }
        gateway = try GatewayUnderTest(
            scratch, configuration: configuration,
            environment: ["TMPDIR": scratch.temporary, "HOSTS": scratch.runtime + "/hosts"], launcher: launcher)
        let into = launcher.isEmpty ? [] : ["/usr/bin/nsenter", "--mount=/proc/\(gateway.child.pid)/ns/mnt", "--"]
        do {
            host = try HostUnderTest(gateway, scratch.executable(of: Self.good), launcher: into)
            guard host.started else { throw HarnessError("the host did not start: \(host.start)\n\(gateway.log)") }
            try host.endure(Endurance.light())
            let started = host
            try waitUntil("calls succeed") { try started.successes() > 5 }
        } catch {
            gateway.stop()
            throw error
        }
        self.into = into
        descriptors = gateway.descriptors
    }
    private let into: [String]

    /// Another host with a plugin of its own.
    func attach(_ id: String, environment: [String: String] = [:]) throws -> HostUnderTest {
        let host = try HostUnderTest(gateway, scratch.executable(of: id), environment: environment, launcher: into)
        others.append(host)
        return host
    }

    func plugin(_ id: String) throws -> [String: Any] {
        guard let found = try gateway.plugins().first(where: { $0["plugin"] as? String == id }) else {
            throw HarnessError("\(id) is not attached")
        }
        return found
    }

    func hostSocket(of id: String = FaultRig.good) throws -> String { try plugin(id)["hostSocket"] as? String ?? "" }

    func pid(of id: String = FaultRig.good) throws -> pid_t { pid_t(try plugin(id)["pid"] as? Int ?? 0) }

    /// The good plugin is called successfully from now on.
    func othersGoOn(_ what: String) throws {
        let before = try host.successes()
        try waitUntil("\(what): others go on") { try host.successes() > before + 3 }
    }

    /// What the gateway has logged since a moment.
    func log(since mark: Int) -> String { String(gateway.log.utf8.dropFirst(mark)) ?? "" }
    var logMark: Int { gateway.log.utf8.count }

    /// A misbehaving host on a socket; its own account of it.
    func badHost(_ mode: String, socket: String, request: String? = nil, milliseconds: Int = 300) throws -> [String: Any] {
        let result = try Command.run(
            Places.badHost, [socket, mode] + (request.map { [$0] } ?? []), environment: ["RUDE_MS": "\(milliseconds)"])
        guard result.code == 0 else { throw HarnessError("bad-host \(mode): \(result.error)") }
        return try JSON.object(result.output)
    }

    /// The end of a test: no call of the good host failed, and nothing is left of all others.
    func conclude() throws {
        #expect(!gateway.child.hasEnded, "the gateway ended by itself: \(gateway.log.suffix(2000))")
        for other in others { other.stop() }
        others = []
        try waitUntil("one plugin is left") { try gateway.plugins().count == 1 }
        for (name, tally) in try host.endEndurance() {
            #expect(tally.answered == tally.begun && tally.succeeded == tally.begun && tally.wrong == 0, "\(name): \(tally)")
        }
        try waitUntil("one process is left") { ProcessFacts.children(of: gateway.child.pid).count == 1 }
        let plugins = scratch.plugins
        try waitUntil("its locator is the other one") { ProcessTable.beneath(plugins).count == 2 }
        try waitUntil("descriptors are closed") { gateway.descriptors <= descriptors }
        #expect(try leftovers() == (1, 1), "host sockets, temporary directories")
    }

    /// Host sockets and temporary directories of plugins.
    private func leftovers() throws -> (Int, Int) {
        let root = into.isEmpty ? "" : "/proc/\(gateway.child.pid)/root"
        let sockets = try FileManager.default.contentsOfDirectory(atPath: "\(root)\(scratch.runtime)/hosts")
        let directories = try FileManager.default.contentsOfDirectory(
            atPath: "\(root)\(scratch.temporary)/plugin-gateway-\(geteuid())")
        return (sockets.count, directories.count)
    }

    func stop() {
        for other in others { other.stop() }
        host.stop()
        gateway.child.end()
        #expect(gateway.child.exitCode == 0, "the gateway ended with signal \(gateway.child.fatalSignal ?? 0)")
        scratch.remove()
    }
}

extension Scratch {
    /// Below it the plugins' temporary directories.
    var temporary: String { directory + "/tmp" }
}
