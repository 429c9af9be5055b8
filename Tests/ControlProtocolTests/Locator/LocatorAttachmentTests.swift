import ControlProtocol
import Foundation
import Glibc
import Testing

@Suite struct LocatorAttachmentTests {
    /// A gateway and a locator in a plugin's directory.
    private static func scene(
        _ more: [String: String] = [:], arguments: [String] = [], workingDirectory: String = "/", name: String = "gpx_test",
        _ play: (FakeGateway, LocatorProcess, _ directory: String) throws -> Void
    ) throws {
        let scratch = try ScratchDirectory()
        try withExtendedLifetime(scratch) {
            let gateway = try FakeGateway(path: "\(scratch.path)/c.sock")
            let process = try LocatorProcess(
                [try LocatorBinary.install(in: scratch.path, as: name)] + arguments,
                environment: LocatorProcess.environment(socket: gateway.path, more), workingDirectory: workingDirectory)
            try play(gateway, process, scratch.path)
        }
    }

    @Test func itHandsOverWhatTheHostGaveAndPrintsTheHandshake() async throws {
        try await onOwnThread {
            let more = [
                "GF_SECRET": "canary", "GF_MULTI": "a\nb=c", "PLUGIN_MIN_PORT": "10000", "LD_PRELOAD": "", "TMPDIR": "/tmp",
                "NOTIFY_SOCKET": "/n",
                "PLUGIN_UNIX_SOCKET_DIR": "/shared", "PLUGIN_UNIX_SOCKET_GROUP": "grafana",
            ]
            try Self.scene(more, arguments: ["--flag", "", "two words"], workingDirectory: "/usr") {
                gateway, process, directory in
                let (peer, request) = try gateway.attach(hostSocket: "/run/plugin-gateway/test.sock")
                #expect(request.directory == directory)
                #expect(request.executableName == "gpx_test")
                #expect(request.arguments == ["--flag", "", "two words"])
                #expect(request.workingDirectory == "/usr")
                #expect(request.magicCookieValue == "datasource")
                #expect(request.hostSocket == nil)
                #expect(request.logsWanted)
                #expect(request.hostSocketDirectory == "/shared")
                #expect(request.hostSocketGroup == "grafana")
                let environment = Dictionary(request.environment, uniquingKeysWith: { $1 })
                #expect(environment == ["GF_SECRET": "canary", "GF_MULTI": "a\nb=c"])

                #expect(try process.outputLine() == "1|2|unix|/run/plugin-gateway/test.sock|grpc|")
                try peer.send(.ended(EndReason(code: .shutdown, message: "the host asked")))
                #expect(try process.restOfOutput() == "")
                #expect(try process.restOfErrors() == "")
                #expect(try process.wait() == 0)
            }
        }
    }

    @Test func aGatewayThatStartsLaterIsFound() async throws {
        try await onOwnThread {
            try Self.scene { gateway, process, _ in
                // The locator may or may not have connected to this one already.
                gateway.stop()
                usleep(150_000)
                try gateway.start()
                let (peer, _) = try gateway.attach()
                #expect(try process.outputLine() != nil)
                try peer.send(.ended(EndReason(code: .shutdown, message: "")))
                #expect(try process.wait() == 0)
            }
        }
    }

    @Test func aGatewayThatIsStillStartingIsAskedAgain() async throws {
        try await onOwnThread {
            try Self.scene { gateway, process, _ in
                for answer in [
                    ControlMessage.refused(Refusal(code: .unavailable, message: "starting", remedy: "wait")),
                    .ended(EndReason(code: .gatewayStopping, message: "stopping")),
                ] {
                    let peer = try gateway.accept()
                    _ = try peer.attachRequest()
                    try peer.send(answer)
                }
                let (peer, _) = try gateway.attach()
                #expect(try process.outputLine() != nil)
                try peer.send(.ended(EndReason(code: .detached, message: "")))
                #expect(try process.restOfErrors() == "")
                #expect(try process.wait() == 0)
            }
        }
    }

    @Test(arguments: [false, true]) func afterAGatewaysRestartItAttachesAgainWithItsHostSocket(announced: Bool) async throws {
        try await onOwnThread {
            try Self.scene(["GF_SECRET": "canary"]) { gateway, process, _ in
                var (peer, request) = try gateway.attach(hostSocket: "/run/fake/first.sock")
                #expect(try process.outputLine() == "1|2|unix|/run/fake/first.sock|grpc|")
                for _ in 0..<2 {
                    gateway.stop()
                    if announced { try peer.send(.ended(EndReason(code: .gatewayStopping, message: "restart"))) }
                    peer.hangUp()
                    #expect(try process.errorRecord()["@level"] == "warn")
                    try gateway.start()
                    (peer, request) = try gateway.attach(hostSocket: "/run/fake/first.sock")
                    #expect(request.hostSocket == "/run/fake/first.sock")
                    #expect(request.environment.map(\.1) == ["canary"])
                    let record = try process.errorRecord()
                    #expect(record["@level"] == "info")
                    #expect(record["@message"]?.contains("attached to plugin-gateway again") == true)
                }
                try peer.send(.ended(EndReason(code: .shutdown, message: "")))
                #expect(try process.restOfOutput() == "")
                #expect(try process.wait() == 0)
            }
        }
    }

