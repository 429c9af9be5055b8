internal import Glibc
internal import GoPlugin
internal import NIOCore
internal import Transport

/// The end of a plugin: asked, told, forced.
extension PluginInstance {
    /// `GRPCController.Shutdown`, then SIGTERM, then SIGKILL to the group; returns when nothing is left of the process.
    func stop() async {
        let client = client.withLock { $0 }
        if let client, await answersShutdown(client) {
            if await ends(within: launch.limits.shutdownGrace) { return await settle() }
        }
        process.signalGroup(SIGTERM)
        if await ends(within: launch.limits.terminateGrace) { return await settle() }
        kill()
        await settle()
    }

    /// False when the plugin has no controller (builds of 2018), so that waiting for it to act is pointless.
    ///
    /// The reply often arrives as UNAVAILABLE, since the process exits within milliseconds; a stopped plugin never replies.
    private func answersShutdown(_ client: PluginClient) async -> Bool {
        do {
            _ = try await client.unary(
                ControllerMessages.shutdown, ByteBuffer(bytes: ControllerMessages.empty), metadata: Metadata(),
                deadline: .now() + TimeAmount(launch.limits.shutdownGrace))
            return true
        } catch let status as GRPCStatus {
            switch status.code {
            case .unimplemented: return false
            // It had the whole grace already.
            case .deadlineExceeded: return false
            default: return true
            }
        } catch {
            return true
        }
    }

    private func ends(within grace: Duration) async -> Bool {
        let loop = launch.eventLoop
        let first = loop.makePromise(of: Bool.self)
        exited.whenComplete { _ in first.succeed(true) }
        let timeout = loop.scheduleTask(in: TimeAmount(grace)) { first.succeed(false) }
        defer { timeout.cancel() }
        return (try? await first.futureResult.get()) ?? false
    }

    private func settle() async {
        _ = try? await gone.get()
    }
}
