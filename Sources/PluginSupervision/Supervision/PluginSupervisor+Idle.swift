internal import NIOCore

/// Stopping a plugin that nobody calls. All on the event loop.
extension PluginSupervisor {
    func watchUse(of running: RunningPlugin) {
        core.value.idleTimer?.cancel()
        guard let timeout = currentLaunch.limits.idleTimeout else { return }
        lookForUse(of: running, in: TimeAmount(timeout), timeout)
    }

    private func lookForUse(of running: RunningPlugin, in delay: TimeAmount, _ timeout: Duration) {
        core.value.idleTimer = launch.eventLoop.scheduleTask(in: delay) {
            guard self.core.value.lifecycle.current == running.generation else { return }
            let unused = running.use.unusedFor(at: .now())
            guard let unused, unused >= timeout else {
                // While somebody uses it, the time begins anew.
                return self.lookForUse(of: running, in: TimeAmount(timeout - (unused ?? .zero)), timeout)
            }
            self.stopUnlessBusy(running, timeout)
        }
    }

    private func stopUnlessBusy(_ running: RunningPlugin, _ timeout: Duration) {
        let hosts = core.value.hosts
        Task {
            let isBusy = await hosts?.isBusy() ?? false
            onLoop { supervisor in
                guard supervisor.core.value.lifecycle.current == running.generation else { return }
                let unused = running.use.unusedFor(at: .now())
                if isBusy { running.use.touch() }
                guard !isBusy, let unused, unused >= timeout else { return supervisor.watchUse(of: running) }
                supervisor.handle(.unused(generation: running.generation))
                // A candidate, for example, kept it from being stopped.
                if supervisor.core.value.lifecycle.current == running.generation { supervisor.watchUse(of: running) }
            }
        }
    }
}
