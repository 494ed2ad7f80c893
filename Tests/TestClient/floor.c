// The least that a program can do between a resume and a changed word: it waits for the kernel's line and stores. It has next
// to no code, so what it takes is the kernel's, and what an emulator takes for it.

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "client.h"

// Adds one to the first word of the file for each time that the kernel logs a resume.
int command_floor(const char *path) {
    int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
    if (log < 0 || lseek(log, 0, SEEK_END) < 0)
        return failed("open of /dev/kmsg");
    volatile uint32_t *word = mmap(NULL, sizeof *word, PROT_READ | PROT_WRITE, MAP_SHARED, open_device(path, O_RDWR), 0);
    if (word == MAP_FAILED || mlockall(MCL_CURRENT) != 0)
        return failed("mmap");
    say("ready");
    for (struct pollfd entry = {.fd = log, .events = POLLIN};;) {
        char record[8192];
        poll(&entry, 1, -1);
        ssize_t length = read(log, record, sizeof record - 1);
        record[length < 0 ? 0 : length] = 0;
        if (strstr(record, ";random: crng reseeded due to virtual machine fork\n"))
            ++*word;
    }
}
