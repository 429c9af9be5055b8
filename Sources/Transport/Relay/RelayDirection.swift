internal import NIOCore

/// One side of a relayed connection.
enum RelaySide {
    case host, plugin

    var event: TransportEvent.Side { self == .host ? .host : .plugin }
}

/// What is kept of one direction of a relayed connection.
final class RelayDirection {
    let sender: RelaySide
    var scanner: FrameScanner
    /// Nil when header blocks are no longer read.
    var reader: HeaderReader?
    /// The header block that is passing by: its stream, whether that ends with it, and its bytes so far when it comes in pieces.
    var blockStream: UInt32 = 0
    var blockEndsStream = false
    var blockBytes: [UInt8] = []
    /// What the block says, once it is complete.
    var fields = HeaderReader.Fields()
    /// The few wanted bytes of a frame's payload.
    var payload: [UInt8] = []
    /// Frames that say nothing: PING, SETTINGS, PRIORITY, DATA without data.
    private var idleFrames: FloodGauge
    private var resets: FloodGauge

    init(sender: RelaySide, limits: TransportLimits, now: NIODeadline) {
        self.sender = sender
        self.scanner = FrameScanner(expectsPreface: sender == .host)
        self.reader = HeaderReader(maximumBlock: limits.maximumHeaderBytes)
        self.idleFrames = FloodGauge(limit: limits.controlFramesPerSecond, now: now)
        self.resets = FloodGauge(limit: limits.resetsPerSecond, now: now)
    }

    /// What there is too much of, in words; nil as long as there is not.
    func flood(with frame: FrameHead, now: NIODeadline) -> String? {
        switch frame.type {
        case FrameHead.reset:
            return self.resets.count(now: now) ? "resets of streams" : nil
        case FrameHead.ping, FrameHead.settings:
            guard !frame.isAcknowledgement else { return nil }
        case FrameHead.data, FrameHead.headers, FrameHead.continuation:
            guard frame.length == 0, frame.type != FrameHead.data || !frame.endsStream else { return nil }
        case FrameHead.windowUpdate, FrameHead.goAway:
            return nil
        default:
            break
        }
        return self.idleFrames.count(now: now) ? "PING, SETTINGS or empty frames" : nil
    }
}
