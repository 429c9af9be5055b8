import Foundation
import Glibc
import ProcessHarness
import Testing

/// One attachment of the chaos test: a host of its own with a locator and a plugin of its own, under load.
final class Subject {
    let id: String
    private let scratch: Scratch
    private let mix: [[String: Any]]
    private let environment: [String: String]
    private(set) var host: HostUnderTest
    /// Since the attachment was made: more crashes mean longer pauses before the next start.
    var crashes = 0

    init(_ id: String, in gateway: GatewayUnderTest, mix: [[String: Any]]) throws {
        self.id = id
        self.mix = mix
        scratch = gateway.scratch
        environment = gateway.environment
        host = try HostUnderTest(gateway, scratch.executable(of: id))
        guard host.started else { throw HarnessError("\(id) did not start: \(host.start)\n\(gateway.log)") }
    }

    func beginLoad() throws { try host.endure(mix) }

    // MARK: Its processes

    var plugin: pid_t? { process(scratch.executable(of: id) + ".wrapped") }
    var locator: pid_t? { process(scratch.executable(of: id)) }

    private func process(_ executable: String) -> pid_t? {
        ProcessTable.beneath("\(scratch.plugins)/\(id)").first { $0.executable == executable }?.pid
    }

    // MARK: What a host does

    /// As Grafana does when its plugin's process, the locator, has ended.
    func startAgain() throws {
        _ = try host.perform("exited", ["waitMs": 30000])
        _ = try host.perform("kill")
        let started = try host.perform("start")
        guard started["ok"] as? Bool == true else { throw HarnessError("\(id) did not start again: \(started)") }
        crashes = 0
    }

    /// A host in the place of one that was killed.
    func replaceHost(in gateway: GatewayUnderTest) throws {
        host.child.signal(SIGKILL)
        host.child.wait()
        host = try HostUnderTest(gateway, scratch.executable(of: id))
        guard host.started else {
            throw HarnessError("\(id) did not start in a new host: \(host.start)\n\(gateway.log.suffix(3000))")
        }
        crashes = 0
        try beginLoad()
    }

    // MARK: What must hold

    /// Calls of every kind succeed from now on.
    func servesAgain() throws {
        let before = try host.tallies()
        let host = host
        var after = before
        do {
            try waitUntil("\(id) serves calls of every kind again", within: 45) {
                // A locator that comes back with a plugin that does not start gives up, and Grafana starts it anew.
                if try host.perform("exited")["exited"] as? Bool == true { try startAgain() }
                after = try host.tallies()
                return after.allSatisfy { name, tally in tally.succeeded > before[name]?.succeeded ?? 0 }
            }
        } catch {
            let silent = after.filter { $0.value.succeeded <= before[$0.key]?.succeeded ?? 0 }
            let state = [try? host.perform("exited"), try? host.perform("handshake")].map { "\($0 ?? [:])" }
            throw HarnessError(
                "\(error): \(silent); \(state); \((try? host.errorLines().suffix(5)) ?? []); plugin \(plugin ?? 0), locator \(locator ?? 0)"
            )
        }
    }

    /// Every call has had one answer, and it was its own.
    func endLoad() throws -> (calls: Int, failed: Int) {
        var (calls, failed) = (0, 0)
        for (name, tally) in try host.endEndurance() {
            calls += tally.begun
            failed += tally.begun - tally.succeeded
            #expect(tally.answered == tally.begun, "\(id) \(name): \(tally)")
            #expect(tally.wrong == 0, "\(id) \(name): \(tally)")
            // UNAVAILABLE is what a host expects of a plugin that is gone; CANCELLED it says to itself when it closes a connection.
            // An answer that breaks off in the middle of a message is INTERNAL to grpc-go, whatever status follows.
            let others = tally.codes.keys.filter { !["OK", "Unavailable", "Canceled", "Internal"].contains($0) }
            let internals = tally.examples.keys.filter { $0.hasPrefix("Internal: ") && $0 != "Internal: unexpected EOF" }
            #expect(others.isEmpty && internals.isEmpty, "\(id) \(name): \(tally)")
        }
        return (calls, failed)
    }
}
