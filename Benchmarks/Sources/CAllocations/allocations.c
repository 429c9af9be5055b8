#include "CAllocations.h"

#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

// The storage is part of the executable's own, which the loader makes with the thread: reaching it allocates nothing.
static __thread bool counting;
static __thread allocation_counts counts;

static void took(void *block, size_t asked) {
    if (!counting || block == NULL) return;
    counts.allocations += 1;
    counts.bytes += (int64_t)asked;
    counts.remaining += (int64_t)malloc_usable_size(block);
    if (counts.remaining > counts.peak) counts.peak = counts.remaining;
}

void allocations_start(void) {
    counts = (allocation_counts){0};
    counting = true;
}

allocation_counts allocations_stop(void) {
    counting = false;
    return counts;
}

void allocations_give_back(void) { malloc_trim(0); }

void allocations_keep(const void *address) { __asm__ volatile("" : : "r"(address) : "memory"); }

void *malloc(size_t size) {
    void *block = __libc_malloc(size);
    took(block, size);
    return block;
}

void *calloc(size_t count, size_t size) {
    void *block = __libc_calloc(count, size);
    took(block, count * size);
    return block;
}

void free(void *block) {
    if (counting && block != NULL) counts.remaining -= (int64_t)malloc_usable_size(block);
    __libc_free(block);
}

// Whether the GNU C library gave the block pages of its own: a flag in the word before it. Such blocks grow by remapping, without a copy.
static bool has_own_pages(void *block) { return (((size_t *)block)[-1] & 2) != 0; }

void *realloc(void *old, size_t size) {
    if (old == NULL) return malloc(size);
    if (size == 0) {
        free(old);
        return NULL;
    }
    if (!counting) return __libc_realloc(old, size);
    int64_t before = (int64_t)malloc_usable_size(old);
    bool remapped = has_own_pages(old);
    void *block = __libc_realloc(old, size);
    if (block == NULL) return NULL;
    if (block == old || (remapped && has_own_pages(block))) {
        // Grown where it is: only what came to it counts.
        int64_t more = (int64_t)malloc_usable_size(block) - before;
        counts.bytes += more > 0 ? more : 0;
        counts.remaining += more;
        if (counts.remaining > counts.peak) counts.peak = counts.remaining;
    } else {
        took(block, size);
        counts.remaining -= before;
    }
    return block;
}

void *memalign(size_t alignment, size_t size) {
    void *block = __libc_memalign(alignment, size);
    took(block, size);
    return block;
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

void *valloc(size_t size) { return memalign((size_t)sysconf(_SC_PAGESIZE), size); }

int posix_memalign(void **place, size_t alignment, size_t size) {
    if (alignment % sizeof(void *) != 0 || alignment == 0 || (alignment & (alignment - 1)) != 0) return EINVAL;
    void *block = memalign(alignment, size);
    if (block == NULL) return ENOMEM;
    *place = block;
    return 0;
}
