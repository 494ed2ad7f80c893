#ifndef STOREWATCH_FILES_H
#define STOREWATCH_FILES_H

#include <stddef.h>

enum { RANGES = 4, PAGE = 4096 };

struct range {
    char *start;
    size_t size;
};

/* A file in memory, and where the process has mapped it to write to it. */
struct watched {
    struct range ranges[RANGES];
    int range_count;
    size_t size;
    /* The file, by a mapping of its own, and what it held after the last store. */
    const char *current;
    char *before;
};

/* -1 with errno where it cannot be mapped. */
int watched_open(struct watched *watched, int file);
void watched_close(struct watched *watched);
void watched_protect(const struct watched *watched, int protection);
int watched_contains(const struct watched *watched, const char *address);

/*
 * Finds what the file holds now and did not before, from the page at `*page` on, and takes it over.
 * Returns how many bytes that are, from `*first` on; 0 where there is nothing more.
 */
size_t watched_change(struct watched *watched, size_t *page, size_t *first);

#endif
