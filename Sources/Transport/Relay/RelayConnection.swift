internal import NIOCore

/// One connection of a host whose bytes go to the plugin and back, through a connection to the plugin of its own.
///
/// Both channels live on one event loop. Frames are watched (``RelayObserver``), and only to end the connection are frames of our own
/// put in between: GOAWAY to move the host, and the ends of calls that are cut off.
final class RelayConnection: ServedConnection {
    /// What is still to be done about the end of the connection.
    private enum Ending {
        case no
        /// GOAWAY has to be put in at the next boundary.
        case announcing(reason: String)
        /// The host knows; what is open goes on.
        case announced
        /// Open calls have to be ended at the next boundary.
        case cutting(HTTP2Code, GRPCStatus)
        /// The host has had the last frame.
        case over
    }

    let address: PluginAddress
    private let channel: any Channel
    private let eventLoop: any EventLoop
    private let limits: TransportLimits
    private let report: EventReporter
    private let observer: RelayObserver
    private let onEnd: () -> Void
    private var host: RelayEnd?
    private var plugin: RelayEnd?
    private var ending = Ending.no
    private var timers: [Scheduled<Void>] = []
    private(set) var hasEnded = false

    /// - Parameter channel: of the host; it must be set up as ``RelayConnector/setUp(_:)`` does.
    init(
        _ channel: any Channel, to address: PluginAddress, router: any CallRouter, limits: TransportLimits, report: EventReporter,
        onEnd: @escaping () -> Void
    ) {
        self.address = address
        self.channel = channel
        self.eventLoop = channel.eventLoop
        self.limits = limits
        self.report = report
        self.observer = RelayObserver(router: router, limits: limits, report: report, now: channel.eventLoop.now)
        self.onEnd = onEnd
    }

    /// Begins, with a connection to the plugin that is set up in the same way.
    func begin(with plugin: any Channel) throws {
        guard !self.hasEnded else {
            plugin.close(promise: nil)
            return
        }
        let ends = (RelayEnd(.host, of: self), RelayEnd(.plugin, of: self))
        for (channel, end) in [(self.channel, ends.0), (plugin, ends.1)] {
            try channel.pipeline.syncOperations.addHandler(end)
        }
        self.host = ends.0
        self.plugin = ends.1
        self.after(self.limits.prefaceTimeout) {
            guard !self.observer.hostHasSpoken, !self.hasEnded else { return }
            let seconds = self.limits.prefaceTimeout.nanoseconds / 1_000_000_000
            self.report.report(
                .silentPeer, .host, "the peer connected and did not begin to speak HTTP/2 within \(seconds) s")
            self.closeBoth()
        }
        ends.0.read()
        ends.1.read()
    }

    private func after(_ time: TimeAmount, _ body: @escaping () -> Void) {
        guard !self.hasEnded else { return }
        self.timers.append(self.eventLoop.assumeIsolated().scheduleTask(in: time, body))
    }

    // MARK: Traffic

    func received(_ buffer: ByteBuffer, from side: RelaySide) {
        if case .over = self.ending { return }
        let now = self.eventLoop.now
        if side == .host {
            _ = self.observer.scan(buffer, from: .host, now: now)
            self.plugin?.write(buffer)
            self.finishIfDrained()
        } else {
            self.receivedFromPlugin(buffer, now)
        }
        if let flood = self.observer.flood { self.stop(flood) }
    }

    private func receivedFromPlugin(_ buffer: ByteBuffer, _ now: NIODeadline) {
        var buffer = buffer
        while self.wantsToInject, buffer.readableBytes > 0 {
            let scanned = self.observer.scan(buffer, from: .plugin, stopAtBoundary: true, now: now)
            guard let part = buffer.readSlice(length: scanned) else { break }
            self.host?.write(part)
            self.inject()
        }
        if case .over = self.ending { return }
        guard buffer.readableBytes > 0 else { return }
        _ = self.observer.scan(buffer, from: .plugin, now: now)
        self.host?.write(buffer)
        self.finishIfDrained()
    }

    /// At the end of a batch of reads: everything goes out with one system call.
    func flush(for side: RelaySide) {
        (side == .host ? self.plugin : self.host)?.flush()
    }

    func mayRead(_ side: RelaySide) -> Bool {
        switch (self.ending, side) {
        // After the last frame the host's end is awaited, and what it still sends is dropped.
        case (.over, _): return side == .host
        case (.cutting, .host): return false
        default: break
        }
        return (side == .host ? self.plugin : self.host)?.isWritable ?? false
    }

    func becameWritable(_ side: RelaySide) {
        (side == .host ? self.plugin : self.host)?.resume()
    }

    // MARK: Ends of the channels

    /// One side will send nothing more.
    func inputEnded(_ side: RelaySide) {
        switch side {
        case .host:
            if case .no = self.ending { self.plugin?.closeOutput() } else { self.closeBoth() }
        case .plugin:
            self.pluginEnded()
        }
    }

    func failed(_ side: RelaySide, _ error: any Error) {
        guard case .system(let text) = ConnectionError.classify(error, codecGaveUp: false) else { return }
        self.report.report(.connectionLost, side.event, text)
    }

