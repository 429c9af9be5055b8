internal import ControlProtocol
internal import Foundation
internal import Glibc
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle
internal import Telemetry

/// The daemon: reads the configuration, opens the control socket, and serves until it is told to stop.
package enum GatewayService {
    /// Two loops carry every attachment; an attachment stays on one of them for its whole life.
    static let eventLoops = max(2, min(4, System.coreCount))

    package static func run(configurationFile: String?) async throws {
        let inherited = try InheritedSockets.control()
        let (configuration, remarks) = try ConfigurationLoader.load(
            file: configurationFile, environment: ProcessInfo.processInfo.environment)
        let log = try GatewayLog.start(level: configuration.logs.level)
        let logger = log.logger
        for remark in remarks { logger.event(.configuration, at: .warning, "configuration remark", [.reason: remark]) }

        let socketPath = "\(configuration.runtimeDirectory)/\(ControlServer.socketName)"
        if inherited == nil { try RuntimeDirectory.make(configuration.runtimeDirectory, mode: 0o755) }

        let group = MultiThreadedEventLoopGroup(numberOfThreads: eventLoops)
        let reporter = log.reporter(interval: configuration.telemetry.snapshotInterval)
        let registry = AttachmentRegistry(configuration: configuration, group: group, logger: logger, reporter: reporter)
        let status = StatusSource(registry: registry, controlSocket: socketPath, startedAt: .now)
        let server = try await ControlServer.start(
            path: socketPath, inherited: inherited, group: group, registry: registry, status: status, logger: logger)
        logger.event(
            .gatewayStarted, "gateway started",
            [.version: GatewayVersion.current, .socket: socketPath, .directory: configuration.pluginRoots.joined(separator: ":")])
        let stale = HostSocketPlace.sweep(runtimeDirectory: configuration.runtimeDirectory)
        if stale > 0 {
            logger.info("host sockets of an earlier gateway were removed", metadata: ["count": "\(stale)"])
        }
        Systemd.ready(status: "Waiting for locators on \(socketPath)")

        let lifecycle = ServiceGroup(
            configuration: .init(
                services: [
                    .init(service: UntilShutdown(reporter: reporter), successTerminationBehavior: .gracefullyShutdownGroup)
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await lifecycle.run()

        logger.event(.gatewayStopping, "gateway stopping")
        Systemd.stopping()
        await server.close()
        await registry.stop()
        reporter.finish()
        try? await group.shutdownGracefully()
        await log.flush()
    }
}

/// Runs the snapshots until the signal to stop.
private struct UntilShutdown: Service {
    let reporter: SnapshotReporter

    func run() async throws {
        await cancelWhenGracefulShutdown { await reporter.run() }
    }
}
