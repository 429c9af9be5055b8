package import NIOCore

extension PluginClient {
    /// One request, one reply. Cancelling the task resets the call.
    ///
    /// - Parameters:
    ///   - path: the method path, for example `/models.DatasourcePlugin/Query`.
    ///   - deadline: sent to the plugin as `grpc-timeout`, and enforced here.
    /// - Throws: `GRPCStatus` for every end but OK; CANCELLED when the task was cancelled.
    package func unary(
        _ path: String,
        _ message: ByteBuffer,
        metadata: Metadata = Metadata(),
        deadline: NIODeadline? = nil
    ) async throws -> UnaryReply {
        let handle = CallHandle(eventLoop: self.eventLoop)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                self.eventLoop.execute {
                    self.startUnary(handle, path, message, metadata, deadline, continuation)
                }
            }
        } onCancel: {
            handle.cancel()
        }
    }

    private func startUnary(
        _ handle: CallHandle, _ path: String, _ message: ByteBuffer, _ metadata: Metadata, _ deadline: NIODeadline?,
        _ continuation: CheckedContinuation<UnaryReply, any Error>
    ) {
        var reply: ByteBuffer?
        var count = 0
        let call = ClientCall(
            limits: self.limits,
            sink: ClientCall.Sink(
                message: {
                    reply = $0
                    count += 1
                },
                hasRoom: { true },
                end: { status, initial in
                    if status.code != .ok {
                        continuation.resume(throwing: status)
                    } else if let reply, count == 1 {
                        continuation.resume(
                            returning: UnaryReply(message: reply, metadata: initial, trailers: status.metadata))
                    } else {
                        continuation.resume(
                            throwing: GRPCStatus(
                                code: .internal, message: "the plugin sent \(count) messages in reply to a call that has one"))
                    }
                }))
        guard handle.adopt(call) else { return }
        call.start(on: self.core.value, path: path, metadata: metadata, deadline: deadline)
        call.send(message, last: true)
    }
}

/// Ties a call on the event loop to a task elsewhere, which may cancel it before it has begun.
final class CallHandle: Sendable {
    private struct State {
        var call: ClientCall?
        var isCancelled = false
    }

    private let eventLoop: any EventLoop
    private let state: NIOLoopBoundBox<State>

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        self.state = NIOLoopBoundBox.makeBoxSendingValue(State(), eventLoop: eventLoop)
    }

    private static let cancelled = GRPCStatus(code: .cancelled, message: "the call was cancelled")

    /// False when the call was cancelled before it began; it has ended then. On the event loop.
    func adopt(_ call: ClientCall) -> Bool {
        if self.state.value.isCancelled {
            call.abandon(Self.cancelled)
            return false
        }
        self.state.value.call = call
        return true
    }

    func cancel() {
        self.onLoop { state in
            state.isCancelled = true
            state.call?.abandon(Self.cancelled)
            state.call = nil
        }
    }

    /// Works on the call if there is one.
    func withCall(_ body: @escaping @Sendable (ClientCall?) -> Void) {
        self.onLoop { body($0.call) }
    }

    private func onLoop(_ body: @escaping @Sendable (inout State) -> Void) {
        self.eventLoop.execute { [state] in body(&state.value) }
    }
}
