// A cached secret that is looked after in line: one load before it is used, and one after, without a system call. This is
// for code that runs often, as a random generator or a TLS record, and for libraries, which have no loop of their own.
//
//     cc $(pkg-config --cflags sysgenid) -o cached-secret cached-secret.c
//     ./cached-secret [DEVICE [RUNTIME-DIR]]     each line of the input is a request; "slow" takes a while

#include <sysgenid.h>

#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

static struct sysgenid_probe probe;

static struct {
    uint32_t generation;
    unsigned number;
    unsigned char key[32];
} secret;

static void renew_secret(uint32_t generation) {
    if (getrandom(secret.key, sizeof secret.key, 0) != (ssize_t)sizeof secret.key)
        abort();
    secret.generation = generation;
    secret.number++;
}

// What is made of the secret and the request: it must not leave the program if another system could make the same.
static unsigned answer(const char *request) {
    unsigned sum = 0;
    for (size_t i = 0; i < sizeof secret.key; i++)
        sum = sum * 31 + (secret.key[i] ^ (unsigned char)request[i % (strlen(request) + 1)]);
    struct timespec time = {0, 500 * 1000 * 1000};
    if (strcmp(request, "slow\n") == 0)
        nanosleep(&time, NULL);
    return sum;
}

int main(int argc, char **argv) {
    if (sysgenid_probe_open(&probe, argc > 1 ? argv[1] : NULL, argc > 2 ? argv[2] : NULL) != 0) {
        perror("the System Generation ID device");
        return EXIT_FAILURE;
    }
    renew_secret(sysgenid_probe_load(&probe));

    char request[256];
    while (fgets(request, sizeof request, stdin)) {
        unsigned result;
        for (;;) {
            uint32_t generation = sysgenid_probe_load(&probe);
            if (generation != secret.generation)
                renew_secret(generation);
            result = answer(request);
            if (sysgenid_probe_load(&probe) == generation)
                break;
            // The system was cloned in the middle: each clone has this result.
            printf("thrown away what was made with secret %u\n", secret.number);
        }
        printf("answered with secret %u of generation %u%s\n", secret.number, secret.generation, result ? "" : " (0)");
        fflush(stdout);
    }
    sysgenid_probe_close(&probe);
    return EXIT_SUCCESS;
}
