internal import CLinux
internal import Glibc
internal import Synchronization

/// The one thread that starts and reaps plugin processes. It lives as long as the gateway.
///
/// The parent-death signal of a child is bound to the *thread* that created it: were plugins started from pool threads, they
/// would die whenever the pool shrinks. The same thread waits for exits (polling all pidfds), so no thread blocks per plugin.
final class ProcessWarden: Sendable {
    static let shared = ProcessWarden()

    typealias ExitObserver = @Sendable (ExitStatus) -> Void

    private struct Job: Sendable {
        var request: SpawnRequest
        var onExit: ExitObserver
        var completion: CheckedContinuation<Result<ChildProcess, SpawnFailure>, Never>
    }

    /// A pipe: a byte in it wakes the thread.
    private let wakeUp: (read: CInt, write: CInt)
    private let jobs = Mutex<[Job]>([])
    /// Set when the thread could not be made; every start then fails with it.
    private let broken = Mutex<SpawnFailure?>(nil)

    private init() {
        guard let pipe = Pipe.make() else {
            let number = errno
            wakeUp = (-1, -1)
            fail(number)
            return
        }
        for end in [pipe.readEnd, pipe.writeEnd] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
        wakeUp = (pipe.readEnd, pipe.writeEnd)
        startThread()
    }

    /// Starts a process in its own group, which is killed when this process ends.
    ///
    /// - Parameter onExit: called once, on the warden's thread, when the process is reaped; must not block.
    func spawn(_ request: SpawnRequest, onExit: @escaping ExitObserver) async throws(SpawnFailure) -> ChildProcess {
        if let failure = broken.withLock({ $0 }) { throw failure }
        let result = await withCheckedContinuation { continuation in
            jobs.withLock { $0.append(Job(request: request, onExit: onExit, completion: continuation)) }
            wake()
        }
        return try result.get()
    }

    private func wake() {
        var byte: UInt8 = 0
        // EAGAIN means that a wake-up is pending already.
        _ = write(wakeUp.write, &byte, 1)
    }

    // MARK: On the thread

    private func startThread() {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        // The warden is never released, so the thread may keep it.
        let this = Unmanaged.passRetained(self).toOpaque()
        let status = pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument else { return nil }
                Unmanaged<ProcessWarden>.fromOpaque(argument).takeUnretainedValue().run()
            }, this)
        if status != 0 { fail(status) }
    }

    private func fail(_ number: Int32) {
        broken.withLock { $0 = SpawnFailure(step: "creating the thread that starts plugins", number: number) }
    }

    private func run() -> Never {
        var children: [CInt: (process: ChildProcess, onExit: ExitObserver)] = [:]
        while true {
            var watched = [pollfd(fd: wakeUp.read, events: Int16(POLLIN), revents: 0)]
            watched += children.keys.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            poll(&watched, nfds_t(watched.count), -1)

            for entry in watched.dropFirst() where entry.revents != 0 {
                guard let child = children[entry.fd], let status = child.process.reap() else { continue }
                children[entry.fd] = nil
                child.onExit(status)
            }
            if watched[0].revents != 0 { emptyPipe() }
            let due = jobs.withLock { jobs in
                defer { jobs = [] }
                return jobs
            }
            for job in due {
                let result = start(job.request)
                if case .success(let process) = result { children[process.pidfd.raw] = (process, job.onExit) }
                job.completion.resume(returning: result)
            }
        }
    }

    private func emptyPipe() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(wakeUp.read, &bytes, bytes.count) == bytes.count {}
    }

    private func start(_ request: SpawnRequest) -> Result<ChildProcess, SpawnFailure> {
        var stage: CInt = 0
        var number: CInt = 0
        let pid = CStrings.with(request.arguments) { arguments in
            CStrings.with(request.environment.map { "\($0.0)=\($0.1)" }) { environment in
                var spawn = pg_spawn()
                spawn.executable_fd = request.executable.descriptor.raw
                spawn.argv = arguments
                spawn.envp = environment
                spawn.stdin_fd = -1
                spawn.stdout_fd = request.stdout
                spawn.stderr_fd = request.stderr
                spawn.working_directory_fd = request.workingDirectory.raw
                spawn.keep_executable_open = request.executable.isScript ? 1 : 0
                spawn.death_signal = SIGKILL
                return pg_spawn(&spawn, &stage, &number)
            }
        }
        guard pid > 0 else {
            return .failure(SpawnFailure(step: String(cString: pg_spawn_stage_name(stage)), number: number))
        }
        let raw = pg_pidfd_open(pid)
        let failure = SpawnFailure(step: "watching the new process", number: errno)
        guard raw >= 0 else {
            kill(-pid, SIGKILL)
            var status: CInt = 0
            while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
            return .failure(failure)
        }
        return .success(ChildProcess(pid: pid, pidfd: OwnedDescriptor(raw)))
    }
}

/// Arrays of C strings that live as long as a call.
enum CStrings {
    static func with<Result>(_ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result) -> Result {
        let copies = strings.map { strdup($0) }
        defer { copies.forEach { free($0) } }
        let pointers = copies.map { $0.map { UnsafePointer($0) } } + [nil]
        return pointers.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("the list ends with nil, so it is never empty") }
            return body(base)
        }
    }
}
