internal import NIOCore

/// Another file is to be run, or none can be. All on the event loop.
extension PluginSupervisor {
    func watchExecutable(_ executable: PluginExecutable) {
        core.value.watch?.end()
        core.value.watch = nil
        guard let source = currentLaunch.source else { return }
        let watch = ExecutableWatch(
            source, running: executable, quietTime: launch.limits.quietTime, loop: launch.eventLoop
        ) { self.executableSettled($0) }
        core.value.watch = watch
        watch.begin()
    }

    private func executableSettled(_ verdict: ExecutableWatch.Verdict) {
        switch verdict {
        case .found(let executable): found(executable)
        case .refused(let refusal): handle(.replacementRefused(SupervisionError(refusal)))
        }
    }

    private func found(_ executable: PluginExecutable) {
        let lifecycle = core.value.lifecycle
        if let current = lifecycle.current, core.value.executables[current]?.identity == executable.identity {
            // It may have another name by now: wrapping links it.
            core.value.executables[current] = held(executable, currentLaunch, core.value)
            handle(.replacementUnwanted)
            return publish()
        }
        if let candidate = lifecycle.candidate, core.value.executables[candidate.generation]?.identity == executable.identity {
            return
        }
        let isPause =
            switch lifecycle.state {
            case .backingOff, .broken: true
            default: false
            }
        if isPause, lifecycle.lastError?.isAboutFile == true {
            return handle(.replacementWanted(executable.identity == core.value.proven ? .restored : .newBuild))
        }
        guard executable.identity != core.value.rejected, !isPause || executable.identity != core.value.proven else { return }
        handle(.replacementWanted(.newBuild))
    }

    /// The same file as it was opened before, when it was: what was found is let go of, or each look would keep descriptors.
    ///
    /// - Parameter found: a file that passed every check just now.
    func held(_ found: PluginExecutable, _ launch: PluginLaunch, _ core: Core) -> PluginExecutable {
        func isSame(_ other: PluginExecutable) -> Bool { other.identity == found.identity && other.path == found.path }
        return isSame(launch.executable) ? launch.executable : core.executables.values.first(where: isSame) ?? found
    }
}
