internal import NIOCore
internal import Synchronization

/// Messages on their way from the event loop to one reading task, with a memory of how much waits.
final class MessageInbox: Sendable {
    private struct State {
        var messages = CircularBuffer<ByteBuffer>()
        var waitingBytes = 0
        /// The loop holds credit back and wants to hear when there is room.
        var roomWanted = false
        var end: Result<Void, any Error>?
        var reader: CheckedContinuation<ByteBuffer?, any Error>?
        var readerIsCancelled = false
    }

    /// Bytes that may wait before the sender gets no more credit.
    static let highWater = 256 * 1024

    private let state = Mutex(State())
    private let onRoom: @Sendable () -> Void

    /// - Parameter onRoom: called from the reading task when there is room again after ``isFull`` was seen.
    init(onRoom: @escaping @Sendable () -> Void) {
        self.onRoom = onRoom
    }

    /// Whether credit should be held back. True is remembered: `onRoom` will be called.
    func isFull() -> Bool {
        self.state.withLock { state in
            state.roomWanted = state.waitingBytes > Self.highWater
            return state.roomWanted
        }
    }

    func push(_ message: ByteBuffer) {
        let reader = self.state.withLock { state -> CheckedContinuation<ByteBuffer?, any Error>? in
            guard state.end == nil else { return nil }
            if let reader = state.reader {
                state.reader = nil
                return reader
            }
            state.messages.append(message)
            state.waitingBytes += message.readableBytes
            return nil
        }
        reader?.resume(returning: message)
    }

    /// No more messages. Those that wait can still be read before a normal end; a failure takes their place.
    func finish(_ end: Result<Void, any Error>) {
        let reader = self.state.withLock { state -> CheckedContinuation<ByteBuffer?, any Error>? in
            guard state.end == nil else { return nil }
            state.end = end
            if case .failure = end {
                state.messages.removeAll()
                state.waitingBytes = 0
            }
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(with: end.map { nil })
    }

    /// The next message, or nil at the end. One reader at a time.
    func next() async throws -> ByteBuffer? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let (result, room) = self.state.withLock { state -> (Result<ByteBuffer?, any Error>?, Bool) in
                    if let message = state.messages.popFirst() {
                        state.waitingBytes -= message.readableBytes
                        let room = state.roomWanted && state.waitingBytes <= Self.highWater / 2
                        if room { state.roomWanted = false }
                        return (.success(message), room)
                    }
                    if let end = state.end { return (end.map { nil }, false) }
                    if state.readerIsCancelled { return (.failure(CancellationError()), false) }
                    precondition(state.reader == nil, "two tasks read the messages of one call")
                    state.reader = continuation
                    return (nil, false)
                }
                if let result { continuation.resume(with: result) }
                if room { self.onRoom() }
            }
        } onCancel: {
            let reader = self.state.withLock { state -> CheckedContinuation<ByteBuffer?, any Error>? in
                state.readerIsCancelled = true
                defer { state.reader = nil }
                return state.reader
            }
            reader?.resume(throwing: CancellationError())
        }
    }
}
