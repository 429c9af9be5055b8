internal import CLinux
internal import ControlProtocol
internal import Glibc
package import Logging
package import NIOCore
internal import NIOPosix
internal import Telemetry
internal import Transport

/// The control socket: locators attach here, and the command line asks for status.
package final class ControlServer: Sendable {
    package static let socketName = "control.sock"
    /// Connections at one time; a locator holds one for its whole life.
    static let maximumConnections = 4096

    private let channel: any Channel
    private let connections: ControlConnections
    private let ownedPath: String?

    /// Listens on `path`, which has been claimed, or on the socket that systemd handed over.
    package static func start(
        path: String, inherited: Int32?, group: any EventLoopGroup, registry: AttachmentRegistry, status: StatusSource,
        reloader: Reloader, logger: Logger
    ) async throws -> ControlServer {
        let connections = ControlConnections(limit: maximumConnections)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        AcceptRest { error in
                            logger.event(
                                .transport, at: .warning, "a connection to the control socket cannot be accepted",
                                [.reason: "\(error)", .remedy: "raise LimitNOFILE= of the gateway's service"])
                        })
                }
            }
            .childChannelOption(.maxMessagesPerRead, value: 4)
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 64 << 10, high: 256 << 10))
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard connections.add(channel) else { throw ChannelError.inappropriateOperationForState }
                    let handler = ControlConnection(
                        channel: channel, registry: registry, status: status, reloader: reloader, logger: logger)
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
        if let inherited {
            return ControlServer(
                channel: try await bootstrap.withBoundSocket(inherited).get(), connections: connections, ownedPath: nil)
        }
        do {
            let channel = try await bootstrap.bind(unixDomainSocketPath: path).get()
            chmod(path, 0o660)
            return ControlServer(channel: channel, connections: connections, ownedPath: path)
        } catch {
            throw GatewayError(
                .unavailable, "cannot listen on \(path)",
                remedy: "Let runtime_directory name a directory that the gateway's user may write to",
                cause: "\(error)")
        }
    }

    private init(channel: any Channel, connections: ControlConnections, ownedPath: String?) {
        self.channel = channel
        self.connections = connections
        self.ownedPath = ownedPath
    }

    /// Takes no more connections. Where systemd holds the socket, they wait in its backlog for the next gateway.
    package func stopListening() async {
        try? await channel.close().get()
        if let ownedPath { unlink(ownedPath) }
    }

    package func closeConnections() async {
        await connections.closeAll()
    }

    /// Removes the socket of a gateway that is gone; refuses to take over from one that lives. To be called before anything that the
    /// other one may still use is cleared away.
    package static func claim(_ path: String) throws {
        guard path.utf8.count <= 107 else {
            throw GatewayError(
                .configuration,
                "the control socket's path is \(path.utf8.count) bytes long and a socket address holds 107: \(path)",
                remedy: "Let runtime_directory name a directory with a shorter path")
        }
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return }
        guard facts.st_mode & S_IFMT == S_IFSOCK else {
            throw GatewayError(
                .configuration, "\(path) is there and is no socket", remedy: "Remove it, or choose another runtime_directory")
        }
        let probe = pg_connect_unix(path)
        if probe >= 0 {
            Glibc.close(probe)
            throw GatewayError(
                .unavailable,
                Systemd.isPresent
                    ? "systemd or another gateway is listening on \(path), and handed no socket to this process"
                    : "another gateway is listening on \(path)",
                remedy: Systemd.isPresent
                    ? "Start plugin-gateway.service itself, to which plugin-gateway.socket belongs (Service=), and no copy of it"
                    : "Stop it first (systemctl stop plugin-gateway.socket plugin-gateway.service), or choose another runtime_directory"
            )
        }
        unlink(path)
    }
}
