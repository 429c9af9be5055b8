internal import Foundation
internal import Glibc
internal import Testing

@testable internal import Telemetry

/// A journald that dies and comes back. Runs inside a `journal-ns.sh` of its own; ``JournaldTests`` starts it there.
@Suite(.enabled(if: IsolatedRun.isInside("JournaldGone")), .timeLimit(.minutes(2)))
struct JournaldGone {
    @Test func entriesGoToStandardErrorWhileItIsGoneAndToTheJournalAfterwards() async throws {
        let pipe = TestPipe()
        let mark = UUID().uuidString
        let journal = Journal(fallbackDescriptor: pipe.writeEnd)
        func send(_ message: String) async {
            journal.send(.info, message, fields: [("PLUGIN_GATEWAY_TEST", mark)])
            #expect(await journal.flush(cap: .seconds(60)))
        }
        await send("first")
        #expect(try JournalReader.entries("PLUGIN_GATEWAY_TEST", mark).count == 1)

        // Dead, but its socket is still there: journald refuses.
        kill(JournalReader.daemon, SIGKILL)
        while JournalDelivery.isConnectable(Journal.systemSocket) { await Task.yield() }
        await send("second")
        #expect(!journal.reachesJournal)
        #expect(journal.counters.sendFailures == 1)
        #expect(pipe.lines().first?.contains("info: second") == true)

        // No socket at all: libsystemd would report success.
        unlink(Journal.systemSocket)
        await send("third")
        #expect(journal.counters.sendFailures == 1)
        #expect(pipe.lines().first?.contains("info: third") == true)

        let daemon = Process()
        daemon.executableURL = URL(fileURLWithPath: "/lib/systemd/systemd-journald")
        try daemon.run()
        defer { daemon.terminate() }
        while !JournalDelivery.isConnectable(Journal.systemSocket) { await Task.yield() }
        await send("fourth")
        #expect(journal.reachesJournal)
        #expect(pipe.lines().isEmpty)
        #expect(try JournalReader.entries("PLUGIN_GATEWAY_TEST", mark).compactMap { text($0, "MESSAGE") } == ["first", "fourth"])
    }
}
