// An event loop with epoll(7), in which the device is one descriptor among others. Nothing here ever blocks but
// epoll_wait(2).
//
//     cc $(pkg-config --cflags sysgenid) -o event-loop event-loop.c
//     ./event-loop [DEVICE [RUNTIME-DIR]]        each line of the input is a piece of work

#include <sysgenid.h>

#include <stdlib.h>
#include <sys/epoll.h>

static uint32_t secret_generation; // stands for the secret, which a real program takes from getrandom(2)

static void renew_secret(uint32_t generation) {
    secret_generation = generation;
    printf("renewed the secret for generation %u\n", generation);
    fflush(stdout);
}

static int add(int epoll, int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static int serve_input(void) {
    char input[256];
    ssize_t count = read(STDIN_FILENO, input, sizeof input);
    for (ssize_t i = 0; i < count; i++)
        if (input[i] == '\n')
            printf("worked with the secret of generation %u\n", secret_generation);
    fflush(stdout);
    return count > 0;
}

int main(int argc, char **argv) {
    const char *device = argc > 1 ? argv[1] : NULL, *runtime_dir = argc > 2 ? argv[2] : NULL;
    struct sysgenid_watch watch;
    struct sysgenid_probe probe;
    int epoll = epoll_create1(EPOLL_CLOEXEC), is_connected = 1;
    if (sysgenid_watch_open(&watch, device, SYSGENID_TRACKED) != 0 ||
        sysgenid_probe_open(&probe, device, runtime_dir) != 0 || add(epoll, STDIN_FILENO) != 0 || add(epoll, watch.fd) != 0) {
        perror("the System Generation ID device");
        return EXIT_FAILURE;
    }
    renew_secret(sysgenid_probe_load(&probe));

    for (;;) {
        struct epoll_event event;
        // Without the device, look for it four times a second.
        int count = epoll_wait(epoll, &event, 1, is_connected ? -1 : 250);
        if (count > 0 && event.data.fd == STDIN_FILENO) {
            if (!serve_input())
                return EXIT_SUCCESS;
            continue;
        }
        uint32_t generation = secret_generation;
        int is_change = 0;
        if (is_connected) {
            is_change = sysgenid_watch_wait(&watch, &generation, 0);
            if (is_change < 0 && errno == ENOTCONN) {
                sysgenid_watch_close(&watch); // epoll forgets it with that
                is_connected = 0;
            }
        } else {
            is_change = sysgenid_watch_reconnect(&watch, runtime_dir, &generation);
            is_connected = is_change >= 0 && add(epoll, watch.fd) == 0;
        }
        if (is_change > 0) {
            renew_secret(generation);
            sysgenid_watch_acknowledge(&watch, generation);
        }
    }
}
