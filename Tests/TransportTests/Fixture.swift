import GatewayTestKit
import Glibc
import NIOCore
import NIOPosix
import Synchronization

@testable import Transport

/// A directory for sockets, short enough for them, that is removed at the end.
final class SocketDirectory: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/pgwt-XXXXXX".utf8CString)
        self.path = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? "/tmp"
        }
    }

    func file(_ name: String) -> String { "\(self.path)/\(name)" }

    func remove() {
        guard self.path.hasPrefix("/tmp/pgwt-"), let directory = opendir(self.path) else { return }
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name != ".", name != ".." { unlink("\(self.path)/\(name)") }
        }
        closedir(directory)
        rmdir(self.path)
    }
}

/// Events in the order of their arrival.
final class EventLog: Sendable {
    private let events = Mutex<[TransportEvent]>([])
    func add(_ event: TransportEvent) { self.events.withLock { $0.append(event) } }
    var all: [TransportEvent] { self.events.withLock { $0 } }
}

/// A loop, a directory, and whatever a test starts on them.
struct Bench {
    let loop: any EventLoop
    let directory: SocketDirectory

    static func run<Result: Sendable>(_ body: (Bench) async throws -> Result) async throws -> Result {
        let bench = Bench(loop: MultiThreadedEventLoopGroup.singleton.next(), directory: SocketDirectory())
        defer { bench.directory.remove() }
        return try await body(bench)
    }

    /// A host socket whose calls are answered here.
    func answering(
        limits: TransportLimits = .default, events: EventLog = EventLog(),
        _ handler: @escaping @Sendable (ServerCall) async -> CallEnd
    ) async throws -> (HostServer, FakeRouter) {
        try await self.routing(limits: limits, events: events) { _ in .answer(handler) }
    }

    func routing(
        limits: TransportLimits = .default, events: EventLog = EventLog(),
        _ choose: @escaping @Sendable (CallHead) -> CallRoute
    ) async throws -> (HostServer, FakeRouter) {
        let router = FakeRouter(choose)
        let server = try await HostServer.listen(
            on: self.loop, path: self.directory.file("host"), limits: limits, router: router, onEvent: { events.add($0) })
        return (server, router)
    }

    func serving(
        _ router: FakeRouter, limits: TransportLimits = .default, events: EventLog = EventLog()
    ) async throws -> HostServer {
        try await HostServer.listen(
            on: self.loop, path: self.directory.file("host"), limits: limits, router: router, onEvent: { events.add($0) })
    }

    /// A host socket in front of a fake plugin: every call is forwarded.
    func forwarding(
        limits: TransportLimits = .default, pluginLimits: TransportLimits = .default, pluginLoop: (any EventLoop)? = nil,
        _ handler: @escaping @Sendable (ServerCall) async -> CallEnd
    ) async throws -> Forwarding {
        let plugin = try await FakePlugin.start(
            on: pluginLoop ?? self.loop, path: self.directory.file("plugin"), limits: pluginLimits, answering: handler)
        let client = try await PluginClient.connect(on: self.loop, to: plugin.address, limits: limits)
        let (server, router) = try await self.routing(limits: limits) { _ in .forward(client) }
        return Forwarding(plugin: plugin, client: client, server: server, router: router)
    }

    /// A host socket in front of a fake plugin: every connection is relayed.
    func relaying(
        limits: TransportLimits = .default, pluginLimits: TransportLimits = .default, events: EventLog = EventLog(),
        _ handler: @escaping @Sendable (ServerCall) async -> CallEnd
    ) async throws -> Relaying {
        let plugin = try await FakePlugin.start(
            on: self.loop, path: self.directory.file("plugin"), limits: pluginLimits, answering: handler)
        let router = FakeRouter(mode: .relay(plugin.address)) { _ in
            .refuse(GRPCStatus(code: .unavailable, message: "answered by the gateway"))
        }
        return Relaying(plugin: plugin, server: try await self.serving(router, limits: limits, events: events), router: router)
    }

    func host(limits: TransportLimits = .default) async throws -> FakeHost {
        try await FakeHost.connect(on: self.loop, path: self.directory.file("host"), limits: limits)
    }
}

struct Forwarding {
    let plugin: FakePlugin
    let client: PluginClient
    let server: HostServer
    let router: FakeRouter

    func stop() async {
        await self.server.close()
        await self.client.close()
        await self.plugin.stop()
    }
}

struct Relaying {
    let plugin: FakePlugin
    let server: HostServer
    let router: FakeRouter

    func stop() async {
        await self.server.close()
        await self.plugin.stop()
    }
}

/// Polls until a condition holds. The number of attempts only bounds a test that would otherwise hang.
func eventually(_ condition: () async -> Bool) async -> Bool {
    for _ in 0..<2000 {
        if await condition() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return false
}

func bytes(_ count: Int, _ value: UInt8 = 7) -> ByteBuffer {
    ByteBuffer(repeating: value, count: count)
}
