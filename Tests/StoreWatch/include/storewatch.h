/*
 * Sees each store of this process to the mappings of some files, in their order, and the messages that have come over a
 * socket between two of them.
 *
 * The mappings are write-protected. A store faults; the page is opened for this one instruction, which is stepped over,
 * and what it has changed goes to the log. A string instruction is stepped over once for each of its moves. So nothing
 * of what is watched is written for it. It takes an x86-64 processor, and one thread that stores at a time: what another
 * one stores in the midst of a step is seen together with it.
 */
#ifndef STOREWATCH_H
#define STOREWATCH_H

#include <stddef.h>
#include <stdint.h>

enum storewatch_kind { STOREWATCH_STORE, STOREWATCH_MESSAGE };

/* One of the log, with its bytes behind it; the next one begins at a multiple of 8. */
struct storewatch_entry {
    uint32_t kind;
    /* Of a store: the number of the file among those that are watched. */
    uint32_t file;
    /* Of a store: from which to which byte it has changed something. */
    uint32_t offset;
    uint32_t length;
};

enum { STOREWATCH_FILES = 8 };

/* Whether it can be done on this processor, in this build. */
int storewatch_is_possible(void);

/*
 * Begins to watch all writable mappings that there are of the files, and the socket. One watch at a time.
 * Returns -1 with errno where it cannot.
 */
int storewatch_begin(const int *files, size_t count, int socket);

/* Takes to the log what has come over the socket since the last store. */
void storewatch_take_messages(void);

/* The log, which is empty from then on; valid until the next store. */
const void *storewatch_take_log(size_t *size);

void storewatch_end(void);

#endif
