internal import Testing

@testable internal import Telemetry

/// Starts the suites that need a journald of their own, so that a plain `swift test` has them all.
@Suite(.disabled(if: IsolatedRun.isInside("PrivateJournal") || IsolatedRun.isInside("JournaldGone")), .timeLimit(.minutes(5)))
struct JournaldTests {
    @Test func entriesArriveInARealJournal() throws {
        let outcome = try IsolatedRun.run("PrivateJournal", under: [ProjectFiles.journalNamespace])
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(outcome.tests == 6, "\(outcome.output)")
    }

    @Test func aJournalThatGoesAndComesIsFollowed() throws {
        let outcome = try IsolatedRun.run("JournaldGone", under: [ProjectFiles.journalNamespace])
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(outcome.tests == 1, "\(outcome.output)")
    }
}
