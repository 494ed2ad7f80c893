#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client.h"

// Opens the device as tools do that leave the time of access as it is, and reads it for each line of the input.
int command_backup(const char *path) {
    int fd = open_device(path, O_RDONLY | O_NOATIME);
    say("ready");
    for (char line[16], bytes[65536]; fgets(line, sizeof line, stdin);) {
        ssize_t count = read(fd, bytes, sizeof bytes);
        uint32_t generation;
        if (count == (ssize_t)sizeof generation) {
            memcpy(&generation, bytes, sizeof generation);
            printf("generation %u\n", generation);
        } else {
            printf("%zd: %s\n", count, count < 0 ? strerror(errno) : "bytes");
        }
        fflush(stdout);
    }
    return 0;
}
