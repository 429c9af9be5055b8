internal import NIOCore
internal import NIOHPACK

/// One call that goes to the plugin byte for byte. Each side is given credit only for what went out on the other.
final class ForwardedCall: HostCall {
    private let host: HTTP2Stream
    let head: CallHead
    /// The host's deadline, else the one that the terms set.
    private let deadline: NIODeadline?
    private var lease: (any AnyObject & Sendable)?
    private var timer: Scheduled<Void>?
    private var plugin: HTTP2Stream?
    private var account: CallAccount
    private var code = GRPCCode.unknown
    private var replyHasBegun = false

    init(host: HTTP2Stream, head: CallHead, terms: ForwardTerms, account: CallAccount) {
        self.host = host
        self.head = head
        self.lease = terms.lease
        self.deadline = head.deadline ?? terms.patience.map { host.connection.now() + TimeAmount($0) }
        self.account = account
        self.account.way = .forwarded
    }

    func start(to client: PluginClient, hostHasEnded: Bool) {
        guard client.eventLoop === self.host.connection.eventLoop else {
            self.abort(
                GRPCStatus(
                    code: .internal,
                    message: "the plugin's connection lives on another event loop than the host's; the gateway must be corrected")
            )
            return
        }
        let core = client.core.value
        do {
            let plugin = try core.makeStream(consumer: self, deadline: self.deadline)
            self.plugin = plugin
            plugin.send(headers: self.requestHeaders(), endStream: hostHasEnded)
            self.watchPatience()
        } catch {
            self.abort(error)
        }
    }

    /// A host that set a deadline keeps it by itself; ours is kept here.
    private func watchPatience() {
        guard self.head.deadline == nil, let deadline = self.deadline else { return }
        self.timer = self.host.connection.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.abort(
                GRPCStatus(
                    code: .deadlineExceeded,
                    message:
                        "the plugin did not answer in the time for calls without a deadline (\(TransportLimits.callTimeoutKey))"))
        }
    }

    /// As received, with a deadline where only the gateway has one, and what is left of the host's when the call had to wait.
    private func requestHeaders() -> HPACKHeaders {
        var headers = self.head.headers
        let now = self.host.connection.now()
        if let deadline = self.deadline, self.head.deadline == nil || now - self.head.startedAt > .milliseconds(1) {
            headers.replaceOrAdd(name: "grpc-timeout", value: CallTimeout.print(deadline - now))
        }
        return headers
    }

    func abort(_ status: GRPCStatus) {
        self.plugin?.reset(.cancel)
        guard !self.host.isClosed, !self.host.isLocallyEnded else { return }
        self.code = status.code
        self.host.send(
            headers: self.replyHasBegun ? StatusHeaders.trailers(status) : StatusHeaders.trailersOnly(status), endStream: true)
    }

    private func close(_ code: GRPCCode) {
        self.timer?.cancel()
        self.timer = nil
        self.lease = nil
        self.account.close(code, at: self.host.connection.now())
    }

    // MARK: StreamConsumer

    func stream(_ stream: HTTP2Stream, received headers: HPACKHeaders, endStream: Bool) {
        if stream === self.host {
            // gRPC knows no trailers of the host, HTTP/2 does.
            self.plugin?.send(headers: headers, endStream: endStream)
            return
        }
        guard !self.host.isLocallyEnded else { return }
        if endStream { self.code = StatusHeaders.code(in: headers) ?? .unknown }
        self.replyHasBegun = true
        self.host.send(headers: headers, endStream: endStream)
        if endStream { self.pluginHasEnded() }
    }

    func stream(_ stream: HTTP2Stream, received data: ByteBuffer, flowControlled: Int, endStream: Bool) {
        let fromHost = stream === self.host
        if fromHost { self.account.incoming.count(data) } else { self.account.outgoing.count(data) }
        guard let other = fromHost ? self.plugin : self.host, !other.isClosed, !other.isLocallyEnded else {
            stream.consumed(flowControlled)
            return
        }
        other.send(data: data, endStream: endStream)
        stream.consumed(flowControlled - data.readableBytes)
        if endStream, !fromHost { self.pluginHasEnded() }
    }

    private func pluginHasEnded() {
        guard let plugin = self.plugin else { return }
        // It has answered although the host could still send: nobody reads that any more.
        if !plugin.isLocallyEnded { plugin.reset(.noError) }
    }

    func stream(_ stream: HTTP2Stream, wrote bytes: Int) {
        if stream === self.host {
            self.plugin?.consumed(bytes)
        } else {
            self.host.consumed(bytes)
        }
    }

    func streamWroteEnd(_ stream: HTTP2Stream) {
        if stream === self.host { self.close(self.code) }
    }

    func stream(_ stream: HTTP2Stream, failed failure: StreamFailure) {
        if stream === self.host {
            self.plugin?.reset(.cancel)
            self.plugin?.consumedAll()
            self.close(.cancelled)
            return
        }
        if case .reset(.refusedStream) = failure, !self.replyHasBegun {
            // The plugin did not look at it: the host may try again by itself, which it does for this code only.
            self.close(.unavailable)
            self.host.reset(.refusedStream)
            return
        }
        self.abort(FailureStatus.ofPlugin(failure))
    }
}
