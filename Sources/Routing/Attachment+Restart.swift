package import PluginSupervision
internal import Telemetry
package import Transport

/// How an attachment outlives the gateway's process: the host socket goes on listening, and the next gateway serves it.
extension Attachment {
    /// Opens an attachment behind a host socket that a gateway before this one made. The plugin is starting when this returns, and
    /// connections wait until ``startAccepting()``.
    ///
    /// - Parameter inherited: the listening socket of `specification.hostSocket`. It belongs to the attachment when this returns, and
    ///   stays the caller's when this throws.
    /// - Throws: `SocketError` when the descriptor does not fit. Nothing is left of the attempt then.
    package static func resume(
        _ specification: Specification, inherited: Int32, observers: Observers
    ) async throws -> Attachment {
        let supervisor = PluginSupervisor(specification.launch, onEvent: observers.supervision)
        let statistics = PluginStatistics(pluginID: specification.settings.pluginID, attachmentID: specification.id)
        let router = AttachmentRouter(
            supervisor: supervisor, statistics: statistics, settings: specification.settings, onNewLoss: observers.newLoss,
            onShutdown: observers.shutdown)
        let server = try await HostServer.listen(
            on: specification.launch.eventLoop, path: specification.hostSocket, inherited: inherited, accepting: false,
            limits: specification.limits, router: router, onEvent: observers.transport)
        supervisor.setHostMover(HostMover(server))
        router.moveHosts(of: server)
        supervisor.start()
        return Attachment(specification, router, server, isServing: false)
    }

    /// Waits until the plugin has negotiated, over any number of attempts.
    ///
    /// - Parameter onFailure: called with the reason of each attempt that failed.
    /// - Returns: false when the supervision is over, or the task is cancelled.
    package func negotiated(onFailure: @Sendable (SupervisionError) -> Void) async -> Bool {
        while !Task.isCancelled {
            do throws(SupervisionError) {
                _ = try await supervisor.running()
                return true
            } catch {
                if [.draining, .ended].contains(supervisor.snapshot.state) { return false }
                onFailure(error)
                try? await Task.sleep(for: max(error.retryAfter ?? .milliseconds(500), .milliseconds(20)))
            }
        }
        return false
    }

    /// Begins to accept what waits at an inherited socket.
    package func startAccepting() {
        isServing.withLock { $0 = true }
        server.startAccepting()
    }

    /// Of the listening host socket, for the service manager to keep.
    package var hostDescriptor: Int32 { server.listeningDescriptor }

    /// Stops accepting and finishes the calls, at most for `cap`. Socket and file stay, and so does the plugin.
    package func suspend(cap: Duration) async -> DrainReport {
        await server.suspend(cap: cap)
    }

    /// Stops the plugin of a suspended attachment and closes its copy of the socket. The file stays.
    package func finishSuspended() async {
        await supervisor.stop()
        await server.close()
    }
}
