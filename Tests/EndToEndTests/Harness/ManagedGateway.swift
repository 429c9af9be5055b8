import Foundation

/// A gateway under a service manager: `service_manager.py`, which plays systemd. The control socket and what is stored outlive the
/// gateway's process.
final class ManagedGateway {
    let gateway: GatewayUnderTest
    /// Of the gateway's process that runs now.
    private(set) var pid: pid_t = 0
    /// The names of the descriptors that it was started with.
    private(set) var passed: [String] = []

    init(_ scratch: Scratch, configuration: String = "", environment: [String: String] = [:]) throws {
        gateway = try GatewayUnderTest(
            scratch, configuration: configuration, environment: environment,
            launcher: [Places.python, Places.judges + "/service_manager.py", scratch.runtime + "/control.sock"])
        try awaitStart()
    }

    var scratch: Scratch { gateway.scratch }
    var log: String { gateway.log }

    /// Stops the gateway as `systemctl restart` does, and waits until the next one is ready.
    func restart() throws {
        try gateway.child.send("restart")
        try awaitStart()
    }

    func crash() throws {
        try gateway.child.send("crash")
        try awaitStart()
    }

    /// Asks for a reload by signal, and waits until it is over.
    func hangUp() throws {
        try gateway.child.send("hang-up")
        _ = try event("reloading")
        _ = try event("ready")
    }

    func forgetStored() throws {
        try gateway.child.send("forget")
    }

    func stored() throws -> [String] {
        try gateway.child.send("stored")
        return try event("stored")["names"] as? [String] ?? []
    }

    private func awaitStart() throws {
        let started = try event("started")
        pid = pid_t(started["pid"] as? Int ?? 0)
        passed = started["passed"] as? [String] ?? []
        _ = try event("ready")
    }

    /// The next event of this name; earlier ones are skipped.
    private func event(_ name: String) throws -> [String: Any] {
        while true {
            let event = try JSON.object(gateway.child.line(within: 60))
            if event["event"] as? String == name { return event }
        }
    }

    func stop() {
        gateway.child.closeInput()
        gateway.child.wait(within: 40)
        gateway.stop()
    }
}
