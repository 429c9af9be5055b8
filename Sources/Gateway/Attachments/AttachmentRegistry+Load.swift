internal import NIOCore
internal import Routing

extension AttachmentRegistry {
    /// Has what is in progress noted in the statistics of each attachment.
    ///
    /// - Parameter limit: the notes of attachments that have not answered by then are older ones.
    func takeStock(within limit: Duration = .seconds(1)) async {
        let answers = entries.values.map { $0.attachment.takeStock() }
        guard !answers.isEmpty else { return }
        let (over, end) = AsyncStream.makeStream(of: Never.self)
        EventLoopFuture.andAllComplete(answers, on: group.next()).whenComplete { _ in end.finish() }
        let timer = Task {
            try? await Task.sleep(for: limit)
            end.finish()
        }
        for await _ in over {}
        timer.cancel()
    }
}
