internal import Foundation
internal import Glibc
internal import Logging
internal import Testing

@testable internal import Telemetry

/// Against a real journald. Runs inside `journal-ns.sh`; ``JournaldTests`` starts it there.
@Suite(.enabled(if: IsolatedRun.isInside("PrivateJournal")), .serialized, .timeLimit(.minutes(2)))
struct PrivateJournal {
    private let mark = UUID().uuidString

    private func entries() throws -> [[String: Any]] {
        try JournalReader.entries("PLUGIN_GATEWAY_TEST", mark)
    }

    @Test func theNamespaceIsPrivate() {
        #expect(ProcessInfo.processInfo.environment["JOURNAL_NAMESPACE"] == "private")
        #expect(JournalReader.daemon > 0)
    }

    @Test func fieldsAreReadBackAsTheyWereSent() async throws {
        let pipe = TestPipe()
        let journal = Journal(fallbackDescriptor: pipe.writeEnd)
        #expect(journal.reachesJournal)
        journal.send(
            .warning, "two\nlines – ünïcode", event: .pluginEnded,
            fields: [
                ("PLUGIN_GATEWAY_TEST", mark), ("PLUGIN_GATEWAY_PLUGIN", "legacy"), ("REPEATED", "one"), ("REPEATED", "two"),
                ("EMPTY", ""),
                ("EQUALS", "a=b=c"), ("LONG", String(repeating: "x", count: 100_000)), ("_PID", "1"), ("bad", "x"),
            ])
        #expect(await journal.flush(cap: .seconds(60)))
        let entries = try entries()
        #expect(entries.count == 1)
        let entry = entries.first
        #expect(text(entry, "MESSAGE") == "two\nlines – ünïcode")
        #expect(text(entry, "PRIORITY") == "4")
        #expect(text(entry, "SYSLOG_IDENTIFIER") == "plugin-gateway")
        #expect(text(entry, "MESSAGE_ID") == EventKind.pluginEnded.messageID)
        #expect(text(entry, "PLUGIN_GATEWAY_EVENT") == "plugin-ended")
        #expect(entry?["REPEATED"] as? [String] == ["one", "two"])
        #expect(text(entry, "EMPTY") == "")
        #expect(text(entry, "EQUALS") == "a=b=c")
        #expect(text(entry, "LONG")?.hasSuffix("[cut, 100000 bytes]") == true)
        #expect(text(entry, "_PID") == String(getpid()))
        #expect(entry?["bad"] == nil)
        #expect(journal.counters == Journal.Counters(sent: 1, leftOutFields: 2))
        #expect(pipe.lines().isEmpty)
    }

    @Test func aLoggerWritesAllThatItKnows() async throws {
        let journal = Journal()
        let logger = Logger(label: "routing") { JournalLogHandler(label: $0, journal: journal, level: AdjustableLogLevel(.info)) }
        logger.event(.pluginNegotiated, "negotiated", [.plugin: "legacy", .hostVersion: "2", .pluginVersion: "1"])
        logger.info("plain", metadata: ["test": "\(mark)", "password": "canary", "elapsedMs": "\(5)"])
        #expect(await journal.flush(cap: .seconds(60)))
        let event = try JournalReader.entries("MESSAGE_ID", EventKind.pluginNegotiated.messageID).last
        #expect(text(event, "PLUGIN_GATEWAY_HOST_VERSION") == "2")
        #expect(text(event, "PRIORITY") == "5")
        #expect(text(event, "CODE_FILE") == "TelemetryTests/PrivateJournal.swift")
        #expect(text(event, "CODE_FUNC") == "aLoggerWritesAllThatItKnows()")
        #expect(text(event, "PLUGIN_GATEWAY_LOGGER") == "routing")
        let plain = try entries().first
        #expect(text(plain, "PLUGIN_GATEWAY_PASSWORD") == "[redacted]")
        #expect(text(plain, "PLUGIN_GATEWAY_ELAPSED_MS") == "5")
        #expect(plain?["MESSAGE_ID"] == nil)
    }

