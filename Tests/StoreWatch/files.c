#define _GNU_SOURCE
#include "files.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* Finds where the file is mapped. */
static int find_ranges(struct watched *watched, const struct stat *status)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    if (!maps)
        return -1;
    char line[512];
    watched->range_count = 0;
    while (fgets(line, sizeof line, maps) && watched->range_count < RANGES) {
        unsigned long start, end, inode;
        unsigned int high, low;
        char mode[8];
        if (sscanf(line, "%lx-%lx %7s %*x %x:%x %lu", &start, &end, mode, &high, &low, &inode) != 6)
            continue;
        if (inode == status->st_ino && makedev(high, low) == status->st_dev && mode[1] == 'w')
            watched->ranges[watched->range_count++] = (struct range){(char *)start, end - start};
    }
    fclose(maps);
    return 0;
}

int watched_open(struct watched *watched, int file)
{
    struct stat status;
    if (fstat(file, &status) != 0 || find_ranges(watched, &status) != 0)
        return -1;
    watched->size = (size_t)status.st_size;
    watched->current = mmap(NULL, watched->size, PROT_READ, MAP_SHARED, file, 0);
    watched->before = mmap(NULL, watched->size, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
    if (watched->current == MAP_FAILED || watched->before == MAP_FAILED)
        return -1;
    /* A private page that was not written to yet would show what is stored to the file. */
    for (size_t page = 0; page < watched->size; page += PAGE) {
        volatile char *byte = watched->before + page;
        *byte = *byte;
    }
    return 0;
}

void watched_close(struct watched *watched)
{
    munmap((void *)watched->current, watched->size);
    munmap(watched->before, watched->size);
}

void watched_protect(const struct watched *watched, int protection)
{
    for (int number = 0; number < watched->range_count; number++)
        mprotect(watched->ranges[number].start, watched->ranges[number].size, protection);
}

int watched_contains(const struct watched *watched, const char *address)
{
    for (int number = 0; number < watched->range_count; number++) {
        const struct range *range = &watched->ranges[number];
        if (address >= range->start && address < range->start + range->size)
            return 1;
    }
    return 0;
}

size_t watched_change(struct watched *watched, size_t *page, size_t *first)
{
    for (; *page < watched->size; *page += PAGE) {
        const char *current = watched->current + *page;
        char *before = watched->before + *page;
        if (memcmp(current, before, PAGE) == 0)
            continue;
        size_t start = 0, end = PAGE;
        while (current[start] == before[start])
            start++;
        while (current[end - 1] == before[end - 1])
            end--;
        memcpy(before + start, current + start, end - start);
        *first = *page + start;
        return end - start;
    }
    return 0;
}
