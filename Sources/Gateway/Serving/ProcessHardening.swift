internal import CLinux
internal import Glibc

/// What every process of ours does before it touches a secret.
package enum ProcessHardening {
    /// No core dump, no ptrace and no /proc/PID/mem for other processes of the same user; a peer that hangs up is an error code, not a signal.
    package static func apply() {
        _ = pg_disable_dump()
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        _ = setrlimit(__rlimit_resource_t(UInt32(RLIMIT_CORE.rawValue)), &none)
        signal(SIGPIPE, SIG_IGN)
    }
}
