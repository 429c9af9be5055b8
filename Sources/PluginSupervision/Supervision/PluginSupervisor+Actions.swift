internal import NIOCore
internal import Transport

/// What the lifecycle decides, done. All on the event loop.
extension PluginSupervisor {
    func perform(_ action: PluginLifecycle.Action) {
        switch action {
        case .launch(let generation):
            launchInstance(generation)
        case .abortStart:
            // When the process does not exist yet, `launchInstance` sees the state and ends it.
            core.value.instance?.kill()
        case .stopProcess:
            guard let instance = core.value.instance else { return }
            Task { await instance.stop() }
        case .killProcess:
            core.value.instance?.kill()
        case .reconnect:
            reconnect()
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
            onEnd(end)
            let waiting = core.value.stopWaiters
            core.value.stopWaiters = []
            for continuation in waiting { continuation.resume() }
        }
    }

    private func answerWaiters(_ answer: RunningWaiter.Answer) {
        let waiters = core.value.waiters
        core.value.waiters = []
        for waiter in waiters { waiter.answer(answer) }
    }

    private func launchInstance(_ generation: Int) {
        Task {
            do throws(SupervisionError) {
                let instance = try await PluginInstance.spawn(currentLaunch, generation: generation)
                onLoop { $0.adopt(instance) }
                let running = try await instance.becomeReady()
                onLoop { $0.ready(instance, running) }
            } catch {
                onLoop { supervisor in
                    supervisor.core.value.instance = nil
                    supervisor.handle(.startFailed(error))
                }
            }
        }
    }

    private func adopt(_ instance: PluginInstance) {
        core.value.instance = instance
        published.withLock { published in
            published.droppedBefore += published.lastWords?.droppedLines ?? 0
            published.lastWords = instance.lastWords
            published.snapshot.pid = instance.pid
        }
        if core.value.lifecycle.state == .stopping { instance.kill() }
    }

    private func ready(_ instance: PluginInstance, _ running: RunningPlugin) {
        let isWanted = core.value.lifecycle.state == .starting
        published.withLock { published in
            published.snapshot.version = running.version
            if isWanted { published.running = running }
        }
        handle(.startSucceeded(pid: running.pid, version: running.version))
        instance.exited.whenSuccess { _ in
            // No call may be sent to it any more, though its last words are still being read.
            self.published.withLock { $0.running = nil }
        }
        instance.gone.whenSuccess { status in
            self.core.value.instance = nil
            self.handle(.exited(.ended(status, lastWords: instance.lastWords.lines)))
        }
        watchConnection(of: running)
    }

    // MARK: The connection

    private func watchConnection(of running: RunningPlugin) {
        core.value.ready = running
        let client = running.client
        client.closed.hop(to: launch.eventLoop).whenComplete { _ in
            self.published.withLock { if $0.running?.client === client { $0.running = nil } }
            guard case .running = self.core.value.lifecycle.state else { return }
            // Usually the process is ending as well; only one that lives on is worth a new connection.
            self.launch.eventLoop.scheduleTask(in: .milliseconds(100)) {
                guard let instance = self.core.value.instance, instance.generation == running.generation else { return }
                guard !instance.process.isReaped else { return }
                self.handle(.connectionLost(reason: client.closeReason ?? "the connection to the plugin ended"))
            }
        }
    }

    private func reconnect() {
        guard let instance = core.value.instance, let base = core.value.ready else { return }
        Task {
            do throws(SupervisionError) {
                let (client, health) = try await instance.connect(to: base.handshake)
                let running = RunningPlugin(
                    handshake: base.handshake, pid: base.pid, startedAt: base.startedAt, client: client, health: health,
                    generation: base.generation)
                onLoop { supervisor in
                    guard case .reconnecting = supervisor.core.value.lifecycle.state else { return }
                    supervisor.published.withLock { $0.running = running }
                    supervisor.handle(.reconnected)
                    supervisor.watchConnection(of: running)
                }
            } catch {
                onLoop { $0.handle(.reconnectFailed(error)) }
                instance.kill()
            }
        }
    }

    // MARK: Status

    func publish() {
        let lifecycle = core.value.lifecycle
        published.withLock { published in
            let state = SupervisionSnapshot.State(lifecycle.state)
            let now = WallClock.microseconds()
            if published.snapshot.state != state { published.snapshot.sinceMicroseconds = now }
            published.snapshot.state = state
            published.snapshot.reason = lifecycle.reason
            published.snapshot.restarts = max(0, lifecycle.generation - 1)
            published.snapshot.lastError = lifecycle.lastError
            published.snapshot.nextAttemptMicroseconds = nil
            switch lifecycle.state {
            case .backingOff(let until, _):
                published.snapshot.nextAttemptMicroseconds = now + max(0, (until - .now()).nanoseconds) / 1000
                published.snapshot.pid = nil
            case .ended, .idle:
                published.snapshot.pid = nil
            default: break
            }
            switch lifecycle.state {
            case .running: break
            default: published.running = nil
            }
        }
    }
}

extension SupervisionSnapshot.State {
    init(_ state: PluginLifecycle.State) {
        switch state {
        case .idle: self = .idle
        case .starting: self = .starting
        case .running: self = .running
        case .reconnecting: self = .reconnecting
        case .restarting: self = .restarting
        case .stopping: self = .stopping
        case .backingOff: self = .backingOff
        case .ended: self = .ended
        }
    }
}
