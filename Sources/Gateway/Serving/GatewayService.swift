internal import ControlProtocol
internal import Foundation
internal import Glibc
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle
internal import Telemetry
internal import Transport
internal import UnixSignals

/// The daemon: reads the configuration, opens the control socket, and serves until it is told to stop.
package enum GatewayService {
    /// Two loops carry every attachment; an attachment stays on one of them for its whole life.
    static let eventLoops = max(2, min(4, System.coreCount))

    package static func run(configurationFile: String?) async throws {
        let inherited = try InheritedSockets.takeOver()
        let environment = ProcessInfo.processInfo.environment
        let (configuration, remarks) = try ConfigurationLoader.load(file: configurationFile, environment: environment)
        // From here on a SIGHUP is a request, and one that comes early is kept.
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        let log = try GatewayLog.start(level: configuration.logs.level)
        let logger = log.logger
        for remark in remarks + inherited.remarks {
            logger.event(.configuration, at: .warning, "configuration remark", [.reason: remark])
        }

        let socketPath = "\(configuration.runtimeDirectory)/\(ControlServer.socketName)"
        if inherited.control == nil {
            try RuntimeDirectory.make(configuration.runtimeDirectory, mode: 0o755)
            try ControlServer.claim(socketPath)
        }
        // Before the first locator can open a new one.
        let stale = HostSocketPlace.sweep(
            runtimeDirectory: configuration.runtimeDirectory, except: Set(inherited.hosts.map(\.path)))

        let group = MultiThreadedEventLoopGroup(numberOfThreads: eventLoops)
        let lag = LoopLag()
        lag.watch(group.makeIterator())
        let reporter = log.reporter(interval: configuration.telemetry.snapshotInterval, lag: lag)
        let registry = AttachmentRegistry(
            configuration: configuration, group: group, logger: logger, reporter: reporter, keepsSockets: Systemd.isPresent)
        await registry.hold(inherited.hosts, waiting: SuspensionMark.take(from: configuration.runtimeDirectory))
        let status = StatusSource(registry: registry, controlSocket: socketPath, startedAt: .now, lag: lag)
        let readyStatus = "Waiting for locators on \(socketPath)"
        let reloader = Reloader(
            file: configurationFile, environment: environment, current: configuration, registry: registry, level: log.level,
            logger: logger, readyStatus: readyStatus)
        let server = try await ControlServer.start(
            path: socketPath, inherited: inherited.control, group: group, registry: registry, status: status, reloader: reloader,
            logger: logger)
        logger.event(
            .gatewayStarted, "gateway started",
            [
                .version: GatewayVersion.current, .socket: socketPath,
                .directory: configuration.pluginRoots.joined(separator: ":"),
                .reason: inherited.hosts.isEmpty ? "" : "\(inherited.hosts.count) host sockets wait for their locators",
            ])
        if stale > 0 {
            logger.info("host sockets of an earlier gateway were removed", metadata: ["count": "\(stale)"])
        }
        Systemd.ready(status: readyStatus)

        let lifecycle = ServiceGroup(
            configuration: .init(
                services: [
                    .init(
                        service: UntilShutdown { await reporter.run { await registry.takeStock() } },
                        successTerminationBehavior: .gracefullyShutdownGroup),
                    .init(
                        service: UntilShutdown { await watch(group, registry, logger) }, successTerminationBehavior: .ignore),
                    .init(
                        service: UntilShutdown { for await _ in hangups { _ = await reloader.reload() } },
                        successTerminationBehavior: .gracefullyShutdownGroup),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await lifecycle.run()

        logger.event(.gatewayStopping, "gateway stopping")
        await stop(server, registry, configuration.runtimeDirectory, logger)
        reporter.finish()
        try? await group.shutdownGracefully()
        await log.flush()
    }

    /// Tells systemd that the gateway lives, where it waits to hear so, until the signal to stop.
    private static func watch(
        _ group: MultiThreadedEventLoopGroup, _ registry: AttachmentRegistry, _ logger: Logger
    ) async {
        guard let timeout = Systemd.watchdogTimeout else { return }
        let watchdog = Watchdog(
            loops: Array(group.makeIterator()), attachmentsAnswer: { _ = await registry.status() }, tell: { Systemd.alive() },
            complain: { who in
                logger.event(
                    .gatewayStalled, at: .error, "a part of the gateway does not answer",
                    [
                        .reason: "\(who) has not answered for a third of WatchdogSec= (\(timeout.components.seconds) s)",
                        .remedy: "wait: systemd ends a gateway that has given no word of life for so long, and starts it again",
                    ])
            })
        await watchdog.run(every: timeout / 3)
    }

    /// Finishes what is open. Hosts that call meanwhile wait for the next gateway, where systemd keeps the sockets.
    private static func stop(
        _ server: ControlServer, _ registry: AttachmentRegistry, _ runtimeDirectory: String, _ logger: Logger
    ) async {
        let limits = await registry.configuration.limits
        Systemd.stopping(within: limits.drainCap + limits.stopGrace * 2 + .seconds(15))
        if registry.keepsSockets { SuspensionMark.write(in: runtimeDirectory) }
        await server.stopListening()
        let report = await registry.stop()
        await server.closeConnections()
        let cut = report.cutCalls
        logger.event(
            .gatewayStopping, at: cut > 0 ? .warning : .notice, "calls are finished",
            [
                .reason: cut > 0
                    ? "\(cut) calls did not end within limits.drain_cap and ended with UNAVAILABLE: \(report.words)"
                    : "every call has ended by itself"
            ])
    }
}

/// Something that goes on until the signal to stop.
private struct UntilShutdown: Service {
    let body: @Sendable () async -> Void

    func run() async throws {
        await cancelWhenGracefulShutdown { await body() }
    }
}
