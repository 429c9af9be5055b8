extension PluginSupervisor {
    /// What the next start of the plugin uses.
    package var currentLaunch: PluginLaunch { published.withLock { $0.launch } ?? launch }

    /// Takes another launch for every start from now on; a process that runs is left alone.
    ///
    /// Its event loop must be the one that the supervisor was made with.
    package func update(_ launch: PluginLaunch) {
        published.withLock { $0.launch = launch }
    }
}
