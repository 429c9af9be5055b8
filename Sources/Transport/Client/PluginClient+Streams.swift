package import NIOCore

extension PluginClient {
    /// One request, many replies. The plugin is given credit only as fast as the stream is read; dropping the stream, or
    /// cancelling the reading task, resets the call.
    ///
    /// The stream throws `GRPCStatus` for every end but OK.
    package func serverStream(
        _ path: String,
        _ message: ByteBuffer,
        metadata: Metadata = Metadata(),
        deadline: NIODeadline? = nil
    ) -> AsyncThrowingStream<ByteBuffer, any Error> {
        let call = self.stream(path, metadata: metadata, deadline: deadline, first: message)
        return AsyncThrowingStream { try await call.next() }
    }

    /// A call with any number of messages both ways.
    package func stream(_ path: String, metadata: Metadata = Metadata(), deadline: NIODeadline? = nil) -> PluginCall {
        self.stream(path, metadata: metadata, deadline: deadline, first: nil)
    }

    private func stream(_ path: String, metadata: Metadata, deadline: NIODeadline?, first: ByteBuffer?) -> PluginCall {
        let handle = CallHandle(eventLoop: self.eventLoop)
        let inbox = MessageInbox(onRoom: { handle.withCall { $0?.giveCredit() } })
        let end = self.eventLoop.makePromise(of: PluginCall.End.self)
        self.eventLoop.execute {
            let call = ClientCall(
                limits: self.limits,
                sink: ClientCall.Sink(
                    message: { inbox.push($0) },
                    hasRoom: { !inbox.isFull() },
                    end: { status, initial in
                        inbox.finish(status.code == .ok ? .success(()) : .failure(status))
                        end.succeed(PluginCall.End(status: status, metadata: initial))
                    }))
            guard handle.adopt(call) else { return }
            call.start(on: self.core.value, path: path, metadata: metadata, deadline: deadline)
            if let first { call.send(first, last: true) }
        }
        return PluginCall(handle: handle, inbox: inbox, end: end.futureResult)
    }
}

/// A call to the plugin with any number of messages both ways. One writer and one reader at a time; dropping it resets the call.
package final class PluginCall: Sendable {
    package struct End: Sendable {
        package var status: GRPCStatus
        /// The metadata before the messages.
        package var metadata: Metadata
    }

    private let handle: CallHandle
    private let inbox: MessageInbox
    private let ended: EventLoopFuture<End>

    init(handle: CallHandle, inbox: MessageInbox, end: EventLoopFuture<End>) {
        self.handle = handle
        self.inbox = inbox
        self.ended = end
    }

    deinit { self.handle.cancel() }

    /// Sends a message, and waits while the plugin is slower than the caller.
    /// - Throws: `CancellationError` when the call is over; ``end()`` says why.
    package func send(_ message: ByteBuffer) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            self.handle.withCall { call in
                guard let call else {
                    continuation.resume(throwing: CancellationError())
                    return
                }
                call.send(message, last: false)
                call.whenWritable(continuation)
            }
        }
    }

    /// No more messages from our side.
    package func finish() {
        self.handle.withCall { $0?.sendEnd() }
    }

    /// The next message of the plugin, nil at the end of a call that went well.
    /// - Throws: `GRPCStatus` for every end but OK. A reader that is cancelled resets the call.
    package func next() async throws -> ByteBuffer? {
        do {
            return try await self.inbox.next()
        } catch is CancellationError {
            self.handle.cancel()
            throw GRPCStatus(code: .cancelled, message: "the call was cancelled")
        }
    }

    package func cancel() {
        self.handle.cancel()
    }

    /// Waits for the end of the call, whatever its status is.
    package func end() async -> End {
        (try? await self.ended.get()) ?? End(status: GRPCStatus(code: .unknown, message: ""), metadata: Metadata())
    }
}
