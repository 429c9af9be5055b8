package import NIOCore
package import PluginSupervision
internal import Synchronization
package import Telemetry
package import Translation
package import Transport

/// One locator's world: a plugin process of its own, and a host socket in front of it.
package final class Attachment: Sendable {
    /// What is needed to open an attachment.
    package struct Specification: Sendable {
        package var id: String
        package var settings: RoutingSettings
        package var launch: PluginLaunch
        /// Where the host connects; short enough for a socket address.
        package var hostSocket: String
        /// The group of the host socket, where the host asked for one.
        package var hostSocketGroup: UInt32?
        package var limits: TransportLimits

        package init(
            id: String, settings: RoutingSettings, launch: PluginLaunch, hostSocket: String, hostSocketGroup: UInt32?,
            limits: TransportLimits
        ) {
            self.id = id
            self.settings = settings
            self.launch = launch
            self.hostSocket = hostSocket
            self.hostSocketGroup = hostSocketGroup
            self.limits = limits
        }
    }

    /// What happens to an attachment, for whoever keeps it. Called on the attachment's event loop.
    package struct Observers: Sendable {
        package var supervision: @Sendable (SupervisionEvent) -> Void
        package var transport: @Sendable (TransportEvent) -> Void
        /// Losses that this attachment never had before.
        package var newLoss: @Sendable (NewLosses) -> Void
        /// The host asked its plugin to end, and has its answer.
        package var shutdown: @Sendable () -> Void

        package init(
            supervision: @escaping @Sendable (SupervisionEvent) -> Void, transport: @escaping @Sendable (TransportEvent) -> Void,
            newLoss: @escaping @Sendable (NewLosses) -> Void, shutdown: @escaping @Sendable () -> Void
        ) {
            self.supervision = supervision
            self.transport = transport
            self.newLoss = newLoss
            self.shutdown = shutdown
        }
    }

    package let id: String
    package let pluginID: String
    package let supervisor: PluginSupervisor
    package let statistics: PluginStatistics
    let router: AttachmentRouter
    let server: HostServer
    /// Whether connections are accepted, or would be but for a change that is being made.
    let isServing: Mutex<Bool>

    package var hostSocket: String { server.path }
    package var eventLoop: any EventLoop { server.eventLoop }
    package var isInService: Bool { isServing.withLock { $0 } }
    /// What runs, or ran last.
    package var executable: String { supervisor.snapshot.executable }

    /// Starts the plugin, waits until it has shaken hands, and opens the host socket.
    ///
    /// - Throws: `SupervisionError` when the plugin does not start, `SocketError` when the host socket cannot be opened. Nothing is left of
    ///   the attempt then.
    package static func open(_ specification: Specification, observers: Observers) async throws -> Attachment {
        let supervisor = PluginSupervisor(specification.launch, onEvent: observers.supervision)
        do {
            supervisor.start()
            _ = try await supervisor.running()
            let statistics = PluginStatistics(pluginID: specification.settings.pluginID, attachmentID: specification.id)
            let router = AttachmentRouter(
                supervisor: supervisor, statistics: statistics, settings: specification.settings,
                onNewLoss: observers.newLoss, onShutdown: observers.shutdown)
            let server = try await HostServer.listen(
                on: specification.launch.eventLoop, path: specification.hostSocket, group: specification.hostSocketGroup,
                limits: specification.limits, router: router, onEvent: observers.transport)
            supervisor.setHostMover(HostMover(server))
            router.moveHosts(of: server)
            return Attachment(specification, router, server, isServing: true)
        } catch {
            await supervisor.stop()
            throw error
        }
    }

    init(_ specification: Specification, _ router: AttachmentRouter, _ server: HostServer, isServing: Bool) {
        id = specification.id
        pluginID = specification.settings.pluginID
        supervisor = router.supervisor
        statistics = router.statistics
        self.router = router
        self.server = server
        self.isServing = Mutex(isServing)
    }

    /// How calls travel right now, in words; nil while no plugin has answered.
    package var path: TranslationPath? {
        supervisor.snapshot.version.map { TranslationPath.choose(host: AttachmentRouter.hostVersion, plugin: $0) }
    }

    /// Stops the plugin and closes the host socket. Calls that are still open end within `cap`.
    ///
    /// - Returns: the calls that had to be cut off.
    @discardableResult
    package func close(cap: Duration) async -> DrainReport {
        let report = await server.drain(cap: cap)
        await supervisor.stop()
        await server.close()
        return report
    }
}

extension Attachment {
    /// Calls of the host so far, how many of them failed, and what translating them took.
    package var totals: (calls: UInt64, errors: UInt64, translation: Duration) {
        statistics.snapshot().methods.reduce(into: (0, 0, .zero)) { totals, method in
            totals.0 += method.calls
            totals.1 += method.errors
            totals.2 += method.translation
        }
    }
}