    @Test func aSnapshotIsComplete() async throws {
        let journal = Journal()
        let statistics = PluginStatistics(pluginID: mark, attachmentID: "a1")
        let reporter = SnapshotReporter(journal: journal)
        reporter.add(statistics)
        for number in 1...100 {
            statistics.record(
                CallRecord(
                    method: "/pluginv2.Data/QueryData", versionPath: "2-1", code: number % 10 == 0 ? 14 : 0,
                    duration: .milliseconds(number),
                    bytesIn: 10, bytesOut: 20, points: 30, frames: 2, losses: [("headers", "noPlace", 2), ("meta", "noPlace", 1)])
            )
        }
        reporter.report(final: true)
        #expect(await journal.flush(cap: .seconds(60)))
        let entry = try JournalReader.entries("PLUGIN_GATEWAY_PLUGIN", mark).first
        let expected: [LogKey: String] = [
            .event: "plugin-snapshot", .attachment: "a1", .method: "pluginv2.Data/QueryData", .versionPath: "2-1", .sequence: "1",
            .final: "1", .calls: "100", .errors: "10", .errorCode: "UNAVAILABLE 10", .latencySum: "5050000",
            .latencyMaximum: "100000",
            .requestBytes: "1000", .responseBytes: "2000", .points: "3000", .frames: "200", .losses: "300", .entriesDropped: "0",
        ]
        for (key, value) in expected { #expect(text(entry, key.rawValue) == value, "\(key)") }
        #expect(entry?[LogKey.loss.rawValue] as? [String] == ["200 headers noPlace", "100 meta noPlace"])
        for (key, exact) in [(LogKey.latencyMedian, 50_000.0), (.latency90, 90_000), (.latency99, 99_000)] {
            let value = try #require(text(entry, key.rawValue).flatMap { Double($0) })
            #expect(value >= exact && value <= exact * 1.0626)
        }
        let histogram = text(entry, LogKey.latencyHistogram.rawValue)?.split(separator: ",").compactMap {
            $0.split(separator: ":").last
        }
        #expect(histogram?.compactMap { Int($0) }.reduce(0, +) == 100)

        let own = try JournalReader.entries("MESSAGE_ID", EventKind.gatewaySnapshot.messageID).last
        for key in [LogKey.residentMemory, .processorTime, .descriptors] {
            #expect(text(own, key.rawValue).flatMap { UInt64($0) } ?? 0 > 0, "\(key)")
        }
        #expect(text(own, LogKey.sequence.rawValue) == "2")
    }

    /// A plugin runs under the same unit and as the same user, and may send what it likes.
    @Test func aForgedEntryIsToldApartByItsExecutable() async throws {
        let journal = Journal()
        journal.send(.info, "genuine", event: .gatewaySnapshot, fields: [("PLUGIN_GATEWAY_TEST", mark)])
        #expect(await journal.flush(cap: .seconds(60)))

        let executable = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let forger = Process()
        forger.executableURL = URL(fileURLWithPath: "/usr/bin/logger")
        forger.arguments = ["--journald"]
        let input = Pipe()
        forger.standardInput = input
        try forger.run()
        let fields = [
            "MESSAGE=forged", "PRIORITY=6", "MESSAGE_ID=\(EventKind.gatewaySnapshot.messageID)",
            "PLUGIN_GATEWAY_EVENT=gateway-snapshot",
            "PLUGIN_GATEWAY_TEST=\(mark)", "_EXE=\(executable)", "_PID=\(getpid())", "_UID=0",
        ]
        input.fileHandleForWriting.write(Data((fields.joined(separator: "\n") + "\n").utf8))
        try input.fileHandleForWriting.close()
        forger.waitUntilExit()
        #expect(forger.terminationStatus == 0)

        let all = try JournalReader.entriesOfAnybody("PLUGIN_GATEWAY_TEST", mark)
        #expect(Set(all.compactMap { text($0, "MESSAGE") }) == ["genuine", "forged"])
        #expect(all.allSatisfy { text($0, "MESSAGE_ID") == EventKind.gatewaySnapshot.messageID })
        let forged = all.first { text($0, "MESSAGE") == "forged" }
        #expect(text(forged, "_EXE") != executable)
        #expect(text(forged, "_PID") != String(getpid()))
        #expect(try entries().compactMap { text($0, "MESSAGE") } == ["genuine"])
    }

    /// A sender that waited for journald would never come to the line that wakes journald again.
    @Test func aStalledJournaldDoesNotHoldTheCaller() async throws {
        let journal = Journal(limits: Journal.Limits(entries: 1000))
        kill(JournalReader.daemon, SIGSTOP)
        defer { kill(JournalReader.daemon, SIGCONT) }
        for number in 0..<20_000 { journal.send(.info, "entry \(number)", fields: [("PLUGIN_GATEWAY_TEST", mark)]) }
        let stalled = journal.counters
        #expect(stalled.waiting > 0)
        #expect(stalled.dropped > 0)
        #expect(await journal.flush(cap: .milliseconds(50)) == false)

        kill(JournalReader.daemon, SIGCONT)
        #expect(await journal.flush(cap: .seconds(60)))
        let after = journal.counters
        #expect(after.sent + after.dropped == 20_000)
        #expect(after.sendFailures == 0)
        #expect(try entries().count == Int(after.sent))

        SnapshotReporter(journal: journal).report()
        #expect(await journal.flush(cap: .seconds(60)))
        let own = try JournalReader.entries("MESSAGE_ID", EventKind.gatewaySnapshot.messageID).last
        #expect(text(own, LogKey.entriesDropped.rawValue) == String(after.dropped))
    }
}
