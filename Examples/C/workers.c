// A server whose workers are forks of one process: what must be unique is copied with the memory, so that each of them
// renews for itself, and overseers wait for all.
//
//     cc $(pkg-config --cflags sysgenid) -o workers workers.c
//     ./workers [DEVICE [RUNTIME-DIR]]          each line of the input is a piece of work, for one worker after the other

#include <sysgenid.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

enum { WORKERS = 2 };

// Looks for a change, and renews the secret then. A real program takes it from getrandom(2).
static void look(int worker, struct sysgenid_watch *watch, uint32_t *generation) {
    int is_change;
    struct timespec while_waiting = {0, 250 * 1000 * 1000};
    do {
        is_change = sysgenid_watch_wait(watch, generation, 0);
        // The daemon was replaced: looks for the next one.
        while (is_change < 0 && errno != EINTR) {
            is_change = sysgenid_watch_reconnect(watch, watch->runtime_dir, generation);
            if (is_change < 0)
                nanosleep(&while_waiting, NULL);
        }
        if (is_change > 0) {
            printf("worker %d: renewed the secret for generation %u\n", worker, *generation);
            fflush(stdout);
            is_change = sysgenid_watch_acknowledge(watch, *generation) == 1 ? 0 : -1;
        }
    } while (is_change < 0);
}

static void work(int worker, struct sysgenid_watch *watch, int input) {
    uint32_t generation = 0;
    char piece;
    do {
        // At first this is a change in any case, and gives the worker a descriptor of its own.
        look(worker, watch, &generation);
        struct pollfd entries[] = {{watch->fd, POLLIN, 0}, {input, POLLIN, 0}};
        if (poll(entries, 2, -1) < 0 || !entries[1].revents)
            continue;
        if (read(input, &piece, 1) != 1)
            return;
        look(worker, watch, &generation);
        printf("worker %d: worked with the secret of generation %u\n", worker, generation);
        fflush(stdout);
    } while (1);
}

int main(int argc, char **argv) {
    struct sysgenid_watch watch;
    int inputs[WORKERS][2];
    // Before the forks, so that a change is waited for that comes before a worker looks for the first time.
    if (sysgenid_watch_open(&watch, argc > 1 ? argv[1] : NULL, SYSGENID_TRACKED) != 0) {
        perror("the System Generation ID device");
        return EXIT_FAILURE;
    }
    watch.runtime_dir = argc > 2 ? argv[2] : NULL;
    for (int i = 0; i < WORKERS; i++) {
        pid_t process = pipe(inputs[i]) == 0 ? fork() : -1;
        if (process < 0)
            return EXIT_FAILURE;
        if (process == 0) {
            // A worker whose server is killed ends, too, also where it waits for the next daemon.
            prctl(PR_SET_PDEATHSIG, SIGTERM);
            for (int other = 0; other <= i; other++)
                close(inputs[other][1]);
            work(i + 1, &watch, inputs[i][0]);
            return EXIT_SUCCESS;
        }
    }
    // This process has nothing to renew. Nobody is to wait for it.
    sysgenid_watch_close(&watch);

    for (int c, next = 0; (c = getchar()) != EOF;)
        if (c == '\n' && write(inputs[next++ % WORKERS][1], "\n", 1) != 1)
            return EXIT_FAILURE;
    for (int i = 0; i < WORKERS; i++)
        close(inputs[i][1]);
    while (wait(NULL) > 0)
        ;
    return EXIT_SUCCESS;
}