    func closed(_ side: RelaySide) {
        if side == .host {
            self.host = nil
            // First, or the end of the plugin's side would be taken for its own.
            self.end()
            self.plugin?.flush()
            self.plugin?.close()
        } else {
            self.plugin = nil
            self.pluginEnded()
        }
    }

    /// No call can end in order any more.
    private func pluginEnded() {
        if case .over = self.ending { return }
        self.cutAll(
            .noError, GRPCStatus(code: .unavailable, message: "the plugin closed its connection before it had answered"))
    }

    private func closeBoth() {
        self.end()
        self.plugin?.close()
        self.channel.close(promise: nil)
    }

    /// Also when the host goes away before the plugin was connected.
    func end() {
        guard !self.hasEnded else { return }
        self.hasEnded = true
        self.ending = .over
        for timer in self.timers { timer.cancel() }
        self.timers = []
        _ = self.observer.endAll(.cancelled, now: self.eventLoop.now)
        self.onEnd()
    }

    // MARK: Frames of our own

    private var wantsToInject: Bool {
        switch self.ending {
        case .announcing, .cutting: true
        case .no, .announced, .over: false
        }
    }

    /// Puts in what is wanted, if this is a place for it.
    private func inject() {
        guard let host = self.host, self.observer.mayInject else { return }
        switch self.ending {
        case .announcing(let reason):
            self.ending = .announced
            var frames = ByteBuffer()
            // Streams that the host begins before it reads this are served too. The answer to the PING says that there will be none.
            InjectedFrames.goAway(lastStream: InjectedFrames.anyStream, .noError, text: reason, into: &frames)
            InjectedFrames.ping(RelayObserver.pingPayload, into: &frames)
            host.write(frames)
            host.flush()
        case .cutting(let code, let status):
            self.finish(code, status)
        case .no, .announced, .over:
            break
        }
    }

    /// The host began nothing after the GOAWAY, and everything has ended. Most hosts close by themselves.
    private func finishIfDrained() {
        guard case .announced = self.ending, self.observer.isPingAnswered, self.observer.isIdle, self.observer.mayInject else {
            return
        }
        self.finish(.noError, GRPCStatus(code: .unavailable, message: "the gateway has moved this connection"))
    }

    /// Ends the calls that are open, says the last word, and waits a moment for the host to close. Only at a boundary.
    private func finish(_ code: HTTP2Code, _ status: GRPCStatus) {
        let open = self.observer.endAll(status.code, now: self.eventLoop.now)
        var frames = ByteBuffer()
        // A message that was sent in part cannot be ended by trailers: the end of the connection says that it is broken.
        for (stream, call) in open where call.mayEndReply {
            InjectedFrames.status(status, stream: stream, replyHasBegun: call.replyHasBegun, into: &frames)
        }
        InjectedFrames.goAway(lastStream: self.observer.lastStream, code, text: status.message, into: &frames)
        self.host?.write(frames)
        self.closeAfterwards()
    }

    private func closeAfterwards() {
        self.ending = .over
        self.plugin?.close()
        guard let host = self.host else {
            self.closeBoth()
            return
        }
        host.closeOutput()
        host.resume()
        self.after(.seconds(1)) { self.closeBoth() }
    }

    /// Ends every call: now, or at the next boundary when that comes at once, or by the end of the connection.
    private func cutAll(_ code: HTTP2Code, _ status: GRPCStatus) {
        if case .over = self.ending { return }
        if self.host != nil, self.observer.mayInject {
            self.finish(code, status)
        } else if self.host != nil, self.plugin?.isOpen == true, !self.observer.isLost {
            self.ending = .cutting(code, status)
            self.after(Self.patienceForBoundary) { self.cutOff(status) }
        } else {
            self.cutOff(status)
        }
    }

    /// A frame is passing by, and its rest does not come.
    private static let patienceForBoundary = TimeAmount.milliseconds(200)

    private func cutOff(_ status: GRPCStatus) {
        if case .over = self.ending { return }
        _ = self.observer.endAll(status.code, now: self.eventLoop.now)
        self.closeAfterwards()
    }

    /// A side floods the other.
    private func stop(_ flood: (side: RelaySide, words: String)) {
        switch self.ending {
        case .over, .cutting: return
        case .no, .announcing, .announced: break
        }
        let text = "the \(flood.side.event.rawValue) sends too many \(flood.words) in a second"
        self.report.report(.protocolViolation, flood.side.event, text + "; its connection was closed")
        self.cutAll(.enhanceYourCalm, GRPCStatus(code: .unavailable, message: text))
    }
}

extension RelayConnection {
    // MARK: ServedConnection

    var mode: ConnectionMode { .relay(self.address) }

    var isDraining: Bool {
        if case .no = self.ending { false } else { true }
    }

    var isObserved: Bool { self.observer.isObserved && !self.observer.hasUnknownStreams }
    var openCalls: Int { self.observer.openCalls }
    // What is on its way is in the queues of the two channels, whose size is bounded.
    var heldBytes: Int { 0 }
    var unwrittenBytes: Int { 0 }

    func drain(reason: String) {
        guard case .no = self.ending else { return }
        self.ending = .announcing(reason: reason)
        self.inject()
    }

    func cut(_ status: GRPCStatus) -> [OpenCall] {
        let open = self.observer.open
        self.cutAll(.noError, status)
        return open
    }
}