    @Test func aRefusedReattachEndsItWithTheReason() async throws {
        try await onOwnThread {
            try Self.scene { gateway, process, _ in
                try gateway.attach().peer.hangUp()
                let peer = try gateway.accept()
                _ = try peer.attachRequest()
                try peer.send(
                    .refused(Refusal(code: .executableRejected, message: "it may be written by others", remedy: "chmod go-w")))
                #expect(try process.errorRecord()["@level"] == "warn")
                let record = try process.errorRecord()
                #expect(record["@level"] == "error")
                #expect(record["@message"]?.contains("it may be written by others; chmod go-w") == true)
                #expect(try process.wait() == 78)
            }
        }
    }

    @Test func anotherHostSocketAfterARestartEndsItSinceTheHostWouldNotFindIt() async throws {
        try await onOwnThread {
            try Self.scene { gateway, process, _ in
                try gateway.attach(hostSocket: "/run/a").peer.hangUp()
                let peer = try gateway.attach(hostSocket: "/run/b").peer
                defer { peer.hangUp() }
                #expect(try process.errorRecord()["@level"] == "warn")
                #expect(try process.errorRecord()["code"] == "otherHostSocket")
                #expect(try process.wait() == 69)
            }
        }
    }

    @Test func aPluginGivenUpByTheGatewayIsAnError() async throws {
        try await onOwnThread {
            try Self.scene { gateway, process, _ in
                let (peer, _) = try gateway.attach()
                try peer.send(.ended(EndReason(code: .pluginBroken, message: "it crashed 10 times")))
                let record = try process.errorRecord()
                #expect(record["@level"] == "error")
                #expect(record["@message"]?.contains("it crashed 10 times") == true)
                #expect(try process.wait() == 1)
            }
        }
    }

    @Test func aFileWhoseNameOnlyLooksDeletedKeepsIt() async throws {
        try await onOwnThread {
            try Self.scene(name: "gpx (deleted)") { gateway, _, _ in
                let (peer, request) = try gateway.attach()
                defer { peer.hangUp() }
                #expect(request.executableName == "gpx (deleted)")
            }
        }
    }

    @Test func aLocatorReplacedWhileItStartsStillKnowsItsName() async throws {
        try await onOwnThread {
            let scratch = try ScratchDirectory()
            try withExtendedLifetime(scratch) {
                let gateway = try FakeGateway(path: "\(scratch.path)/c.sock")
                let binary = try LocatorBinary.install(in: scratch.path)
                // Runs the file after its name is gone.
                let script = "exec 3<\"$0\"; rm \"$0\"; exec /proc/self/fd/3"
                let process = try LocatorProcess(
                    ["/bin/sh", "-c", script, binary], environment: LocatorProcess.environment(socket: gateway.path))
                let (peer, request) = try gateway.attach()
                #expect(request.directory == scratch.path)
                #expect(request.executableName == "gpx_test")
                try peer.send(.ended(EndReason(code: .shutdown, message: "")))
                #expect(try process.wait() == 0)
            }
        }
    }

    @Test func aVariableThatIsNotUTF8IsHandedOverRepairedWithAWarningThatDoesNotShowIt() async throws {
        try await onOwnThread {
            let scratch = try ScratchDirectory()
            try withExtendedLifetime(scratch) {
                let gateway = try FakeGateway(path: "\(scratch.path)/c.sock")
                let script = "GF_BAD=$(printf 'canary\\377'); export GF_BAD; exec \"$0\""
                let process = try LocatorProcess(
                    ["/bin/sh", "-c", script, try LocatorBinary.install(in: scratch.path)],
                    environment: LocatorProcess.environment(socket: gateway.path))
                let (peer, request) = try gateway.attach()
                #expect(request.environment.contains { $0.0 == "GF_BAD" && $0.1 == "canary\u{FFFD}" })
                let record = try process.errorRecord()
                #expect(record["@level"] == "warn")
                #expect(record["@message"]?.contains("not valid UTF-8") == true)
                #expect(record["@message"]?.contains("canary") == false)
                try peer.send(.ended(EndReason(code: .shutdown, message: "")))
                #expect(try process.wait() == 0)
            }
        }
    }

    @Test func aGatewayThatBreaksOffAgainAndAgainIsAskedAgainAndAgain() async throws {
        try await onOwnThread {
            try Self.scene { gateway, process, _ in
                for _ in 0..<3 { try gateway.attach().peer.hangUp() }
                let peer = try gateway.attach().peer
                try peer.send(.ended(EndReason(code: .shutdown, message: "")))
                #expect(try process.wait() == 0)
                #expect(try process.restOfOutput() == "1|2|unix|/run/fake/host.sock|grpc|\n")
                let levels = try process.restOfErrors().split(separator: "\n").map {
                    try LocatorProcess.record(String($0))["@level"]
                }
                #expect(levels == ["warn", "info", "warn", "info", "warn", "info"])
            }
        }
    }

    /// The files in /proc of a process that may not be dumped belong to root.
    @Test func itsMemoryAndEnvironmentAreClosedToOthersOfItsUser() async throws {
        try await onOwnThread {
            let scratch = try ScratchDirectory()
            try withExtendedLifetime(scratch) {
                let gateway = try FakeGateway(path: "\(scratch.path)/c.sock")
                chmod(gateway.path, 0o777)
                var command = [try LocatorBinary.install(in: scratch.path)]
                if geteuid() == 0 {
                    command = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] + command
                }
                let process = try LocatorProcess(command, environment: LocatorProcess.environment(socket: gateway.path))
                let (peer, _) = try gateway.attach()
                _ = try process.outputLine()
                var status = stat()
                #expect(stat("/proc/\(process.pid)/environ", &status) == 0)
                #expect(status.st_uid == 0)
                try peer.send(.ended(EndReason(code: .shutdown, message: "")))
                #expect(try process.wait() == 0)
            }
        }
    }
}
