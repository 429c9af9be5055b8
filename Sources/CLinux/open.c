#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_openat2
#define SYS_openat2 437
#endif

// Of linux/openat2.h, which older headers lack.
struct how {
    uint64_t flags;
    uint64_t mode;
    uint64_t resolve;
};
enum {
    resolve_no_magiclinks = 0x02,
    resolve_no_symlinks = 0x04,
    resolve_beneath = 0x08,
};

int pg_openat2_beneath(int dirfd, const char *path, int flags) {
    struct how how;
    memset(&how, 0, sizeof how);
    how.flags = (uint64_t)(unsigned)flags | O_CLOEXEC;
    how.resolve = resolve_beneath | resolve_no_symlinks | resolve_no_magiclinks;

    // EAGAIN: a rename somewhere kept the kernel from proving that the walk stayed beneath. It is worth a few more tries.
    for (int attempt = 0; attempt < 16; attempt++) {
        int fd = (int)syscall(SYS_openat2, dirfd, path, &how, sizeof how);
        // systemd's RestrictSUIDSGID= takes openat2 away as an older kernel would: its filter cannot look into the structure.
        if (fd < 0 && errno == ENOSYS) return pg_walk_beneath(dirfd, path, flags);
        if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) return fd;
    }
    errno = EAGAIN;
    return -1;
}

int pg_contains(const void *bytes, size_t count, const void *needle, size_t needle_count) {
    return memmem(bytes, count, needle, needle_count) != NULL;
}
