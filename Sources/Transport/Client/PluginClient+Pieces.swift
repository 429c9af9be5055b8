package import NIOCore
internal import Synchronization

extension PluginClient {
    /// One request, one reply that is handed on while it arrives. The plugin is given credit only as fast as the pieces are taken; cancelling the
    /// task resets the call.
    ///
    /// Decoding a reply takes longer than reading it, so it runs in the task that calls this, not on the event loop, which other plugins share.
    ///
    /// - Parameters:
    ///   - begin: called once, with the size of the reply message, before anything of it is there.
    ///   - take: called with each piece of the message, in order; none for an empty message. What it throws resets the call.
    /// - Returns: the metadata before and behind the message.
    /// - Throws: `GRPCStatus` for every end but OK; CANCELLED when the task was cancelled; what `begin` and `take` throw.
    package func unaryPieces(
        _ path: String, _ message: ByteBuffer, metadata: Metadata = Metadata(), deadline: NIODeadline? = nil,
        begin: (Int) throws -> Void, take: (ByteBuffer) throws -> Void
    ) async throws -> (metadata: Metadata, trailers: Metadata) {
        let handle = CallHandle(eventLoop: self.eventLoop)
        let inbox = MessageInbox(onRoom: { handle.withCall { $0?.giveCredit() } })
        let end = self.eventLoop.makePromise(of: PluginCall.End.self)
        let announced = AnnouncedSize()
        self.eventLoop.execute {
            let call = ClientCall(
                limits: self.limits,
                sink: ClientCall.Sink(
                    begins: { announced.set($0) },
                    message: { inbox.push($0) },
                    hasRoom: { !inbox.isFull() },
                    end: { status, initial in
                        inbox.finish(status.code == .ok ? .success(()) : .failure(status))
                        end.succeed(PluginCall.End(status: status, metadata: initial))
                    }))
            guard handle.adopt(call) else { return }
            call.start(on: self.core.value, path: path, metadata: metadata, deadline: deadline)
            call.send(message, last: true)
        }
        do {
            try await Self.read(inbox, announced, begin, take)
        } catch {
            handle.cancel()
            if error is CancellationError { throw GRPCStatus(code: .cancelled, message: "the call was cancelled") }
            throw error
        }
        let result = try await end.futureResult.get()
        return (result.metadata, result.status.metadata)
    }

    private static func read(
        _ inbox: MessageInbox, _ announced: AnnouncedSize, _ begin: (Int) throws -> Void, _ take: (ByteBuffer) throws -> Void
    ) async throws {
        var hasBegun = false
        while let piece = try await inbox.next() {
            if !hasBegun, let size = announced.value { try begin(size) }
            hasBegun = true
            try take(piece)
        }
        guard !hasBegun else { return }
        guard let size = announced.value else {
            throw GRPCStatus(code: .internal, message: "the plugin sent 0 messages in reply to a call that has one")
        }
        try begin(size)
    }
}

/// The size of the reply message, set on the event loop before the first piece of it is handed over.
private final class AnnouncedSize: Sendable {
    private let size = Mutex<Int?>(nil)

    var value: Int? { size.withLock { $0 } }
    func set(_ bytes: Int) { size.withLock { $0 = bytes } }
}
