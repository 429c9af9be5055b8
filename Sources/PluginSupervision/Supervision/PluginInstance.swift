internal import Glibc
internal import GoPlugin
internal import NIOCore
internal import Synchronization
internal import Transport

/// One process of a plugin, from its start until nothing is left of it. The supervisor decides what follows.
///
/// Several may live side by side, as when an upgraded build is tried beside the one that serves.
final class PluginInstance: Sendable {
    /// Pipes that are still open this long after the exit are held by a process that left the plugin's group.
    private static let drainTime = TimeAmount.milliseconds(500)

    let launch: PluginLaunch
    let executable: PluginExecutable
    let generation: Int
    let startedAt = ContinuousClock.now
    let process: ChildProcess
    let output: NIOLoopBoundBox<PluginOutput>
    let lastWords: LastWords
    let client = Mutex<PluginClient?>(nil)
    let stdio = Mutex<Task<Void, Never>?>(nil)

    /// The first of the handshake line and of what makes one impossible on stdout.
    let handshake: EventLoopFuture<HandshakeOutcome>
    /// The process has ended and is reaped.
    let exited: EventLoopFuture<ExitStatus>
    /// And its output has been read to the end.
    let drained: EventLoopFuture<ExitStatus>
    /// And the connection, the pipes and the temporary directory are gone.
    let gone: EventLoopFuture<ExitStatus>

    var pid: Int32 { process.pid }
    private var loop: any EventLoop { launch.eventLoop }

    /// Starts the process. Nothing is left of it when this throws.
    static func spawn(
        _ launch: PluginLaunch, _ executable: PluginExecutable, generation: Int
    ) async throws(SupervisionError) -> PluginInstance {
        let directory = try await TemporaryDirectories.make(root: launch.temporaryDirectoryRoot)
        do {
            return try await spawn(launch, executable, generation, directory)
        } catch {
            await TemporaryDirectories.remove(directory)
            throw error
        }
    }

    private static func spawn(
        _ launch: PluginLaunch, _ executable: PluginExecutable, _ generation: Int, _ directory: PrivateTemporaryDirectory
    ) async throws(SupervisionError) -> PluginInstance {
        let loop = launch.eventLoop
        let handshake = loop.makePromise(of: HandshakeOutcome.self)
        let lastWords = LastWords(capacity: launch.limits.log.lastWords, redact: launch.redact)
        let output = NIOLoopBoundBox.makeBoxSendingValue(
            PluginOutput(
                pluginID: launch.pluginID, limits: launch.limits.log, loop: loop, handshake: handshake, lastWords: lastWords,
                sink: launch.logSink),
            eventLoop: loop)
        let exited = loop.makePromise(of: ExitStatus.self)
        let pipes: PluginPipes
        do {
            pipes = try await PluginPipes.open(on: loop, output: output)
        } catch {
            handshake.succeed(.closed)
            exited.succeed(.unknown)
            throw error
        }
        let working = workingDirectory(launch, executable)
        let request = SpawnRequest(
            executable: executable, arguments: [executable.path] + launch.arguments,
            environment: ChildEnvironment.forPlugin(
                handedOver: launch.environment, cookie: launch.cookieValue, versions: launch.offeredVersions,
                temporaryDirectory: directory.path),
            workingDirectory: working.descriptor, stdout: pipes.stdoutWriteEnd, stderr: pipes.stderrWriteEnd)
        let process: ChildProcess
        do {
            process = try await ProcessWarden.shared.spawn(request) { exited.succeed($0) }
        } catch {
            pipes.closeWriteEnds()
            await pipes.close()
            exited.succeed(.unknown)
            throw SupervisionError(error, path: executable.path)
        }
        pipes.closeWriteEnds()
        let instance = PluginInstance(
            launch, executable, generation, process, output, lastWords, handshake, exited, pipes, directory)
        loop.execute {
            output.value.pid = process.pid
            if working.isReplacement {
                output.value.note(
                    .warning, "the working directory that the host handed over cannot be entered; the plugin's own is used")
            }
            pipes.startReading()
        }
        return instance
    }

    private init(
        _ launch: PluginLaunch, _ executable: PluginExecutable, _ generation: Int, _ process: ChildProcess,
        _ output: NIOLoopBoundBox<PluginOutput>, _ lastWords: LastWords, _ handshake: EventLoopPromise<HandshakeOutcome>,
        _ exited: EventLoopPromise<ExitStatus>, _ pipes: PluginPipes, _ directory: PrivateTemporaryDirectory
    ) {
        self.launch = launch
        self.executable = executable
        self.generation = generation
        self.process = process
        self.output = output
        self.lastWords = lastWords
        self.handshake = handshake.futureResult
        self.exited = exited.futureResult
        let loop = launch.eventLoop
        drained = exited.futureResult.flatMap { status in
            let giveUp = loop.scheduleTask(in: Self.drainTime) { pipes.abandon() }
            return pipes.closed(on: loop).map { _ in
                giveUp.cancel()
                return status
            }
        }
        let cleared = loop.makePromise(of: ExitStatus.self)
        gone = cleared.futureResult
        drained.whenSuccess { status in
            cleared.completeWithTask {
                await self.releaseConnection()
                await TemporaryDirectories.remove(directory)
                return status
            }
        }
    }

    /// Kills the process with its group, at once.
    func kill() {
        process.signalGroup(SIGKILL)
    }

    private func releaseConnection() async {
        await client.withLock { $0 }?.close()
        guard let stdio = stdio.withLock({ $0 }) else { return }
        // What the plugin printed last may still be on its way to the log; no bug elsewhere may hold up the end for long.
        let impatience = loop.scheduleTask(in: .seconds(1)) { stdio.cancel() }
        await stdio.value
        impatience.cancel()
    }

    private static func workingDirectory(
        _ launch: PluginLaunch, _ executable: PluginExecutable
    ) -> (descriptor: OwnedDescriptor, isReplacement: Bool) {
        let raw = open(launch.workingDirectory, O_PATH | O_DIRECTORY | O_CLOEXEC)
        guard raw >= 0 else { return (executable.directoryDescriptor, true) }
        return (OwnedDescriptor(raw), false)
    }
}
