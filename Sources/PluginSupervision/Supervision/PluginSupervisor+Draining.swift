internal import NIOCore
internal import Transport

/// Hosts move to the process that serves, and another finishes its calls. All on the event loop.
extension PluginSupervisor {
    /// Connections that another version needs another way for, or that waited to know theirs.
    func moveHosts() {
        guard let hosts = core.value.hosts else { return }
        let cap = currentLaunch.limits.drainCap
        Task { await hosts.move(Self.replacedReason, cap) }
    }

    /// What goes on after "while", for hosts and the journal.
    private static let replacedReason = "the plugin was replaced by another process"
    private static let unusedReason = "the plugin was stopped because nobody calls it"

    /// Its open calls finish, then it ends.
    func retire(_ generation: Int) {
        guard let instance = core.value.instances[generation], let running = core.value.ready[generation] else { return }
        let hosts = core.value.hosts
        let cap = currentLaunch.limits.drainCap
        let loop = launch.eventLoop
        let deadline = NIODeadline.now() + TimeAmount(cap)
        let reason = core.value.lifecycle.current == nil ? Self.unusedReason : Self.replacedReason
        Task {
            await hosts?.move(reason, cap)
            // Calls that had to be cut off with their connections are given a moment to end.
            let cut = await running.use.close(by: max(deadline, .now() + .milliseconds(100)), on: loop)
            if cut.cutCalls > 0 {
                onLoop { supervisor in
                    let event = supervisor.core.value.lifecycle.beside(
                        .cut(cut), generation: generation, because: "\(cut.cutCalls) calls did not end in time: \(cut.words)")
                    supervisor.perform(event)
                }
                // A plugin that is told to end would give them a status of its own.
                let client = instance.client.withLock { $0 }
                await client?.abandonCalls(Self.tooLong(cap), keeping: "/plugin.")
            }
            await instance.stop()
        }
    }

    private static func tooLong(_ cap: Duration) -> GRPCStatus {
        GRPCStatus(
            code: .unavailable,
            message:
                "the call did not end within \(cap.tenthsOfSeconds) s (limits.drain_cap) after another process of the plugin had taken"
                + " over; call again, or raise the limit")
    }
}
