internal import GoPlugin
internal import NIOCore
internal import Transport

/// What the lifecycle decides, done. All on the event loop.
extension PluginSupervisor {
    func perform(_ action: PluginLifecycle.Action) {
        switch action {
        case .launch(let generation):
            launchInstance(generation)
        case .abortStart(let generation), .killProcess(let generation):
            // When the process does not exist yet, `adopt` sees that nobody wants it and ends it.
            core.value.instances[generation]?.kill()
        case .serve(let generation):
            serve(generation)
        case .moveHosts:
            moveHosts()
        case .retire(let generation):
            retire(generation)
        case .stopProcess(let generation):
            guard let instance = core.value.instances[generation] else { return }
            Task { await instance.stop() }
        case .reconnect(let generation):
            reconnect(generation)
        case .scheduleRetry(let delay):
            core.value.retry = launch.eventLoop.scheduleTask(in: TimeAmount(delay)) { self.handle(.retryDue) }
        case .cancelRetry:
            core.value.retry?.cancel()
            core.value.retry = nil
        case .answerWaiters:
            if let current { answerWaiters(.success(current)) }
        case .failWaiters(let error):
            answerWaiters(.failure(error))
        case .report(let event):
            onEvent(event)
        case .finish(let end):
            finish(end)
        }
    }

    private func answerWaiters(_ answer: RunningWaiter.Answer) {
        let waiters = core.value.waiters
        core.value.waiters = []
        for waiter in waiters { waiter.answer(answer) }
    }

    private func finish(_ end: SupervisionEnd) {
        core.value.watch?.end()
        core.value.watch = nil
        core.value.idleTimer?.cancel()
        core.value.hosts = nil
        onEnd(end)
        let waiting = core.value.stopWaiters
        core.value.stopWaiters = []
        for continuation in waiting { continuation.resume() }
    }

    // MARK: Starting

    private func launchInstance(_ generation: Int) {
        let launch = currentLaunch
        if core.value.watch == nil { watchExecutable(launch.executable) }
        let core = core.value
        self.core.value.fresh = nil
        Task {
            do throws(SupervisionError) {
                let executable =
                    if let fresh = core.fresh { fresh } else if let watch = core.watch {
                        held(try await watch.executable(rejecting: core.rejected, proven: core.proven), launch, core)
                    } else { launch.executable }
                onLoop { $0.core.value.executables[generation] = executable }
                let instance = try await PluginInstance.spawn(launch, executable, generation: generation)
                onLoop { $0.adopt(instance) }
                let running = try await instance.becomeReady { line in
                    self.onLoop { supervisor in
                        supervisor.handle(.negotiated(generation: generation, pid: instance.pid, version: line.appVersion))
                    }
                }
                onLoop { $0.ready(instance, running) }
            } catch {
                onLoop { $0.failed(generation, error) }
            }
        }
    }

    private func adopt(_ instance: PluginInstance) {
        let generation = instance.generation
        core.value.instances[generation] = instance
        let lifecycle = core.value.lifecycle
        guard lifecycle.current == generation || lifecycle.candidate?.generation == generation, !lifecycle.isEnding else {
            return instance.kill()
        }
        publish()
    }

    private func ready(_ instance: PluginInstance, _ running: RunningPlugin) {
        let generation = instance.generation
        core.value.ready[generation] = running
        instance.exited.whenSuccess { _ in
            // No call may be sent to it any more, though its last words are still being read.
            self.published.withLock { if $0.running?.generation == generation { $0.running = nil } }
        }
        handle(.startSucceeded(generation: generation, pid: running.pid, version: running.version))
        instance.gone.whenSuccess { status in
            self.forget(generation)
            self.handle(.exited(generation: generation, .ended(status, lastWords: instance.lastWords.lines)))
        }
        watchConnection(of: running)
    }

    private func failed(_ generation: Int, _ error: SupervisionError) {
        let lifecycle = core.value.lifecycle
        let isWanted = lifecycle.current == generation || lifecycle.candidate?.generation == generation
        if isWanted, !lifecycle.isEnding {
            let identity = core.value.executables[generation]?.identity
            if !error.isAboutFile, identity != core.value.proven { core.value.rejected = identity }
            if error.code == .executableBusy { core.value.watch?.lookAgain() }
        }
        forget(generation)
        handle(.startFailed(generation: generation, error))
    }

    private func forget(_ generation: Int) {
        core.value.instances[generation] = nil
        core.value.ready[generation] = nil
        // What ran last is what a returning file is compared with.
        if core.value.lifecycle.current != generation { core.value.executables[generation] = nil }
    }

    // MARK: Serving

    private func serve(_ generation: Int) {
        guard let running = core.value.ready[generation], let instance = core.value.instances[generation] else { return }
        core.value.proven = core.value.executables[generation]?.identity
        core.value.executables = core.value.executables.filter { core.value.lifecycle.live.contains($0.key) }
        published.withLock { published in
            published.snapshot.version = running.version
            published.running = instance.process.isReaped ? nil : running
        }
        publish()
        watchUse(of: running)
    }
}

extension PluginLifecycle {
    /// Whether no process is wanted any more.
    var isEnding: Bool {
        switch state {
        case .draining, .ended: true
        default: false
        }
    }
}
