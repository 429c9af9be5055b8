internal import NIOCore
internal import Transport

/// The connection to the process that serves. All on the event loop.
extension PluginSupervisor {
    func watchConnection(of running: RunningPlugin) {
        core.value.ready[running.generation] = running
        let client = running.client
        client.closed.hop(to: launch.eventLoop).whenComplete { _ in
            self.published.withLock { if $0.running?.client === client { $0.running = nil } }
            guard self.core.value.lifecycle.current == running.generation else { return }
            // Usually the process is ending as well; only one that lives on is worth a new connection.
            self.launch.eventLoop.scheduleTask(in: .milliseconds(100)) {
                guard let instance = self.core.value.instances[running.generation], !instance.process.isReaped else { return }
                self.handle(
                    .connectionLost(
                        generation: running.generation, reason: client.closeReason ?? "the connection to the plugin ended"))
            }
        }
    }

    func reconnect(_ generation: Int) {
        guard let instance = core.value.instances[generation], let base = core.value.ready[generation] else { return }
        Task {
            do throws(SupervisionError) {
                let (client, health) = try await instance.connect(to: base.handshake)
                let running = RunningPlugin(
                    handshake: base.handshake, pid: base.pid, startedAt: base.startedAt, client: client, health: health,
                    generation: base.generation, use: base.use)
                onLoop { supervisor in
                    supervisor.core.value.ready[generation] = running
                    supervisor.handle(.reconnected(generation: generation))
                    supervisor.watchConnection(of: running)
                }
            } catch {
                onLoop { $0.handle(.reconnectFailed(generation: generation, error)) }
                instance.kill()
            }
        }
    }
}
