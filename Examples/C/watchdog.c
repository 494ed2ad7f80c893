// A watchdog: a thread that sleeps until the system was resumed or cloned, and then renews the secret that the rest of
// the program works with.
//
//     cc $(pkg-config --cflags sysgenid) -pthread -o watchdog watchdog.c
//     ./watchdog [DEVICE [RUNTIME-DIR]]          each line of the input is a piece of work

#include <sysgenid.h>

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *device, *runtime_dir; // NULL: the usual ones
static uint32_t secret_generation; // stands for the secret, which a real program takes from getrandom(2)

static void renew_secret(uint32_t generation) {
    pthread_mutex_lock(&lock);
    secret_generation = generation;
    printf("renewed the secret for generation %u\n", generation);
    fflush(stdout);
    pthread_mutex_unlock(&lock);
}

// The daemon was replaced: looks for the next one, and says whether there was a change meanwhile.
static int reconnect(struct sysgenid_watch *watch, uint32_t *generation) {
    int is_change;
    struct timespec while_waiting = {0, 250 * 1000 * 1000};
    while ((is_change = sysgenid_watch_reconnect(watch, runtime_dir, generation)) < 0)
        nanosleep(&while_waiting, NULL);
    return is_change;
}

static void *watchdog(void *argument) {
    struct sysgenid_watch *watch = argument;
    uint32_t generation = secret_generation;
    for (;;) {
        int is_change = sysgenid_watch_wait(watch, &generation, -1);
        if (is_change < 0 && errno == ENOTCONN)
            is_change = reconnect(watch, &generation);
        if (is_change > 0) {
            renew_secret(generation);
            // Only now, so that an overseer waits until the secret is a new one.
            sysgenid_watch_acknowledge(watch, generation);
        }
    }
    return NULL;
}

int main(int argc, char **argv) {
    device = argc > 1 ? argv[1] : NULL;
    runtime_dir = argc > 2 ? argv[2] : NULL;
    struct sysgenid_watch watch;
    struct sysgenid_probe probe;
    if (sysgenid_watch_open(&watch, device, SYSGENID_TRACKED) != 0 ||
        sysgenid_probe_open(&probe, device, runtime_dir) != 0) {
        perror("the System Generation ID device");
        return EXIT_FAILURE;
    }
    renew_secret(sysgenid_probe_load(&probe));
    pthread_t thread;
    if (pthread_create(&thread, NULL, watchdog, &watch) != 0)
        return EXIT_FAILURE;

    for (int c; (c = getchar()) != EOF;) {
        if (c != '\n')
            continue;
        pthread_mutex_lock(&lock);
        printf("worked with the secret of generation %u\n", secret_generation);
        fflush(stdout);
        pthread_mutex_unlock(&lock);
    }
    return EXIT_SUCCESS;
}
