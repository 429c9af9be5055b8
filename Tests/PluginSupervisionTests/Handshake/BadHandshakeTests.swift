import Foundation
import Testing

@testable import PluginSupervision

extension RealProcesses {
    /// Each way to get the handshake wrong has its own error, and leaves no process, directory or descriptor.
    @Suite struct BadHandshakes {
        @Test(arguments: [
            ("garbage", SupervisionError.Code.handshakeGarbage), ("short-line", .handshakeGarbage),
            ("not-a-version", .handshakeGarbage),
            ("flood-lines", .handshakeGarbage), ("flood", .handshakeFlood), ("huge-line", .handshakeFlood),
            ("empty", .exitedBeforeHandshake), ("exit0", .exitedBeforeHandshake), ("closed-stdout", .closedStdout),
            ("wrong-core", .coreVersionUnknown), ("wrong-version", .versionNotOffered), ("netrpc", .protocolUnsupported),
            ("odd-network", .addressUnusable), ("certificate", .encryptionUnsupported),
            ("multiplexing", .multiplexingUnsupported),
            ("missing-socket", .socketMissing), ("stale-socket", .connectFailed),
        ])
        func `a bad handshake has its own error`(mode: String, code: SupervisionError.Code) async throws {
            let stage = try Stage()
            let error = try await stage.failureOfStart(stage.bad(mode))
            #expect(error?.code == code)
            #expect(error?.side == .plugin)
            #expect(error?.remedy.isEmpty == false)
            #expect(error?.retryAfter != nil)
        }

        @Test(arguments: ["silent", "unterminated"])
        func `a plugin without a handshake line is given up after the limit`(mode: String) async throws {
            let stage = try Stage()
            var limits = Stage.limits
            limits.handshakeTimeout = .milliseconds(300)
            let error = try await stage.failureOfStart(stage.bad(mode, limits: limits))
            #expect(error?.code == .handshakeTimeout)
            #expect(error?.message.contains("1|1|unix|") == (mode == "unterminated"))
        }

        @Test(arguments: ["deaf", "not-http2"])
        func `a plugin that does not speak at its socket is given up after the limit`(mode: String) async throws {
            let stage = try Stage()
            var limits = Stage.limits
            limits.connectTimeout = .milliseconds(500)
            let error = try await stage.failureOfStart(stage.bad(mode, limits: limits))
            #expect([.connectFailed, .unhealthy].contains(error?.code))
        }

        @Test func `a plugin that says it does not serve is not used`() async throws {
            let stage = try Stage()
            #expect(try await stage.failureOfStart(stage.bad("not-serving"))?.code == .unhealthy)
        }

        @Test func `an early exit tells its code and last words`() async throws {
            let stage = try Stage()
            let error = try await stage.failureOfStart(
                stage.script("#!/bin/sh\necho 'first' >&2\necho 'panic: no configuration' >&2\nexit 3\n"))
            #expect(error?.code == .exitedBeforeHandshake)
            #expect(error?.message.contains("exit code 3") == true)
            #expect(error?.lastWords == ["first", "panic: no configuration"])
        }

        @Test func `the last words of an exit without error are what go-plugin logged`() async throws {
            let stage = try Stage()
            let error = try await stage.failureOfStart(stage.bad("exit0"))
            #expect(error?.message.contains("exit code 0") == true)
            #expect(error?.lastWords == ["plugin init error (error=mkdir /nowhere: permission denied)"])
        }

        @Test func `many last words are bounded`() async throws {
            let stage = try Stage()
            let error = try await stage.failureOfStart(
                stage.script("#!/bin/sh\ni=0\nwhile [ $i -lt 5000 ]; do echo \"line $i\" >&2; i=$((i+1)); done\nexit 1\n"))
            #expect(error?.lastWords.count == 16)
            #expect(error?.lastWords.last == "line 4999")
        }

        @Test func `a signal is told from an exit`() async throws {
            let stage = try Stage()
            let error = try await stage.failureOfStart(stage.script("#!/bin/sh\nkill -SEGV $$\n"))
            #expect(error?.message.contains("SIGSEGV") == true)
        }

        @Test func `an empty line is no handshake`() async throws {
            let stage = try Stage()
            #expect(try await stage.failureOfStart(stage.script("#!/bin/sh\necho\nsleep 600\n"))?.code == .handshakeEmpty)
        }

        @Test func `a port that nobody listens on`() async throws {
            let stage = try Stage()
            let error = try await stage.failureOfStart(stage.script("#!/bin/sh\necho '1|1|tcp|127.0.0.1:1|grpc'\nsleep 600\n"))
            #expect(error?.code == .connectFailed)
            #expect(error?.message.contains("127.0.0.1:1") == true)
        }

        @Test func `an address on another machine is refused`() async throws {
            let stage = try Stage()
            let error = try await stage.failureOfStart(stage.script("#!/bin/sh\necho '1|1|tcp|192.0.2.1:80|grpc'\nsleep 600\n"))
            #expect(error?.code == .addressUnusable)
        }

        @Test func `a handshake followed by an exit`() async throws {
            let stage = try Stage()
            let error = try await stage.failureOfStart(stage.script("#!/bin/sh\necho \"1|1|unix|$TMPDIR/none|grpc|\"\n"))
            #expect([.socketMissing, .exitedBeforeHandshake].contains(error?.code))
        }

        @Test(arguments: [
            ("no interpreter line and no program", "just text\n"), ("an interpreter that is missing", "#!/nowhere/python\n"),
        ])
        func `what cannot be executed is a spawn failure`(what: String, text: String) async throws {
            let stage = try Stage()
            let error = try await stage.failureOfStart(stage.script(text))
            #expect(error?.code == .spawnFailed)
            #expect(error?.message.contains("plugin.wrapped") == true)
            #expect(error?.cause != nil)
        }

        @Test func `a cookie that the plugin does not know`() async throws {
            let stage = try Stage()
            var launch = try stage.peer("legacy-datasource")
            launch.cookieValue = "something else"
            let error = try await stage.failureOfStart(launch)
            #expect(error?.code == .exitedBeforeHandshake)
            #expect(error?.lastWords.joined().contains("plugin") == true)
        }
    }
}
