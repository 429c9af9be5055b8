internal import NIOCore

/// Tells systemd again and again that the gateway lives, for as long as everything that serves calls does.
///
/// The word goes out only when every event loop, and with them the supervisors that run on them, and whoever holds the attachments have
/// answered. One that hangs never answers: the journal hears who it is, the word stays away, and systemd ends and restarts the gateway
/// after `WatchdogSec=`.
struct Watchdog: Sendable {
    let loops: [any EventLoop]
    /// Returns when the attachments and their supervisors have answered.
    let attachmentsAnswer: @Sendable () async -> Void
    let tell: @Sendable () -> Void
    /// Hears who has not answered for one interval; systemd waits for several.
    let complain: @Sendable (_ who: String) -> Void

    /// Goes on until its task is cancelled.
    ///
    /// - Parameter interval: time between two words; several of them fit into the time that systemd waits.
    func run(every interval: Duration) async {
        while !Task.isCancelled {
            for (index, loop) in loops.enumerated() {
                let answered = await answer(of: "event loop \(index + 1) of \(loops.count)", within: interval) {
                    (try? await loop.submit {}.get()) != nil
                }
                // A loop that has been shut down refuses: the gateway is at its end, and says nothing more.
                guard answered else { return }
            }
            await answer(of: "the holder of the attachments", within: interval) { await attachmentsAnswer() }
            guard !Task.isCancelled else { return }
            tell()
            try? await Task.sleep(for: interval)
        }
    }

    /// Waits for an answer however long it takes, and complains once when that is long.
    @discardableResult
    private func answer<Answer: Sendable>(
        of who: String, within patience: Duration, _ question: () async -> Answer
    ) async -> Answer {
        let complaint = Task {
            do { try await Task.sleep(for: patience) } catch { return }
            complain(who)
        }
        defer { complaint.cancel() }
        return await question()
    }
}
