internal import Foundation
internal import Glibc
internal import Testing

@testable internal import Telemetry

@Suite struct SystemdTests {
    @Test func aStatusIsOneBoundedLine() {
        #expect(Systemd.line("two\nREADY=1\u{0}x") == "two READY=1 x")
        let long = Systemd.line(String(repeating: "ä", count: 1000))
        #expect(long.utf8.count <= 512 && long.hasSuffix("…") && !long.unicodeScalars.contains("\u{FFFD}"))
    }

    @Test func aNameThatSystemdWouldNotTakeIsNotSent() {
        for name in ["", "a:b", "a b", "a\nFDSTOREREMOVE=1", "é", String(repeating: "x", count: 256)] {
            #expect(!DescriptorStore.isValid(name: name))
            #expect(!DescriptorStore.keep(0, name: name))
            #expect(!DescriptorStore.drop(name: name))
        }
        #expect(DescriptorStore.isValid(name: String(repeating: "x", count: 255)))
    }

    @Test func systemdIsToldAndPassesItsSockets() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("pg-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let (control, other) = (directory.appendingPathComponent("c.sock").path, directory.appendingPathComponent("o.sock").path)
        let (process, pipe) = try IsolatedRun.process(
            "UnderServiceManager",
            under: [
                "systemd-socket-activate", "-l", control, "-l", other, "--fdname=control:other",
                "-E", "PLUGIN_GATEWAY_TEST_ISOLATED=UnderServiceManager", "-E", "PLUGIN_GATEWAY_TEST_DIRECTORY=\(directory.path)",
            ])
        try process.run()
        // The first connection starts the process behind the sockets.
        while !UnixSocket.connects(control) { usleep(10_000) }
        let outcome = IsolatedRun.outcome(process, pipe)
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(outcome.tests == 1, "\(outcome.output)")
    }
}

/// Runs behind `systemd-socket-activate`; ``SystemdTests`` starts it there.
@Suite(.enabled(if: IsolatedRun.isInside("UnderServiceManager")), .timeLimit(.minutes(2)))
struct UnderServiceManager {
    @Test func socketsAndNotifications() throws {
        let passed = try PassedDescriptors.takeOver()
        #expect(passed.all == [.init(name: "control", number: 3), .init(name: "other", number: 4)])
        #expect(try passed.listener(named: "control") == 3)
        #expect(try passed.listener(named: "absent") == nil)
        #expect(passed.unexpectedNames(besides: ["control"]) == ["other"])
        #expect(fcntl(3, F_GETFD) & FD_CLOEXEC != 0)
        #expect(getenv("LISTEN_FDS") == nil)
        #expect(try PassedDescriptors.takeOver().all.isEmpty)
        #expect(throws: PassedDescriptors.Failure.self) {
            try PassedDescriptors(all: [.init(name: "a", number: 3), .init(name: "a", number: 4)]).listener(named: "a")
        }
        #expect(throws: PassedDescriptors.Failure.self) {
            try PassedDescriptors(all: [.init(name: "a", number: 0)]).listener(named: "a")
        }

        #expect(!Systemd.isPresent)
        #expect(!Systemd.ready(status: "nobody listens"))
        let directory = try #require(ProcessInfo.processInfo.environment["PLUGIN_GATEWAY_TEST_DIRECTORY"])
        let manager = UnixSocket.receiver(directory + "/notify")
        setenv("NOTIFY_SOCKET", directory + "/notify", 1)
        #expect(Systemd.ready(status: "serving\nSTOPPING=1"))
        #expect(UnixSocket.receive(manager) == "READY=1\nSTATUS=serving STOPPING=1\nMAINPID=\(getpid())")
        #expect(Systemd.status("3 plugins"))
        #expect(UnixSocket.receive(manager) == "STATUS=3 plugins")
        #expect(Systemd.stopping(status: "draining"))
        #expect(UnixSocket.receive(manager) == "STOPPING=1\nSTATUS=draining")
        #expect(Systemd.stopping(status: "draining", within: .seconds(27)))
        #expect(UnixSocket.receive(manager) == "STOPPING=1\nSTATUS=draining\nEXTEND_TIMEOUT_USEC=27000000")
        #expect(Systemd.alive())
        #expect(UnixSocket.receive(manager) == "WATCHDOG=1")
        #expect(Systemd.watchdogTimeout == nil)
        setenv("WATCHDOG_USEC", "3000000", 1)
        setenv("WATCHDOG_PID", "\(getpid())", 1)
        #expect(Systemd.watchdogTimeout == .seconds(3))
        // Somebody else's watchdog.
        setenv("WATCHDOG_PID", "1", 1)
        #expect(Systemd.watchdogTimeout == nil)
        unsetenv("WATCHDOG_USEC")
        unsetenv("WATCHDOG_PID")
        #expect(Systemd.reloading())
        let reloading = UnixSocket.receive(manager).split(separator: "\n")
        #expect(reloading.first == "RELOADING=1")
        #expect(reloading.contains { $0.hasPrefix("MONOTONIC_USEC=") && Int($0.dropFirst(15)) ?? 0 > 0 })
        #expect(DescriptorStore.keep(3, name: "host-0123abcd"))
        #expect(UnixSocket.receive(manager) == "FDSTORE=1\nFDNAME=host-0123abcd")
        #expect(DescriptorStore.drop(name: "host-0123abcd"))
        #expect(UnixSocket.receive(manager) == "FDSTOREREMOVE=1\nFDNAME=host-0123abcd")
        #expect(!DescriptorStore.keep(3, name: "host:1"))
        setenv("LISTEN_FDS", "nonsense", 1)
        setenv("LISTEN_PID", String(getpid()), 1)
        #expect(throws: PassedDescriptors.Failure.self) { try PassedDescriptors.takeOver() }
    }
}

private enum UnixSocket {
    private static func with(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
    }

    static func connects(_ path: String) -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        return with(path) { connect(descriptor, $0, $1) } == 0
    }

    static func receiver(_ path: String) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        _ = with(path) { bind(descriptor, $0, $1) }
        return descriptor
    }

    static func receive(_ descriptor: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }
}
