#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Opens one name in `dirfd`, never through a symbolic link.
static int step(int dirfd, const char *name, int flags) {
    int fd = openat(dirfd, name, flags | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        // With O_DIRECTORY a link is ENOTDIR: say what it is.
        struct stat status;
        int error = errno;
        if (error == ENOTDIR && fstatat(dirfd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(status.st_mode)) error = ELOOP;
        errno = error;
        return -1;
    }
    // O_PATH opens the link itself.
    struct stat status;
    if ((flags & O_PATH) && fstat(fd, &status) == 0 && S_ISLNK(status.st_mode)) {
        close(fd);
        errno = ELOOP;
        return -1;
    }
    return fd;
}

int pg_walk_beneath(int dirfd, const char *path, int flags) {
    if (path[0] == '/') {
        errno = EXDEV;
        return -1;
    }
    if (path[0] == '\0') {
        errno = ENOENT;
        return -1;
    }
    int here = dirfd;
    for (;;) {
        size_t length = strcspn(path, "/");
        char name[NAME_MAX + 1];
        int error = 0;
        if (length > NAME_MAX) {
            error = ENAMETOOLONG;
        } else {
            memcpy(name, path, length);
            name[length] = '\0';
            // Every step goes down: a walk that cannot go up stays beneath, whatever is renamed meanwhile.
            if (strcmp(name, "..") == 0) error = EXDEV;
            if (length == 0) memcpy(name, ".", sizeof ".");
        }
        path += length;
        int last = *path == '\0';
        int next = -1;
        if (error == 0) {
            next = step(here, name, last ? flags : O_PATH | O_DIRECTORY);
            error = next < 0 ? errno : 0;
        }
        if (here != dirfd) close(here);
        if (error != 0) {
            errno = error;
            return -1;
        }
        if (last) return next;
        here = next;
        path += 1;
    }
}
