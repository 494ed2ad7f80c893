// Calls every function of sysgenid.h, for the end-to-end tests. It is compiled as C and as C++.
//
// Says what it sees, one word or number a line; ends with 0, or with the error number of the call that failed.

#include <sysgenid.h>

#include <stdlib.h>
#include <sys/wait.h>

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

// Says for each line that it is sent what has happened since the mark before, of a probe that looks at a clock as well: the
// device of the kernel at the path, or a file that plays one.
static int command_mark(const char *path, const char *runtime_dir, const char *clock, int is_played) {
    struct sysgenid_probe probe;
    if (sysgenid_probe_open(&probe, path, runtime_dir) != 0)
        return failed("open");
    int fd = is_played ? open(clock, O_RDONLY | O_CLOEXEC) : -1;
    if ((is_played ? sysgenid_map_clock(&probe, fd) : sysgenid_probe_add_clock(&probe, clock)) != 0) {
        // The probe is as good as before.
        struct sysgenid_mark mark = sysgenid_probe_mark(&probe);
        int error = failed("clock");
        return sysgenid_mark_is_same(sysgenid_probe_mark(&probe), mark) ? error : EXIT_FAILURE;
    }
    struct sysgenid_mark before = sysgenid_probe_mark(&probe);
    puts("ready");
    fflush(stdout);
    while (getchar() != EOF) {
        struct sysgenid_mark now = sysgenid_probe_mark(&probe);
        int awaits = sysgenid_mark_awaits_generation(now, before);
        puts(sysgenid_mark_is_same(now, before) ? "same" : awaits ? "awaits the generation" : "changed");
        fflush(stdout);
        before = now;
    }
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

// What a process is told to do with its watch; -1 at the end.
static int obey(struct sysgenid_watch *watch, int number, const char *word) {
    static uint32_t generation;
    int answer = -1;
    errno = 0;
    if (strcmp(word, "wait") == 0)
        answer = sysgenid_watch_wait(watch, &generation, 0);
    else if (strcmp(word, "acknowledge") == 0)
        answer = sysgenid_watch_acknowledge(watch, generation);
    else if (strcmp(word, "reconnect") == 0)
        answer = sysgenid_watch_reconnect(watch, watch->runtime_dir, &generation);
    else if (strcmp(word, "drop") == 0)
        answer = setgid(65534) == 0 && setuid(65534) == 0 ? 0 : -1;
    else if (strcmp(word, "close") == 0)
        sysgenid_watch_close(watch), answer = 0;
    else if (strcmp(word, "end") == 0)
        return -1;
    if (answer < 0)
        printf("%d: %s: %s\n", number, word, strerror(errno));
    else
        printf("%d: %s: %d, generation %lu\n", number, word, answer, (unsigned long)generation);
    fflush(stdout);
    return 0;
}

// Has workers, each of them a fork, and one watch that was opened before. A line of the input is a number and a word: 0 is
// this process, which makes the next worker at "fork", 1 the first worker.
static int command_workers(const char *path, int flags, const char *runtime_dir) {
    struct sysgenid_watch watch;
    int pipes[8], count = 0, number;
    char word[32];
    if (sysgenid_watch_open(&watch, path, flags) != 0)
        return failed("open");
    watch.runtime_dir = runtime_dir;
    puts("ready");
    fflush(stdout);
    while (scanf("%d %31s", &number, word) == 2) {
        if (number > 0 && number <= count) {
            if (write(pipes[number - 1], word, sizeof word) != (ssize_t)sizeof word)
                return failed("write");
        } else if (strcmp(word, "fork") != 0) {
            if (obey(&watch, 0, word) < 0)
                break;
        } else if (count < 8) {
            int ends[2];
            if (pipe(ends) != 0)
                return failed("pipe");
            number = count + 1;
            pid_t process = fork();
            if (process < 0)
                return failed("fork");
            if (process == 0) {
                close(ends[1]);
                while (count > 0)
                    close(pipes[--count]);
                while (read(ends[0], word, sizeof word) == (ssize_t)sizeof word && obey(&watch, number, word) == 0)
                    ;
                _exit(0);
            }
            close(ends[0]);
            pipes[count++] = ends[1];
            printf("0: fork: %d\n", number);
            fflush(stdout);
        }
    }
    while (count > 0)
        close(pipes[--count]);
    while (wait(NULL) > 0)
        ;
    return 0;
}

static int command_trigger(const char *path, uint32_t minimum) {
    uint32_t generation;
    if (sysgenid_trigger(path, minimum, &generation) != 0)
        return failed("trigger");
    say((long)generation);
    return 0;
}

// Makes or removes the device of a container, and says its path.
static int command_container(const char *action, const char *devices_dir, const char *name) {
    char path[4096];
    if (sysgenid_container_path(path, sizeof path, devices_dir, name) != 0)
        return failed("path");
    puts(path);
    if (strcmp(action, "remove") == 0)
        return sysgenid_container_remove(devices_dir, name) == 0 ? 0 : failed("remove");
    uint32_t minimum = (uint32_t)strtoul(action, NULL, 10);
    return sysgenid_container_make(devices_dir, name, 1234, (gid_t)-1, minimum) == 0 ? 0 : failed("make");
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
    if ((strcmp(command, "mark") == 0 || strcmp(command, "mark-played") == 0) && argc > 4)
        return command_mark(path, argv[3], argv[4], strcmp(command, "mark-played") == 0);
    if (strcmp(command, "watch") == 0)
        return command_watch(path, number, argc > 4 ? atoi(argv[4]) : 1);
    if (strcmp(command, "follow") == 0)
        return command_follow(path, number, argv[4]);
    if (strcmp(command, "workers") == 0)
        return command_workers(path, number, argv[4]);
    if (strcmp(command, "trigger") == 0)
        return command_trigger(path, (uint32_t)number);
    if (strcmp(command, "container") == 0)
        return command_container(argv[3], path, argv[4]);
    if (strcmp(command, "wait") == 0)
        return sysgenid_wait_watchers(path, (unsigned)number) == 0 ? 0 : failed("wait");
    return EXIT_FAILURE;
}
