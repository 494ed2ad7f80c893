// Makes, changes and looks at the files of a folder as it is told, line by line.

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "client.h"
#include "linux/sysgenid.h"

static const char minimum[] = "user.sysgenid.minimum";

// A word of the line, in which %HH is the byte of that number.
static char *next_word(char **line) {
    char *word = strsep(line, " "), *end = word;
    for (const char *from = word; from && *from; from++) {
        char byte = *from;
        if (byte == '%') {
            char digits[3] = "";
            byte = (char)strtoul(strncpy(digits, from + 1, 2), NULL, 16);
            from += strlen(digits);
        }
        *end++ = byte;
    }
    if (end)
        *end = 0;
    return word;
}

static int list(const char *path) {
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);
    if (count < 0)
        return -1;
    printf("[");
    for (int index = 0, is_first = 1; index < count; index++) {
        const char *name = entries[index]->d_name;
        if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0) {
            printf("%s%s", is_first ? "" : " ", name);
            is_first = 0;
        }
        free(entries[index]);
    }
    free(entries);
    return 0;
}

static int describe(const char *path) {
    struct stat status;
    if (stat(path, &status) != 0)
        return -1;
    printf("%o %u %u", status.st_mode, status.st_uid, status.st_gid);
    return 0;
}

static int show_minimum(const char *path) {
    char value[64];
    ssize_t length = getxattr(path, minimum, value, sizeof value);
    if (length < 0)
        return -1;
    printf("=%.*s", (int)length, value);
    return 0;
}

static int create(const char *path) {
    int fd = open(path, O_CREAT | O_EXCL | O_RDWR, 0644);
    if (fd >= 0)
        close(fd);
    return fd < 0 ? -1 : 0;
}

// Asks a directory for what only a device can do.
static int trigger(const char *path) {
    int fd = open(path, O_RDONLY | O_DIRECTORY);
    if (fd < 0)
        return -1;
    int result = ioctl(fd, SYSGENID_TRIGGER_GEN_UPDATE, 0), error = errno;
    close(fd);
    errno = error;
    return result;
}

// Opens the device of a directory and looks at it without blocking. One that is taken away meanwhile is no failure.
static int use(const char *path) {
    char device[8192];
    uint32_t generation;
    snprintf(device, sizeof device, "%s/sysgenid", path);
    int fd = open(device, O_RDWR | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? 0 : -1;
    ssize_t got = read(fd, &generation, sizeof generation);
    int result = got == sizeof generation || (got < 0 && errno == EAGAIN) ? 0 : -1;
    close(fd);
    return result;
}

// Makes directories, looks at their devices and removes them, as often as it is told, by ten names that others may use,
// too. Says how many it made and removed, and how often something failed.
static void churn(const char *path, int rounds) {
    int made = 0, removed = 0, failures = 0;
    for (int round = 0; round < rounds; round++) {
        char name[8192];
        snprintf(name, sizeof name, "%s-%d", path, round % 10);
        if (mkdir(name, 0755) == 0)
            made++;
        else if (errno != EEXIST)
            failures += failed("mkdir") != 0;
        if (use(name) != 0)
            failures += failed("open or read") != 0;
        if (rmdir(name) == 0)
            removed++;
        else if (errno != ENOENT)
            failures += failed("rmdir") != 0;
    }
    printf("%d made, %d removed, %d failures\n", made, removed, failures);
    fflush(stdout);
}

static int change(const char *verb, const char *path, const char *second, const char *third, const char *other) {
    if (strcmp(verb, "mkdir") == 0)
        return mkdir(path, 0755);
    if (strcmp(verb, "rmdir") == 0)
        return rmdir(path);
    if (strcmp(verb, "unlink") == 0)
        return unlink(path);
    if (strcmp(verb, "create") == 0)
        return create(path);
    if (strcmp(verb, "mknod") == 0)
        return mknod(path, S_IFREG | 0644, 0);
    if (strcmp(verb, "trigger") == 0)
        return trigger(path);
    if (strcmp(verb, "symlink") == 0)
        return symlink("sysgenid", path);
    if (strcmp(verb, "link") == 0)
        return link(path, other);
    if (strcmp(verb, "rename") == 0)
        return rename(path, other);
    if (strcmp(verb, "chmod") == 0)
        return chmod(path, (mode_t)strtoul(second, NULL, 8));
    if (strcmp(verb, "chown") == 0)
        return chown(path, (uid_t)atoi(second), (gid_t)atoi(third));
    if (strcmp(verb, "minimum") == 0)
        return setxattr(path, minimum, second, strlen(second), 0);
    errno = EINVAL;
    return -1;
}

// Obeys: a verb, a path below the folder, and what the verb needs besides. Answers 0 or the name of the error, or what it
// was asked to look at.
int command_tree(const char *folder) {
    say("ready");
    char line[8192], path[8192], other[8192];
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        char *rest = line, *verb = next_word(&rest), *name = next_word(&rest);
        char *second = next_word(&rest), *third = next_word(&rest);
        snprintf(path, sizeof path, "%s/%s", folder, name ? name : "");
        snprintf(other, sizeof other, "%s/%s", folder, second ? second : "");
        int is_look = 1, result;
        if (strcmp(verb, "churn") == 0 && second) {
            churn(path, atoi(second));
            continue;
        }
        if (strcmp(verb, "list") == 0)
            result = list(path);
        else if (strcmp(verb, "stat") == 0)
            result = describe(path);
        else if (strcmp(verb, "show-minimum") == 0)
            result = show_minimum(path);
        else {
            is_look = 0;
            result = change(verb, path, second ? second : "", third ? third : "", other);
        }
        if (is_look && result == 0)
            say("");
        else
            print_answer(result);
    }
    return 0;
}
