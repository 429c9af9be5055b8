internal import Foundation
internal import Testing

@testable internal import Telemetry

/// The queue before a far end that does not take anything: a pipe that nobody reads.
@Suite(.timeLimit(.minutes(2))) struct JournalQueueTests {
    private static let filler = String(repeating: "x", count: 10_000)

    @Test func aStalledEndDoesNotHoldTheCallerAndDropsAreCounted() async {
        let pipe = TestPipe()
        let journal = pipe.journal(Journal.Limits(entries: 100))
        for _ in 0..<1000 { journal.send(.info, Self.filler) }
        let stalled = journal.counters
        #expect(stalled.dropped > 0)
        #expect(stalled.waiting > 0 && stalled.waiting <= 100)
        #expect(stalled.sent + stalled.dropped + UInt64(stalled.waiting) == 1000)
        #expect(await journal.flush(cap: .milliseconds(20)) == false)

        pipe.drainInBackground()
        #expect(await journal.flush(cap: .seconds(60)))
        let after = journal.counters
        #expect(after.waiting == 0)
        #expect(after.sent + after.dropped == 1000)
    }

    @Test func bytesAreBoundedToo() async {
        let pipe = TestPipe()
        let journal = pipe.journal(Journal.Limits(bytes: 200_000))
        for _ in 0..<1000 { journal.send(.info, Self.filler) }
        #expect(journal.counters.waiting < 20)
        #expect(journal.counters.dropped > 900)
        pipe.drainInBackground()
        #expect(await journal.flush(cap: .seconds(60)))
    }

    @Test func aFloodOfInformationLeavesRoomForWarnings() async {
        let pipe = TestPipe()
        let journal = pipe.journal(Journal.Limits(entries: 100))
        for _ in 0..<1000 { journal.send(.info, Self.filler) }
        let dropped = journal.droppedEntries
        for _ in 0..<10 { journal.send(.warning, "worse") }
        #expect(journal.droppedEntries == dropped)
        pipe.drainInBackground()
        #expect(await journal.flush(cap: .seconds(60)))
    }

    @Test func entriesFromManyThreadsAllArriveWhole() async {
        let pipe = TestPipe()
        let journal = pipe.journal()
        await withTaskGroup(of: Void.self) { group in
            for sender in 0..<8 {
                group.addTask { for number in 0..<50 { journal.send(.info, "from \(sender) number \(number)") } }
            }
        }
        #expect(await journal.flush(cap: .seconds(60)))
        let lines = pipe.lines()
        #expect(lines.count == 400)
        for sender in 0..<8 {
            let own = lines.compactMap { $0.firstMatch(of: /from (\d) number (\d+)$/) }.filter { $0.1 == "\(sender)" }
            #expect(own.compactMap { Int($0.2) } == Array(0..<50))
        }
    }

    @Test func flushingWorksInACancelledTask() async {
        let pipe = TestPipe()
        let journal = pipe.journal()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            journal.send(.info, "last words")
            return await journal.flush(cap: .seconds(60))
        }
        #expect(await task.value)
        #expect(pipe.lines().count == 1)
    }

    @Test func afterCloseEntriesAreDroppedAndCounted() async {
        let pipe = TestPipe()
        let journal = pipe.journal()
        journal.send(.info, "before")
        #expect(await journal.close(cap: .seconds(60)))
        journal.send(.info, "after")
        #expect(journal.droppedEntries == 1)
        #expect(pipe.lines().count == 1)
    }

    @Test func anUnusedJournalDeliversWhatItHas() async {
        let pipe = TestPipe()
        do {
            let journal = pipe.journal()
            for _ in 0..<10 { journal.send(.info, "x") }
        }
        var lines = 0
        while lines < 10 {
            lines += pipe.lines().count
            await Task.yield()
        }
        #expect(lines == 10)
    }

    @Test func withoutASocketTheLinesGoToStandardError() async {
        let pipe = TestPipe()
        let journal = Journal(
            output: .automatic, fallbackDescriptor: pipe.writeEnd, socketPath: "/nonexistent-\(UUID().uuidString)/socket")
        #expect(!journal.reachesJournal)
        journal.send(.error, "no journal here", fields: [("PLUGIN_GATEWAY_PLUGIN", "p"), ("_BAD", "x")])
        #expect(await journal.flush(cap: .seconds(60)))
        let lines = pipe.lines()
        #expect(lines.count == 1)
        #expect(lines.first?.hasSuffix("error: no journal here plugin=p") == true)
        #expect(journal.counters.leftOutFields == 1)
        #expect(journal.counters.sendFailures == 0)
    }

    @Test func aClosedStandardErrorIsCountedAndDoesNoHarm() async {
        let journal = Journal(output: .standardError, fallbackDescriptor: -1)
        journal.send(.info, "into the void")
        #expect(await journal.flush(cap: .seconds(60)))
        #expect(journal.counters.sendFailures == 1)
    }
}
