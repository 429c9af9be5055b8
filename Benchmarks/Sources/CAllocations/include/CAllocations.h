// Counts what a program allocates: malloc and its family are defined here, on top of those of the GNU C library, and every library of the
// process uses these. Counting is off until it is started, and counts the calling thread only.

#ifndef C_ALLOCATIONS_H
#define C_ALLOCATIONS_H

#include <stdint.h>

typedef struct {
    // Blocks asked for; a block that had to move to grow is one more.
    int64_t allocations;
    // Bytes asked for, over all of them.
    int64_t bytes;
    // The most bytes that were alive at a time beyond those at the start, as the allocator sizes blocks.
    int64_t peak;
    // Bytes alive at the end beyond those at the start; negative when more was given back.
    int64_t remaining;
} allocation_counts;

// Starts counting on this thread, from zero.
void allocations_start(void);

// Stops counting on this thread.
allocation_counts allocations_stop(void);

// Gives all free memory of the allocator back to the system: what is allocated next meets new pages.
void allocations_give_back(void);

// Keeps the optimiser from removing the work that made what is at the address.
void allocations_keep(const void *address);

#endif
