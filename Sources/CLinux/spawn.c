#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    stack_bytes = 64 * 1024,
    guard_bytes = 64 * 1024,  // a multiple of every page size in use
    kernel_mask_bytes = 8,    // the kernel's signal set: 64 signals
    executable_target = 3,
};

// What the child reads and where it leaves its error. Parent and child share memory until the exec and the parent's thread
// sleeps for that long (CLONE_VM, CLONE_VFORK), so a plain variable carries the error back.
struct child {
    const struct pg_spawn *spawn;
    pid_t parent;
    int stage;
    int error;
};

// glibc's sigprocmask leaves out the two signals it keeps for itself; here they must wait as well.
static int set_mask(const void *mask, void *previous) {
    return (int)syscall(SYS_rt_sigprocmask, SIG_SETMASK, mask, previous, kernel_mask_bytes);
}

// The same holds for its sigaction, so the kernel is asked. SIG_DFL without flags and mask is all zeros, in a structure that is
// smaller than this on every architecture.
static int reset_handlers(void) {
    static const unsigned char standard[64];
    for (int signal = 1; signal <= 64; signal++) {
        if (signal == SIGKILL || signal == SIGSTOP) continue;
        if (syscall(SYS_rt_sigaction, signal, standard, NULL, kernel_mask_bytes) != 0) return -1;
    }
    return 0;
}

// Moves the streams and the executable to 0–3, whatever numbers they had: first all out of the way, then into place.
static int arrange_descriptors(const struct pg_spawn *spawn) {
    const int wanted[4] = {spawn->stdin_fd, spawn->stdout_fd, spawn->stderr_fd, spawn->executable_fd};
    int aside[4];
    for (int i = 0; i < 4; i++) {
        if (wanted[i] >= 0) {
            aside[i] = fcntl(wanted[i], F_DUPFD_CLOEXEC, executable_target + 1);
        } else {
            int null = open("/dev/null", O_RDWR | O_CLOEXEC);
            aside[i] = null < 0 ? -1 : fcntl(null, F_DUPFD_CLOEXEC, executable_target + 1);
        }
        if (aside[i] < 0) return -1;
    }
    for (int i = 0; i < 3; i++) {
        if (dup2(aside[i], i) < 0) return -1;
    }
    if (dup3(aside[3], executable_target, spawn->keep_executable_open ? 0 : O_CLOEXEC) < 0) return -1;
    return pg_close_from(executable_target + 1, 0);
}

static int run_child(void *argument) {
    struct child *child = argument;
    const struct pg_spawn *spawn = child->spawn;
    static const unsigned char empty_mask[kernel_mask_bytes];

    child->stage = pg_stage_signals;
    // Handlers first: with them still set, an unblocked signal would run the parent's code on the parent's memory.
    if (reset_handlers() != 0) goto failed;

    child->stage = pg_stage_group;
    if (setpgid(0, 0) != 0) goto failed;

    child->stage = pg_stage_death_signal;
    if (spawn->death_signal != 0) {
        if (prctl(PR_SET_PDEATHSIG, (unsigned long)spawn->death_signal, 0, 0, 0) != 0) goto failed;
        // A parent that died before the call above never sends the signal.
        if (getppid() != child->parent) {
            errno = ESRCH;
            goto failed;
        }
    }

    child->stage = pg_stage_directory;
    if (spawn->working_directory_fd >= 0 && fchdir(spawn->working_directory_fd) != 0) goto failed;

    child->stage = pg_stage_descriptors;
    if (arrange_descriptors(spawn) != 0) goto failed;

    child->stage = pg_stage_signals;
    if (set_mask(empty_mask, NULL) != 0) goto failed;

    child->stage = pg_stage_exec;
    syscall(SYS_execveat, executable_target, "", spawn->argv, spawn->envp, AT_EMPTY_PATH);

failed:
    child->error = errno != 0 ? errno : EINVAL;
    _exit(127);
}

static pid_t fail(int stage, int error, int *error_stage, int *error_errno) {
    if (error_stage != NULL) *error_stage = stage;
    if (error_errno != NULL) *error_errno = error;
    errno = error;
    return -1;
}

pid_t pg_spawn(const struct pg_spawn *spawn, int *error_stage, int *error_errno) {
    if (spawn->executable_fd < 0 || spawn->argv == NULL || spawn->argv[0] == NULL || spawn->envp == NULL) {
        return fail(pg_stage_prepare, EINVAL, error_stage, error_errno);
    }
    char *memory = mmap(
        NULL, guard_bytes + stack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (memory == MAP_FAILED) return fail(pg_stage_prepare, errno, error_stage, error_errno);
    if (mprotect(memory, guard_bytes, PROT_NONE) != 0) {
        int reason = errno;
        munmap(memory, guard_bytes + stack_bytes);
        return fail(pg_stage_prepare, reason, error_stage, error_errno);
    }

    struct child child = {.spawn = spawn, .parent = getpid(), .stage = pg_stage_none, .error = 0};
    unsigned char all[kernel_mask_bytes], previous[kernel_mask_bytes];
    memset(all, 0xff, sizeof all);
    // No handler of this process may run in the child, and none in this thread while the child uses its thread-local storage.
    set_mask(all, previous);
    // The child's stack grows downwards from the end on every architecture Swift runs on.
    pid_t pid = clone(run_child, memory + guard_bytes + stack_bytes, CLONE_VM | CLONE_VFORK | SIGCHLD, &child);
    int clone_error = errno;
    set_mask(previous, NULL);
    munmap(memory, guard_bytes + stack_bytes);

    if (pid < 0) return fail(pg_stage_clone, clone_error, error_stage, error_errno);
    // The compiler must not assume that nobody wrote to `child` meanwhile.
    int error = *(volatile int *)&child.error;
    if (error != 0) {
        int status;
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
        return fail(*(volatile int *)&child.stage, error, error_stage, error_errno);
    }
    if (error_stage != NULL) *error_stage = pg_stage_none;
    if (error_errno != NULL) *error_errno = 0;
    return pid;
}

const char *pg_spawn_stage_name(int stage) {
    switch (stage) {
    case pg_stage_prepare: return "preparing the start";
    case pg_stage_clone: return "creating the process";
    case pg_stage_signals: return "resetting its signals";
    case pg_stage_group: return "giving it a process group";
    case pg_stage_death_signal: return "tying its life to the gateway's";
    case pg_stage_directory: return "entering its working directory";
    case pg_stage_descriptors: return "arranging its standard streams";
    case pg_stage_exec: return "running the file";
    default: return "starting";
    }
}
