import ControlProtocol
import Foundation
import Glibc
import Testing

/// What ends a locator, what does not, and what it does about logs that nobody reads.
@Suite struct LocatorEndTests {
    private static func scene(
        input: Int32? = nil, command: (String) -> [String] = { [$0] },
        _ play: (FakeGateway, FakeGateway.Peer, LocatorProcess) throws -> Void
    ) throws {
        let scratch = try ScratchDirectory()
        try withExtendedLifetime(scratch) {
            let gateway = try FakeGateway(path: "\(scratch.path)/c.sock")
            let process = try LocatorProcess(
                command(try LocatorBinary.install(in: scratch.path)),
                environment: LocatorProcess.environment(socket: gateway.path), input: input)
            let (peer, _) = try gateway.attach()
            #expect(try process.outputLine() != nil)
            try play(gateway, peer, process)
        }
    }

    private static func expectDetach(_ peer: FakeGateway.Peer) throws {
        guard case .detach = try peer.receive() else { throw HarnessError("the locator did not detach") }
        #expect(try peer.receive() == nil)
    }

    private static func log(_ message: String, _ fields: [(String, String)] = []) -> ControlMessage {
        .log(LogRecord(level: .info, message: message, timestampMicroseconds: 1, module: "plugin", fields: fields))
    }

    @Test func aHostThatNoLongerReadsStandardOutputIsGone() async throws {
        try await onOwnThread {
            try Self.scene { _, peer, process in
                process.closeOutput()
                try Self.expectDetach(peer)
                #expect(try process.wait() == 0)
            }
        }
    }

    @Test func theParentsDeathEndsItThoughItsOutputIsStillRead() async throws {
        try await onOwnThread {
            try Self.scene(command: { ["/bin/sh", "-c", "\"$0\" & wait", $0] }) { _, peer, shell in
                shell.signal(SIGKILL)
                #expect(try shell.wait() == -SIGKILL)
                try Self.expectDetach(peer)
                // The end of the output: no locator holds it any more.
                #expect(try shell.restOfOutput() == "")
            }
        }
    }

    @Test(arguments: [SIGTERM, SIGHUP]) func aSignalToStopDetachesAndIsNoFailure(signal: Int32) async throws {
        try await onOwnThread {
            try Self.scene { _, peer, process in
                process.signal(signal)
                try Self.expectDetach(peer)
                #expect(try process.wait() == 0)
            }
        }
    }

    @Test func aSignalToStopIsHeardWhileItWaitsForTheGateway() async throws {
        try await onOwnThread {
            let scratch = try ScratchDirectory()
            try withExtendedLifetime(scratch) {
                let process = try LocatorProcess(
                    [try LocatorBinary.install(in: scratch.path)],
                    environment: LocatorProcess.environment(socket: "\(scratch.path)/none"))
                usleep(100_000)
                process.signal(SIGTERM)
                // A signal that came before it was prepared for it ends it, too.
                #expect([0, -SIGTERM].contains(try process.wait()))
                #expect(try process.restOfErrors() == "")
            }
        }
    }

    @Test func interruptsAreForTheHostToHandle() async throws {
        try await onOwnThread {
            try Self.scene { _, peer, process in
                process.signal(SIGINT)
                try peer.send(Self.log("still here"))
                #expect(try process.errorRecord()["@message"] == "still here")
                try peer.send(.ended(EndReason(code: .shutdown, message: "")))
                #expect(try process.wait() == 0)
            }
        }
    }

    @Test func aClosedStandardInputSaysNothing() async throws {
        try await onOwnThread {
            let input = try Pipe()
            try Self.scene(input: input.readEnd) { _, peer, process in
                input.closeWriteEnd()
                try peer.send(Self.log("still here"))
                #expect(try process.errorRecord()["@message"] == "still here")
                try peer.send(.ended(EndReason(code: .shutdown, message: "")))
                #expect(try process.wait() == 0)
            }
        }
    }

    @Test func logRecordsReachTheHostInTheFormItReads() async throws {
        try await onOwnThread {
            try Self.scene { _, peer, process in
                let message = "quote \" newline \n escape \u{1B}[31m é 🙂"
                try peer.send(Self.log(message, [("query", "A"), ("@level", "5")]))
                #expect(
                    try process.errorRecord() == [
                        "@level": "info", "@timestamp": "1970-01-01T00:00:00.000001Z", "@module": "plugin", "@message": message,
                        "query": "A",
                        "_level": "5",
                    ])
                try peer.send(.ended(EndReason(code: .shutdown, message: "")))
                #expect(try process.wait() == 0)
            }
        }
    }

    @Test func aFloodThatNobodyReadsNeitherBlocksItNorHoldsUpItsEnd() async throws {
        try await onOwnThread {
            try Self.scene { _, peer, process in
                let record = try Self.log(String(repeating: "x", count: 10_000)).encoded()
                for _ in 0..<2000 { try peer.send(record) }
                try peer.send(.ended(EndReason(code: .shutdown, message: "")))
                #expect(try process.wait() == 0)
            }
        }
    }

    @Test func theHostLearnsHowMuchOfAFloodIsMissing() async throws {
        try await onOwnThread {
            try Self.scene { _, peer, process in
                let sent = 500
                let record = try Self.log(String(repeating: "x", count: 10_000)).encoded()
                for _ in 0..<sent { try peer.send(record) }
                // Its refusal to be sent is the proof that everything before was taken.
                try peer.send(.refused(Refusal(code: .internal, message: "over", remedy: "")))
                let lines = try process.restOfErrors().split(separator: "\n")
                #expect(try process.wait() == 70)
                let records = try lines.map { try LocatorProcess.record(String($0)) }
                let kept = records.count { $0["@message"]?.hasPrefix("xxx") == true }
                let dropped = records.compactMap { $0["dropped"].flatMap(Int.init) }.reduce(0, +)
                #expect(kept + dropped == sent)
                #expect(records.last?["@message"]?.hasSuffix("over") == true)
            }
        }
    }
}
