internal import NIOCore
internal import NIOPosix
internal import Synchronization
internal import Testing

@testable internal import Gateway

@Suite struct WatchdogTests {
    @Test func theWordGoesOutWhileEveryLoopAnswersAndStaysAwayWhileOneHangs() async throws {
        let rig = Rig()
        let running = Task { await rig.watchdog.run(every: .milliseconds(1)) }
        var words = rig.words.makeAsyncIterator()
        for _ in 0..<3 { _ = await words.next() }
        #expect(rig.asked.value >= 3)

        // The second loop hangs until it is let go.
        let (hangs, letGo) = (Gate(), Gate())
        rig.watchdog.loops[1].execute {
            hangs.open()
            letGo.wait()
        }
        hangs.wait()
        let before = rig.told.value
        var complaints = rig.complaints.makeAsyncIterator()
        // A loop of a busy machine may have been complained of before.
        while let who = await complaints.next(), who != "event loop 2 of 2" {}
        // The other loop does its work, again and again, while not more than the word that was on its way goes out.
        for _ in 0..<200 {
            try await rig.watchdog.loops[0].submit {}.get()
            try await Task.sleep(for: .milliseconds(1))
        }
        #expect(rig.told.value <= before + 1)

        letGo.open()
        while let number = await words.next(), number <= before + 1 {}
        #expect(rig.told.value > before + 1)
        running.cancel()
        await running.value
        try await rig.group.shutdownGracefully()
    }

    @Test func theWordStaysAwayWhileTheAttachmentsDoNotAnswer() async throws {
        let (opening, letGo) = AsyncStream.makeStream(of: Void.self)
        let rig = Rig(attachmentsAnswer: { for await _ in opening {} })
        let running = Task { await rig.watchdog.run(every: .milliseconds(1)) }
        var complaints = rig.complaints.makeAsyncIterator()
        while let who = await complaints.next(), who != "the holder of the attachments" {}
        for _ in 0..<50 { try await rig.watchdog.loops[0].submit {}.get() }
        #expect(rig.told.value == 0)

        letGo.finish()
        var words = rig.words.makeAsyncIterator()
        #expect(await words.next() == 1)
        running.cancel()
        await running.value
        try await rig.group.shutdownGracefully()
    }
}

/// A watchdog over two loops, and what it says.
private final class Rig: Sendable {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    let told: CountedWords
    let asked: CountedWords
    /// How many words went out, at each of them.
    let words: AsyncStream<Int>
    let complaints: AsyncStream<String>
    let watchdog: Watchdog

    init(attachmentsAnswer: @escaping @Sendable () async -> Void = {}) {
        let (told, asked) = (CountedWords(), CountedWords())
        let (words, word) = AsyncStream.makeStream(of: Int.self)
        let (complaints, complaint) = AsyncStream.makeStream(of: String.self)
        (self.told, self.asked, self.words, self.complaints) = (told, asked, words, complaints)
        watchdog = Watchdog(
            loops: Array(group.makeIterator()),
            attachmentsAnswer: {
                asked.add()
                await attachmentsAnswer()
            },
            tell: { word.yield(told.add()) }, complain: { complaint.yield($0) })
    }
}

private final class CountedWords: Sendable {
    private let count = Atomic(0)

    @discardableResult
    func add() -> Int { count.add(1, ordering: .relaxed).newValue }
    var value: Int { count.load(ordering: .relaxed) }
}
