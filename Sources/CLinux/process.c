#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

// Numbers of calls that are the same on every architecture; older C libraries do not know them.
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

int pg_disable_dump(void) {
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int pg_is_dumpable(void) {
    return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
}

int pg_set_parent_death_signal(int signal) {
    return prctl(PR_SET_PDEATHSIG, (unsigned long)signal, 0, 0, 0);
}

int pg_set_child_subreaper(int enable) {
    return prctl(PR_SET_CHILD_SUBREAPER, (unsigned long)(enable != 0), 0, 0, 0);
}

int pg_pidfd_open(pid_t pid) {
    // The kernel makes every pidfd close-on-exec.
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

int pg_pidfd_send_signal(int pidfd, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

int pg_signal_descriptor(const int *signals, int count) {
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < count; i++) {
        if (sigaddset(&set, signals[i]) != 0) return -1;
    }
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) return -1;
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

int pg_next_signal(int descriptor) {
    struct signalfd_siginfo info;
    ssize_t n = read(descriptor, &info, sizeof info);
    if (n == (ssize_t)sizeof info) return (int)info.ssi_signo;
    return (n < 0 && errno != EAGAIN && errno != EINTR) ? -1 : 0;
}

int pg_pipe(int ends[2]) {
    return pipe2(ends, O_CLOEXEC);
}

const char *const *pg_environment(void) {
    return (const char *const *)environ;
}
