internal import NIOCore

/// Watches the frames of a relayed connection in both directions, and keeps the accounts of its calls.
///
/// Nothing that is wrong in what it sees touches the traffic: it gives up in steps. Without header blocks it still knows which streams
/// are open, and between which frames something may be put in; without frames, nothing. What it holds is bounded by `TransportLimits`.
final class RelayObserver {
    private let router: any CallRouter
    private let limits: TransportLimits
    private let report: EventReporter
    private let host: RelayDirection
    private let plugin: RelayDirection
    private var calls: [UInt32: RelayedCall] = [:]

    /// The highest stream of the host.
    private(set) var lastStream: UInt32 = 0
    /// Whether the host has answered our PING.
    private(set) var isPingAnswered = false
    /// The side that sends more than anything needs, and what.
    private(set) var flood: (side: RelaySide, words: String)?
    private(set) var isObserved = true
    /// Whether streams were begun that are in no account, because there were too many.
    private(set) var hasUnknownStreams = false

    init(router: any CallRouter, limits: TransportLimits, report: EventReporter, now: NIODeadline) {
        self.router = router
        self.limits = limits
        self.report = report
        self.host = RelayDirection(sender: .host, limits: limits, now: now)
        self.plugin = RelayDirection(sender: .plugin, limits: limits, now: now)
    }

    // MARK: For the relay

    /// The payload of a PING of ours, whose answer says that the host has read what came before.
    static let pingPayload: UInt64 = 0x7067_7764_7261_696E

    /// Whether the host has said something in HTTP/2.
    var hostHasSpoken: Bool { self.host.scanner.frames > 0 }
    /// Whether a frame for the host may be put in after what has been scanned.
    var mayInject: Bool { self.plugin.scanner.isAtBoundary }
    /// Whether it is no longer known where frames begin.
    var isLost: Bool { self.plugin.scanner.lostReason != nil || self.host.scanner.lostReason != nil }
    /// Whether no call is open whose end is worth waiting for, as far as can be known.
    var isIdle: Bool { !self.hasUnknownStreams && self.calls.values.allSatisfy { self.router.isLifelong(path: $0.path) } }
    var openCalls: Int { self.calls.count }
    var open: [OpenCall] { self.calls.values.map { OpenCall(path: $0.path, startedAt: $0.startedAt) } }

    /// Follows what one side has sent.
    ///
    /// - Parameter stopAtBoundary: return at the first place where a frame may be put in.
    /// - Returns: how many bytes were followed.
    func scan(_ buffer: ByteBuffer, from side: RelaySide, stopAtBoundary: Bool = false, now: NIODeadline) -> Int {
        let direction = side == .host ? self.host : self.plugin
        return buffer.withUnsafeReadableBytes { self.scan($0, direction, stopAtBoundary, now) }
    }

    /// Ends the accounts of all calls that are open, and returns them by stream.
    func endAll(_ code: GRPCCode, now: NIODeadline) -> [(stream: UInt32, call: RelayedCall)] {
        let open = self.calls.sorted { $0.key < $1.key }
        self.calls = [:]
        for (_, call) in open { self.close(call, code, now) }
        return open.map { (stream: $0.key, call: $0.value) }
    }

    // MARK: Frames

    private func scan(
        _ bytes: UnsafeRawBufferPointer, _ direction: RelayDirection, _ stopAtBoundary: Bool, _ now: NIODeadline
    ) -> Int {
        guard direction.scanner.lostReason == nil else { return bytes.count }
        var index = 0
        while let step = direction.scanner.next(in: bytes, from: &index) {
            switch step {
            case .content(let range):
                self.content(UnsafeRawBufferPointer(rebasing: bytes[range]), direction, now)
            case .frameEnded:
                self.frameEnded(direction, now)
                if stopAtBoundary, direction.scanner.isAtBoundary { return index }
            }
        }
        if let reason = direction.scanner.lostReason { self.giveUp(reason, direction.sender) }
        return bytes.count
    }

    private func content(_ bytes: UnsafeRawBufferPointer, _ direction: RelayDirection, _ now: NIODeadline) {
        let frame = direction.scanner.frame
        switch frame.type {
        case FrameHead.data:
            if direction.sender == .host {
                self.calls[frame.stream]?.incoming.count(bytes)
            } else {
                self.calls[frame.stream]?.receivedReply(bytes)
            }
        case FrameHead.headers, FrameHead.continuation:
            if frame.type == FrameHead.headers, frame.endsBlock, bytes.count == frame.length {
                // The whole block in one piece, which is nearly always so: nothing is copied.
                self.read(block: bytes, direction)
            } else if direction.reader != nil {
                self.keep(bytes, direction)
            }
        case FrameHead.reset, FrameHead.settings, FrameHead.ping:
            // A SETTINGS with more parameters than exist is a flood of its own, and of no use.
            if direction.payload.count < 128 { direction.payload += bytes.prefix(128) }
        default:
            break
        }
    }

