import GatewayTestKit
import NIOCore
import NIOEmbedded
import NIOHPACK

@testable import Transport

/// A relay between two channels that a test writes to and reads from, byte by byte if it likes.
final class RelayBench {
    let router: FakeRouter
    let events = EventLog()
    let loop = EmbeddedEventLoop()
    let host: EmbeddedChannel
    let plugin: EmbeddedChannel
    let relay: RelayConnection
    private(set) var ends = 0

    init(limits: TransportLimits = .default, excerpt: @escaping @Sendable (String) -> Int = { _ in 0 }) throws {
        let router = FakeRouter(mode: .relay(.unix("/p")), excerpt: excerpt) { _ in
            .refuse(GRPCStatus(code: .internal, message: "not relayed"))
        }
        let events = self.events
        self.router = router
        self.host = EmbeddedChannel(loop: self.loop)
        self.plugin = EmbeddedChannel(loop: self.loop)
        let ended = Ended()
        self.relay = RelayConnection(
            self.host, to: .unix("/p"), router: router, limits: limits, report: EventReporter { events.add($0) },
            onEnd: { ended.count += 1 })
        for channel in [self.host, self.plugin] {
            try channel.connect(to: SocketAddress(unixDomainSocketPath: "/p")).wait()
        }
        try self.relay.begin(with: self.plugin)
        self.ended = ended
    }

    private final class Ended { var count = 0 }
    private var ended = Ended()
    var hasEnded: Bool { self.ended.count == 1 }

    func fromHost(_ bytes: [UInt8]) throws {
        try self.host.writeInbound(ByteBuffer(bytes: bytes))
    }

    func fromPlugin(_ bytes: [UInt8]) throws {
        try self.plugin.writeInbound(ByteBuffer(bytes: bytes))
    }

    /// What the host has been sent since the last time.
    func toHost() throws -> [UInt8] { try Self.all(self.host) }
    func toPlugin() throws -> [UInt8] { try Self.all(self.plugin) }

    private static func all(_ channel: EmbeddedChannel) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { bytes += buffer.readableBytesView }
        return bytes
    }

    static let hello = RawPeer.preface + RawPeer.frame(type: 4)
    static let pluginHello = RawPeer.frame(type: 4) + RawPeer.frame(type: 4, flags: 1)

    /// HEADERS of the plugin, every field a literal without indexing.
    static func reply(stream: UInt32, _ fields: [(String, String)], endStream: Bool = false) -> [UInt8] {
        RawPeer.headers(stream: stream, endStream: endStream, fields.map { ($0.0, Array($0.1.utf8)) })
    }

    static let replyHead = [(":status", "200"), ("content-type", "application/grpc")]
    static let ok = [("grpc-status", "0")]

    static func message(_ text: String) -> [UInt8] { [0, 0, 0, 0, UInt8(text.utf8.count)] + Array(text.utf8) }

    static func fields(_ frame: SeenFrames.Frame) throws -> [(String, String)] {
        var decoder = HPACKDecoder(allocator: ByteBufferAllocator())
        var block = ByteBuffer(bytes: frame.payload)
        return try decoder.decodeHeaders(from: &block).map { ($0.name, $0.value) }
    }
}
