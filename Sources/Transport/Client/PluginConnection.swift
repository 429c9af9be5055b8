internal import NIOCore
internal import NIOHPACK

/// The connection of a ``PluginClient`` on its event loop: begins streams as the plugin allows, and queues the rest.
final class PluginConnection: ConnectionOwner {
    private struct Waiting {
        let stream: HTTP2Stream
        let timer: Scheduled<Void>?
    }

    let limits: TransportLimits
    let eventLoop: any EventLoop
    private let ready: EventLoopPromise<Void>
    private let closed: EventLoopPromise<Void>
    private let report: EventReporter
    private let onCloseReason: @Sendable (String) -> Void

    private var connection: HTTP2Connection?
    private var queue = CircularBuffer<Waiting>()
    private var opening = false
    private(set) var closeReason: String?

    init(
        limits: TransportLimits, eventLoop: any EventLoop, ready: EventLoopPromise<Void>, closed: EventLoopPromise<Void>,
        report: EventReporter, onCloseReason: @escaping @Sendable (String) -> Void
    ) {
        self.limits = limits
        self.eventLoop = eventLoop
        self.ready = ready
        self.closed = closed
        self.report = report
        self.onCloseReason = onCloseReason
    }

    func install(in channel: any Channel) throws {
        let connection = HTTP2Connection(role: .client, limits: self.limits, eventLoop: self.eventLoop, owner: self)
        self.connection = connection
        try connection.install(in: channel)
    }

    var openStreams: Int { self.connection?.streams.count ?? 0 }
    var queuedCalls: Int { self.queue.count }
    var heldBytes: Int { self.connection?.heldBytes ?? 0 }

    // MARK: Streams

    /// A stream for a new call, whose headers must be written at once. It may have to wait for the plugin to allow it; what is
    /// written meanwhile is kept.
    ///
    /// - Throws: UNAVAILABLE when the connection takes no more calls, RESOURCE_EXHAUSTED when too many wait.
    func makeStream(consumer: any StreamConsumer, deadline: NIODeadline?) throws(GRPCStatus) -> HTTP2Stream {
        self.eventLoop.assertInEventLoop()
        guard let connection = self.connection, self.closeReason == nil else {
            throw GRPCStatus(
                code: .unavailable, message: "the plugin takes no more calls: \(self.closeReason ?? "not connected")")
        }
        guard self.queue.count < self.limits.maximumQueuedCalls else {
            throw GRPCStatus(
                code: .resourceExhausted,
                message: "\(self.queue.count) calls already wait because the plugin allows only "
                    + "\(connection.peerMaximumStreams) at once; call it less, or raise \(TransportLimits.queuedCallsKey)")
        }
        let stream = HTTP2Stream(connection: connection, id: nil)
        stream.consumer = consumer
        if self.queue.isEmpty, connection.mayOpen {
            connection.open(stream)
        } else {
            stream.deadline = deadline
            // A deadline counts while a call waits here too: nobody else would notice that it passes.
            self.queue.append(Waiting(stream: stream, timer: deadline.map { self.expire(stream, at: $0) }))
        }
        return stream
    }

    private func expire(_ stream: HTTP2Stream, at deadline: NIODeadline) -> Scheduled<Void> {
        self.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            guard stream.isWaiting else { return }
            stream.fail(
                .notStarted(
                    GRPCStatus(
                        code: .deadlineExceeded, message: "the deadline passed while the call waited for the plugin to take it")))
        }
    }

    /// Begins as many waiting streams as may begin.
    private func openWaiting() {
        // Writing can end other streams, whose end comes back here.
        guard !self.opening, let connection = self.connection else { return }
        self.opening = true
        defer { self.opening = false }
        while connection.mayOpen, let next = self.queue.popFirst() {
            next.timer?.cancel()
            if next.stream.isWaiting { connection.open(next.stream) }
        }
        if connection.isExhausted { self.stopTaking("its connection has used up its stream numbers") }
    }

    /// Ends every call with `status`, but those of our own whose paths begin with `kept`.
    func abandonCalls(_ status: GRPCStatus, keeping kept: String) {
        for entry in self.queue where entry.stream.isWaiting { entry.stream.fail(.abandoned(status)) }
        guard let connection = self.connection else { return }
        for stream in Array(connection.streams.values) {
            // An earlier one's end may have ended it.
            guard let consumer = stream.consumer else { continue }
            if let call = consumer as? ClientCall, call.path.hasPrefix(kept) { continue }
            stream.reset(.cancel)
            consumer.stream(stream, failed: .abandoned(status))
        }
    }

    func close(reason: String) {
        self.stopTaking(reason)
        self.connection?.closeNow(reason: reason)
    }

    private func stopTaking(_ reason: String) {
        guard self.closeReason == nil else { return }
        self.closeReason = reason
        self.onCloseReason(reason)
        let waiting = self.queue
        self.queue.removeAll()
        for entry in waiting {
            entry.timer?.cancel()
            guard entry.stream.isWaiting else { continue }
            entry.stream.fail(
                .notStarted(GRPCStatus(code: .unavailable, message: "the plugin did not take this call: \(reason)")))
        }
    }

    // MARK: ConnectionOwner

    func connectionReady(_ connection: HTTP2Connection) {
        self.ready.succeed(())
    }

    func connection(_ connection: HTTP2Connection, opened stream: HTTP2Stream, headers: HPACKHeaders, endStream: Bool) {
        stream.reset(.refusedStream)
    }

    func connectionMayOpen(_ connection: HTTP2Connection) {
        self.openWaiting()
    }

    func connectionLostWaiting(_ connection: HTTP2Connection) {
        self.queue.removeAll { entry in
            if entry.stream.isWaiting { return false }
            entry.timer?.cancel()
            return true
        }
    }

    func connection(_ connection: HTTP2Connection, goAway code: HTTP2Code, text: String) {
        self.stopTaking("it is closing its connection (GOAWAY \(code)\(text.isEmpty ? "" : ", \(text)"))")
    }

    func connectionAnnounced(_ connection: HTTP2Connection) {}
    func connectionIdle(_ connection: HTTP2Connection) {
        if let reason = self.closeReason { connection.closeGracefully(reason: reason) }
    }

    func connection(_ connection: HTTP2Connection, event kind: TransportEvent.Kind, message: String) {
        self.report.report(kind, .plugin, message)
    }

    func connectionEnded(_ connection: HTTP2Connection, reason: String) {
        self.stopTaking(reason)
        self.connection = nil
        self.ready.fail(GRPCStatus(code: .unavailable, message: "the plugin did not begin to speak HTTP/2: \(reason)"))
        self.closed.succeed(())
    }
}