    private func frameEnded(_ direction: RelayDirection, _ now: NIODeadline) {
        let frame = direction.scanner.frame
        if self.flood == nil, let words = direction.flood(with: frame, now: now) {
            self.flood = (direction.sender, words)
        }
        switch frame.type {
        case FrameHead.data:
            if frame.endsStream { self.ended(frame.stream, direction, now) }
        case FrameHead.headers, FrameHead.continuation:
            self.blockPartEnded(frame, direction, now)
        case FrameHead.reset:
            self.wasReset(frame.stream, direction, now)
        case FrameHead.settings:
            if !frame.isAcknowledgement { self.wereSet(direction) }
        case FrameHead.ping:
            let answer = direction.payload.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            if frame.isAcknowledgement, direction.sender == .host, answer == Self.pingPayload { self.isPingAnswered = true }
        default:
            break
        }
        if !direction.payload.isEmpty { direction.payload.removeAll(keepingCapacity: true) }
    }

    /// The size of the table that a side allows is that of the other side's header blocks.
    private func wereSet(_ direction: RelayDirection) {
        let bytes = direction.payload
        for start in stride(from: 0, to: bytes.count - 5, by: 6) where bytes[start] == 0 && bytes[start + 1] == 1 {
            let size = bytes[(start + 2)..<(start + 6)].reduce(0) { $0 << 8 | Int($1) }
            (direction.sender == .host ? self.plugin : self.host).reader?.allowTable(size)
        }
    }

    // MARK: Header blocks

    private func keep(_ bytes: UnsafeRawBufferPointer, _ direction: RelayDirection) {
        guard direction.blockBytes.count + bytes.count <= self.limits.maximumHeaderBytes else {
            self.giveUp("\(HeaderReader.Failure.blockTooLarge)", direction.sender)
            return
        }
        direction.blockBytes += bytes
    }

    private func read(block: UnsafeRawBufferPointer, _ direction: RelayDirection) {
        do throws(HeaderReader.Failure) {
            direction.fields = try direction.reader?.read(block) ?? HeaderReader.Fields()
        } catch {
            self.giveUp("\(error)", direction.sender)
        }
    }

    private func blockPartEnded(_ frame: FrameHead, _ direction: RelayDirection, _ now: NIODeadline) {
        if frame.type == FrameHead.headers {
            direction.blockStream = frame.stream
            direction.blockEndsStream = frame.endsStream
        }
        guard frame.endsBlock else { return }
        if !direction.blockBytes.isEmpty {
            direction.blockBytes.withUnsafeBytes { self.read(block: $0, direction) }
            direction.blockBytes = []
        }
        let fields = direction.fields
        direction.fields = HeaderReader.Fields()
        if direction.sender == .host {
            self.received(request: fields, direction.blockStream, now)
        } else {
            self.received(reply: fields, direction.blockStream, endsStream: direction.blockEndsStream, now)
        }
    }

    // MARK: Calls

    private func received(request fields: HeaderReader.Fields, _ stream: UInt32, _ now: NIODeadline) {
        // Otherwise these are trailers, which HTTP/2 knows and gRPC does not.
        guard stream > self.lastStream else { return }
        self.lastStream = stream
        guard self.calls.count < self.limits.maximumStreams else {
            self.hasUnknownStreams = true
            return
        }
        let path = BoundedText.prefix(fields.path ?? "", bytes: 256)
        var excerpt = 0
        if self.isObserved {
            self.router.noticed(path: path)
            excerpt = Swift.min(self.router.excerpt(path: path), 4096)
        }
        self.calls[stream] = RelayedCall(path: path, startedAt: now, excerptBytes: excerpt)
    }

    private func received(reply fields: HeaderReader.Fields, _ stream: UInt32, endsStream: Bool, _ now: NIODeadline) {
        guard endsStream else {
            self.calls[stream]?.replyHasBegun = true
            return
        }
        guard let call = self.calls.removeValue(forKey: stream) else { return }
        let code: GRPCCode =
            if let text = fields.grpcStatus {
                Int(text).flatMap(GRPCCode.init(rawValue:)) ?? .unknown
            } else if let status = fields.httpStatus, status != "200" {
                StatusMapping.code(httpStatus: status)
            } else {
                .unknown
            }
        self.close(call, code, now)
    }

    /// By a DATA frame. The host only says that it will send no more, the plugin ends the call without a status.
    private func ended(_ stream: UInt32, _ direction: RelayDirection, _ now: NIODeadline) {
        guard direction.sender == .plugin, let call = self.calls.removeValue(forKey: stream) else { return }
        self.close(call, .unknown, now)
    }

    private func wasReset(_ stream: UInt32, _ direction: RelayDirection, _ now: NIODeadline) {
        guard let call = self.calls.removeValue(forKey: stream) else { return }
        let code = direction.payload.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        self.close(call, direction.sender == .host ? .cancelled : StatusMapping.code(reset: HTTP2Code(rawValue: code)), now)
    }

    private func close(_ call: RelayedCall, _ code: GRPCCode, _ now: NIODeadline) {
        if self.isObserved { self.router.ended(call.summary(code, now: now)) }
    }

    // MARK: Giving up

    /// What is still open is in no account: how it ends will not be seen.
    private func giveUp(_ reason: String, _ side: RelaySide) {
        guard self.isObserved else { return }
        self.isObserved = false
        for direction in [self.host, self.plugin] {
            direction.reader = nil
            direction.blockBytes = []
        }
        self.report.report(
            .observationLost, side.event,
            "the calls of a connection are no longer observed, its traffic goes on: \(reason)")
    }
}
