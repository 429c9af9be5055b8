extension PluginSupervisor {
    /// What the next start uses.
    package var currentLaunch: PluginLaunch { published.withLock { $0.launch } ?? launch }

    /// Changes what later starts use; the running process is left alone, see ``restart()``. The plugin's id, event loop and sinks stay
    /// what they were made with.
    package func update(_ new: PluginLaunch) {
        let old = published.withLock { published in
            defer { published.launch = new }
            return published.launch ?? launch
        }
        guard new.executable.path != old.executable.path || new.source?.names != old.source?.names else { return }
        onLoop { supervisor in
            // It was checked just now. Where the names are the same, what is found at the start counts.
            supervisor.core.value.fresh = new.executable
            if supervisor.core.value.watch != nil { supervisor.watchExecutable(new.executable) }
        }
    }
}
