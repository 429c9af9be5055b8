#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

// What getdents64 fills in.
struct directory_entry {
    uint64_t inode;
    int64_t offset;
    unsigned short length;
    unsigned char type;
    char name[];
};

// The number a /proc entry is named by, -1 for "." and "..".
static int descriptor_number(const char *name) {
    int number = 0;
    if (*name == '\0') return -1;
    for (; *name != '\0'; name++) {
        if (*name < '0' || *name > '9') return -1;
        number = number * 10 + (*name - '0');
    }
    return number;
}

// opendir allocates, which a child that borrows its parent's memory must not: hence the raw call.
static int close_listed(int first) {
    // The thread's own table: not always the one of its process.
    int directory = open("/proc/thread-self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) return -1;
    _Alignas(struct directory_entry) char buffer[1024];
    int closed;
    do {
        // Closing while listing may hide entries, so the listing is repeated until it shows nothing more to close.
        closed = 0;
        if (lseek(directory, 0, SEEK_SET) != 0) break;
        long size;
        while ((size = syscall(SYS_getdents64, directory, buffer, sizeof buffer)) > 0) {
            for (long at = 0; at < size;) {
                const struct directory_entry *entry = (const struct directory_entry *)(buffer + at);
                int fd = descriptor_number(entry->name);
                if (fd >= first && fd != directory && close(fd) == 0) closed = 1;
                at += entry->length;
            }
        }
    } while (closed);
    // Also when it lies below `first`: it was not there before.
    close(directory);
    return 0;
}

int pg_close_from(int first, int without_close_range) {
    if (!without_close_range && syscall(SYS_close_range, (unsigned)first, UINT_MAX, 0) == 0) return 0;
    // ENOSYS on old kernels, EPERM under system call filters that do not know the call.
    if (close_listed(first) == 0) return 0;

    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -1;
    int end = limit.rlim_cur > 1048576 ? 1048576 : (int)limit.rlim_cur;
    for (int fd = first; fd < end; fd++) close(fd);
    return 0;
}
