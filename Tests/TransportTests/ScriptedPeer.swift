import NIOCore
import NIOHPACK
import NIOPosix
import Synchronization

@testable import Transport

/// A plugin that answers each stream with whatever a closure does to it, right or wrong.
final class ScriptedPlugin: Sendable {
    let path: String
    private let channel: any Channel

    static func start(
        on loop: any EventLoop, path: String, limits: TransportLimits = .default,
        _ script: @escaping @Sendable (HTTP2Stream, HPACKHeaders) -> Void
    ) async throws -> ScriptedPlugin {
        let channel = try await ServerBootstrap(group: loop)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let owner = ScriptedOwner(script)
                    let connection = HTTP2Connection(role: .server, limits: limits, eventLoop: channel.eventLoop, owner: owner)
                    try connection.install(in: channel)
                }
            }
            .bind(unixDomainSocketPath: path).get()
        return ScriptedPlugin(path: path, channel: channel)
    }

    private init(path: String, channel: any Channel) {
        self.path = path
        self.channel = channel
    }

    func stop() async {
        try? await self.channel.close()
    }
}

private final class ScriptedOwner: ConnectionOwner {
    private let script: (HTTP2Stream, HPACKHeaders) -> Void

    init(_ script: @escaping (HTTP2Stream, HPACKHeaders) -> Void) {
        self.script = script
    }

    func connection(_ connection: HTTP2Connection, opened stream: HTTP2Stream, headers: HPACKHeaders, endStream: Bool) {
        self.script(stream, headers)
    }
    func connectionReady(_ connection: HTTP2Connection) {}
    func connectionMayOpen(_ connection: HTTP2Connection) {}
    func connectionLostWaiting(_ connection: HTTP2Connection) {}
    func connection(_ connection: HTTP2Connection, goAway code: HTTP2Code, text: String) {}
    func connectionAnnounced(_ connection: HTTP2Connection) {}
    func connectionIdle(_ connection: HTTP2Connection) {}
    func connection(_ connection: HTTP2Connection, event kind: TransportEvent.Kind, message: String) {}
    func connectionEnded(_ connection: HTTP2Connection, reason: String) {}
}
