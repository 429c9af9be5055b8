internal import Glibc
internal import Synchronization

/// What the warden needs to start a process. Holds the environment, so its description says nothing of it.
struct SpawnRequest: Sendable, CustomStringConvertible, CustomReflectable {
    var executable: PluginExecutable
    /// With the program's name as the first.
    var arguments: [String]
    var environment: [(String, String)]
    var workingDirectory: OwnedDescriptor
    /// The ends that the child gets; the caller closes its copies.
    var stdout: CInt
    var stderr: CInt

    var description: String { "SpawnRequest(\(executable.path))" }
    var customMirror: Mirror { Mirror(self, children: ["executable": executable.path]) }
}

/// A process could not be started: the step at which it failed, and the error number.
struct SpawnFailure: Error, Sendable, Equatable {
    var step: String
    var number: Int32
}

/// A process of ours until the warden has reaped it, with the group of which it is the leader.
final class ChildProcess: Sendable {
    let pid: pid_t
    let pidfd: OwnedDescriptor
    private let reaped = Mutex(false)

    init(pid: pid_t, pidfd: OwnedDescriptor) {
        self.pid = pid
        self.pidfd = pidfd
    }

    /// Sends `signal` to the whole group. Does nothing once the process is reaped: until then its number, which is also the
    /// group's, cannot belong to anybody else.
    func signalGroup(_ signal: CInt) {
        reaped.withLock { reaped in
            if !reaped { kill(-pid, signal) }
        }
    }

    var isReaped: Bool { reaped.withLock { $0 } }

    /// Reaps the process, which has ended, after killing what is left of its group; only the warden calls this. Nil when it has
    /// not ended after all.
    func reap() -> ExitStatus? {
        reaped.withLock { reaped in
            guard !reaped else { return ExitStatus.unknown }
            kill(-pid, SIGKILL)
            var info = siginfo_t()
            while true {
                // Of this pid alone: other children of the process are other people's.
                if waitid(P_PID, id_t(pid), &info, WEXITED | WNOHANG) == 0 {
                    guard info._sifields._sigchld.si_pid == pid else { return nil }
                    reaped = true
                    return ExitStatus(code: info.si_code, status: info._sifields._sigchld.si_status)
                }
                guard errno == EINTR else {
                    reaped = true
                    return .unknown
                }
            }
        }
    }
}
