// The Linux calls that Swift cannot reach safely: process control by descriptor, path resolution without symbolic links, and a
// spawn that is correct in a process with many threads. Every function reports failure as -1 and errno unless it says otherwise.
#ifndef PLUGIN_GATEWAY_CLINUX_H
#define PLUGIN_GATEWAY_CLINUX_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Forbids core dumps and access through /proc and ptrace by processes of the same user (PR_SET_DUMPABLE 0).
int pg_disable_dump(void);

/// Whether this process may be dumped: 0 or 1 (2: readable by root alone).
int pg_is_dumpable(void);

/// Asks the kernel to send `signal` to this process when the *thread* that created it ends; 0 switches that off.
int pg_set_parent_death_signal(int signal);

/// Makes this process the reaper of its orphaned descendants (1) or not (0).
int pg_set_child_subreaper(int enable);

/// A close-on-exec descriptor that polls readable once process `pid` has ended.
int pg_pidfd_open(pid_t pid);

/// Sends `signal` to exactly the process behind `pidfd`, never to a later one with the same number. 0 only probes.
int pg_pidfd_send_signal(int pidfd, int signal);

/// Opens `path` beneath `dirfd` and nowhere else: no "..", no absolute path out of it, no symbolic link in any component
/// (ELOOP, EXDEV). `flags` as for open(2), O_CLOEXEC is added. Where there is no openat2 this is `pg_walk_beneath`.
int pg_openat2_beneath(int dirfd, const char *path, int flags);

/// The same, one component after the other. ".." is EXDEV wherever it stands.
int pg_walk_beneath(int dirfd, const char *path, int flags);

/// Whether `needle` lies anywhere in `bytes`: memmem(3), which Glibc's module hides. 0 or 1.
int pg_contains(const void *bytes, size_t count, const void *needle, size_t needle_count);

/// Blocks `signals` (`count` of them) in the calling thread and returns a non-blocking, close-on-exec descriptor that reads them.
/// To be called before any other thread exists.
int pg_signal_descriptor(const int *signals, int count);

/// Reads one pending signal from a descriptor of `pg_signal_descriptor`: its number, 0 when none is pending.
int pg_next_signal(int descriptor);

/// Who opened the other end of a connected unix socket (SO_PEERCRED), as of the time it connected.
struct pg_peer {
    pid_t pid;
    uid_t uid;
    gid_t gid;
};
int pg_peer_credentials(int socket, struct pg_peer *peer);

/// A non-blocking, close-on-exec stream socket connected to the unix socket at `path`. EAGAIN when its backlog is full,
/// ENAMETOOLONG when `path` does not fit an address.
int pg_connect_unix(const char *path);

/// A pipe, both ends close-on-exec: `ends[0]` is read, `ends[1]` written.
int pg_pipe(int ends[2]);

/// The environment of this process, ended by NULL. It must not be changed while somebody reads it.
const char *const *pg_environment(void);

/// The step at which `pg_spawn` failed.
enum pg_spawn_stage {
    pg_stage_none = 0,
    pg_stage_prepare,      ///< in the parent: memory or arguments
    pg_stage_clone,        ///< creating the process
    pg_stage_signals,      ///< resetting signal handlers or the mask
    pg_stage_group,        ///< its own process group
    pg_stage_death_signal, ///< the parent-death signal, or the parent was gone already (ESRCH)
    pg_stage_directory,    ///< fchdir
    pg_stage_descriptors,  ///< standard streams, closing everything else
    pg_stage_exec,         ///< execveat
};

struct pg_spawn {
    /// The checked, opened executable: exactly this file is run.
    int executable_fd;
    const char *const *argv;
    const char *const *envp;
    /// The standard streams of the child; -1 stands for /dev/null.
    int stdin_fd, stdout_fd, stderr_fd;
    /// The directory to start in; -1 keeps the parent's.
    int working_directory_fd;
    /// Non-zero leaves the executable open in the child as descriptor 3. A script needs that: its interpreter reads /dev/fd/3.
    int keep_executable_open;
    /// Sent to the child when the spawning *thread* ends, so that thread must live as long as the child may; 0 for none.
    int death_signal;
};

/// Starts a process: in its own process group, default signal handlers, empty signal mask, standard streams as told, every other
/// descriptor closed. Returns when the child runs the executable or has failed to; then -1, with the step and errno in
/// `error_stage` and `error_errno` (both may be NULL), and nothing is left to wait for.
///
/// Safe with other threads: the child borrows this process's memory (as posix_spawn does) and makes only async-signal-safe calls.
/// The caller reaps the child.
pid_t pg_spawn(const struct pg_spawn *spawn, int *error_stage, int *error_errno);

/// A word for a step, for messages.
const char *pg_spawn_stage_name(int stage);

/// Closes every descriptor from `first` on. `without_close_range` takes the way of kernels before 5.9; tests use it.
int pg_close_from(int first, int without_close_range);

#ifdef __cplusplus
}
#endif
#endif
