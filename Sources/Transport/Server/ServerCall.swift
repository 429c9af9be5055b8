package import NIOCore

/// One call as its handler sees it. Usable from any task; one reader and one writer at a time.
package struct ServerCall: Sendable {
    package let head: CallHead
    private let inbox: MessageInbox
    private let eventLoop: any EventLoop
    private let call: NIOLoopBoundBox<AnsweredCall?>

    init(head: CallHead, inbox: MessageInbox, eventLoop: any EventLoop, call: NIOLoopBoundBox<AnsweredCall?>) {
        self.head = head
        self.inbox = inbox
        self.eventLoop = eventLoop
        self.call = call
    }

    /// The one request message of a unary or server-streaming call.
    ///
    /// - Throws: `GRPCStatus` INTERNAL when the host sent none or more than one; `CancellationError` when the call is over. A
    ///   message over the limit or in an unknown compression never gets here: the call is answered and cancelled.
    package func message() async throws -> ByteBuffer {
        guard let message = try await self.inbox.next() else {
            throw GRPCStatus(code: .internal, message: "the host sent no message in a call that needs one; the host must change")
        }
        guard try await self.inbox.next() == nil else {
            throw GRPCStatus(
                code: .internal, message: "the host sent a second message in a call that takes one; the host must change")
        }
        return message
    }

    /// The messages of the host in order. The host is given credit only as fast as they are read.
    package var messages: Messages { Messages(inbox: self.inbox) }

    package struct Messages: AsyncSequence, AsyncIteratorProtocol, Sendable {
        let inbox: MessageInbox

        package mutating func next() async throws -> ByteBuffer? {
            try await self.inbox.next()
        }

        package func makeAsyncIterator() -> Messages { self }
    }

    /// Sends the initial metadata; without it the first message or the end sends an empty one. Ignored once a message was sent.
    package func send(initial metadata: Metadata) {
        self.eventLoop.execute { [call] in call.value?.send(initial: metadata) }
    }

    /// Sends a message, and waits while the host is slower than the handler.
    ///
    /// - Throws: `CancellationError` when the call is over.
    package func send(message: ByteBuffer) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            self.eventLoop.execute { [call] in
                if let call = call.value {
                    call.send(message, writer: continuation)
                } else {
                    continuation.resume(throwing: CancellationError())
                }
            }
        }
    }
}
