internal import NIOCore
internal import NIOPosix

/// Tells when another file is to be run, once nobody works on it any more.
///
/// Bound to the event loop of the attachment; looks at files on other threads. Notices of the kernel only say that it is worth looking:
/// what counts is that the files looked the same twice, `quietTime` apart. A slow look from time to time makes up for file systems
/// that give no notice.
final class ExecutableWatch: Sendable {
    enum Verdict: Sendable {
        case found(PluginExecutable)
        case refused(AttachRefusal)
    }

    private struct State {
        /// What the last verdict was about; nil when there is to be another in any case.
        var settled: ExecutableSample?
        var running: PluginExecutable?
        var isLooking = false
        var isDirty = false
        var isEnded = false
        var notices: DirectoryNotices?
        var rounds: Scheduled<Void>?
    }

    /// Between two looks that nobody asked for; the shorter one where the kernel cannot give notice.
    private static let slowRound = TimeAmount.seconds(30)
    private static let fastRound = TimeAmount.seconds(2)
    /// Until the next look at a file that somebody has open for writing.
    private static let busyPause = TimeAmount.seconds(1)

    private let source: ExecutableSource
    private let loop: any EventLoop
    private let quietTime: TimeAmount
    private let state: NIOLoopBoundBox<State>
    private let onVerdict: @Sendable (Verdict) -> Void

    /// - Parameter running: what was found before the watch began.
    /// - Parameter onVerdict: called on the event loop after each change that came to rest, also when it leads to the file of before.
    init(
        _ source: ExecutableSource, running: PluginExecutable, quietTime: Duration, loop: any EventLoop,
        onVerdict: @escaping @Sendable (Verdict) -> Void
    ) {
        self.source = source
        self.loop = loop
        self.quietTime = TimeAmount(quietTime)
        self.onVerdict = onVerdict
        state = .makeBoxSendingValue(State(running: running), eventLoop: loop)
    }

    /// Begins to watch. On the event loop.
    func begin() {
        Task {
            let notices = await Self.offLoop { [source] in
                DirectoryEvents.shared.notices(of: source.directory, names: source.names) { self.loop.execute { self.noticed() } }
            }
            let sample = await Self.offLoop { [source] in ExecutableSample(source) }
            loop.execute { self.begun(notices, sample) }
        }
    }

    private func begun(_ notices: DirectoryNotices?, _ sample: ExecutableSample?) {
        guard !state.value.isEnded else { return }
        state.value.notices = notices
        // Had the file changed since it was found, there would be no notice of it.
        if let running = state.value.running, let sample, sample.holds(running) { state.value.settled = sample }
        state.value.running = nil
        noticed()
        round()
    }

    func end() {
        state.value.isEnded = true
        state.value.notices = nil
        state.value.rounds?.cancel()
    }

    /// The file that is to be run now.
    ///
    /// - Parameters:
    ///   - rejected: a build that did not come up.
    ///   - proven: a build that served: one that looks like it is complete.
    /// - Throws: `AttachRefusal` as `SupervisionError`; `.executableChanging` while somebody works on the files.
    func executable(
        rejecting rejected: PluginExecutable.Identity?, proven: PluginExecutable.Identity?
    ) async throws(SupervisionError) -> PluginExecutable {
        let source = source
        let found = await Self.offLoop { () -> (ExecutableSample, Result<PluginExecutable, AttachRefusal>) in
            let sample = ExecutableSample(source)
            do throws(AttachRefusal) {
                return (sample, .success(try source.find(rejecting: rejected, isLenient: true)))
            } catch {
                return (sample, .failure(error))
            }
        }
        guard let (sample, result) = found else { throw .stopping }
        let isSettled = (try? await loop.submit { self.isSettled(sample) }.get()) ?? false
        switch result {
        case .success(let executable) where executable.identity == proven: return executable
        case .success(let executable) where isSettled && sample.holds(executable): return executable
        case .success: throw .changing
        case .failure(let refusal): throw SupervisionError(refusal)
        }
    }

    private func isSettled(_ sample: ExecutableSample) -> Bool {
        if state.value.settled == sample { return true }
        noticed()
        return false
    }

    /// The file was not complete after all: somebody has it open for writing.
    func lookAgain() {
        guard !state.value.isEnded else { return }
        loop.scheduleTask(in: Self.busyPause) {
            self.state.value.settled = nil
            self.noticed()
        }
    }

    // MARK: Looking

    private func round() {
        let isBlind = state.value.notices?.areReliable != true
        state.value.rounds = loop.scheduleTask(in: isBlind ? Self.fastRound : Self.slowRound) {
            guard !self.state.value.isEnded else { return }
            self.noticed()
            self.round()
        }
    }

    private func noticed() {
        guard !state.value.isEnded else { return }
        state.value.isDirty = true
        guard !state.value.isLooking else { return }
        state.value.isLooking = true
        state.value.isDirty = false
        look(before: nil)
    }

    private func look(before: ExecutableSample?) {
        Task {
            let sample = await Self.offLoop { [source] in ExecutableSample(source) }
            loop.execute { self.looked(sample, before: before) }
        }
    }

    private func looked(_ sample: ExecutableSample?, before: ExecutableSample?) {
        guard !state.value.isEnded, let sample else { return }
        if before == nil, sample == state.value.settled {
            rest()
        } else if sample == before {
            settle(sample)
        } else {
            loop.scheduleTask(in: quietTime) { self.look(before: sample) }
        }
    }

    private func settle(_ sample: ExecutableSample) {
        Task {
            let verdict = await Self.offLoop { [source] () -> Verdict in
                do throws(AttachRefusal) {
                    return .found(try source.find())
                } catch {
                    return .refused(error)
                }
            }
            loop.execute { self.settled(sample, verdict) }
        }
    }

    private func settled(_ sample: ExecutableSample, _ verdict: Verdict?) {
        guard !state.value.isEnded, let verdict else { return }
        if case .found(let executable) = verdict, !sample.holds(executable) {
            // It changed between the two.
            return look(before: nil)
        }
        state.value.settled = sample
        rest()
        onVerdict(verdict)
    }

    private func rest() {
        state.value.isLooking = false
        if state.value.isDirty { noticed() }
    }

    private static func offLoop<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result? {
        try? await NIOThreadPool.singleton.runIfActive(body)
    }
}
