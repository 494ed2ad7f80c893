// Calls every function of sysgenid.h, for the end-to-end tests. It is compiled as C and as C++.
//
// Says what it sees, one word or number a line; ends with 0, or with the error number of the call that failed.

#include <sysgenid.h>

#include <stdlib.h>

static void say(long number) {
    printf("%ld\n", number);
    fflush(stdout);
}

static int failed(const char *call) {
    int error = errno;
    printf("%s: %s\n", call, strerror(error));
    return error;
}

static int command_offset(const char *runtime_dir) {
    int offset = sysgenid_page_offset(runtime_dir);
    if (offset < 0)
        return failed("offset");
    say(offset);
    return 0;
}

// Loads the generation for each line that it is sent.
static int command_probe(const char *path, const char *runtime_dir) {
    struct sysgenid_probe probe;
    if (sysgenid_probe_open(&probe, path, runtime_dir) != 0)
        return failed("open");
    do
        say((long)sysgenid_probe_load(&probe));
    while (getchar() != EOF);
    sysgenid_probe_close(&probe);
    return 0;
}

// Follows so many changes. Each is acknowledged when a line has come.
static int command_watch(const char *path, int flags, int count) {
    struct sysgenid_watch watch;
    uint32_t generation;
    if (sysgenid_watch_open(&watch, path, flags) != 0)
        return failed("open");
    if (sysgenid_watch_wait(&watch, &generation, 0) != 0)
        return failed("an up-to-date watch");
    puts("ready");
    fflush(stdout);
    while (count > 0) {
        if (sysgenid_watch_wait(&watch, &generation, -1) != 1)
            return failed("wait");
        say((long)generation);
        getchar();
        int answer = sysgenid_watch_acknowledge(&watch, generation);
        if (answer < 0)
            return failed("acknowledge");
        printf("acknowledged: %d\n", answer);
        fflush(stdout);
        count -= answer;
    }
    sysgenid_watch_close(&watch);
    return 0;
}

// Follows the changes for ever, whichever daemon serves the device, and acknowledges each at once.
static int command_follow(const char *path, int flags, const char *runtime_dir) {
    struct sysgenid_watch watch;
    uint32_t generation = 0;
    if (sysgenid_watch_open(&watch, path, flags) != 0)
        return failed("open");
    puts("ready");
    fflush(stdout);
    for (;;) {
        int is_change = sysgenid_watch_wait(&watch, &generation, -1);
        if (is_change < 0 && errno == ENOTCONN) {
            puts("gone");
            fflush(stdout);
            while ((is_change = sysgenid_watch_reconnect(&watch, runtime_dir, &generation)) < 0) {
                if (errno != ENOENT && errno != ENOTTY && errno != EACCES && errno != ENOTCONN)
                    return failed("reconnect");
                poll(NULL, 0, 20);
            }
            puts(is_change ? "changed" : "unchanged");
            fflush(stdout);
        }
        if (is_change < 0)
            return failed("wait");
        if (is_change) {
            say((long)generation);
            if (sysgenid_watch_acknowledge(&watch, generation) < 0)
                return failed("acknowledge");
        }
    }
}

static int command_trigger(const char *path, uint32_t minimum) {
    uint32_t generation;
    if (sysgenid_trigger(path, minimum, &generation) != 0)
        return failed("trigger");
    say((long)generation);
    return 0;
}

int main(int argc, char **argv) {
    if (argc < 3)
        return EXIT_FAILURE;
    const char *command = argv[1], *path = argv[2];
    int number = argc > 3 ? atoi(argv[3]) : 0;
    if (strcmp(command, "offset") == 0)
        return command_offset(path);
    if (strcmp(command, "probe") == 0)
        return command_probe(path, argv[3]);
    if (strcmp(command, "watch") == 0)
        return command_watch(path, number, argc > 4 ? atoi(argv[4]) : 1);
    if (strcmp(command, "follow") == 0)
        return command_follow(path, number, argv[4]);
    if (strcmp(command, "trigger") == 0)
        return command_trigger(path, (uint32_t)number);
    if (strcmp(command, "wait") == 0)
        return sysgenid_wait_watchers(path, (unsigned)number) == 0 ? 0 : failed("wait");
    return EXIT_FAILURE;
}
