// A cached secret that is looked after in line: a look before it is used, and one after, of a load or three, without a system
// call. This is for code that runs often, as a random generator or a TLS record, and for libraries, which have no loop of
// their own.
//
// Where the hypervisor's own page can be mapped, no use after a resume is let out, not even one by the first instruction.
//
//     cc $(pkg-config --cflags sysgenid) -o cached-secret cached-secret.c
//     ./cached-secret [DEVICE [RUNTIME-DIR]]     each line of the input is a request; "slow" takes a while

#include <sysgenid.h>

#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

static struct sysgenid_probe probe;

static struct {
    struct sysgenid_mark mark;
    uint32_t generation;
    unsigned number;
    unsigned char key[32];
} secret;

static void renew_secret(void) {
    // Before it is renewed, so that a change in the middle of that is another one.
    secret.mark = sysgenid_probe_mark(&probe);
    secret.generation = sysgenid_probe_load(&probe);
    if (getrandom(secret.key, sizeof secret.key, 0) != (ssize_t)sizeof secret.key)
        abort();
    secret.number++;
}

static int is_current(void) {
    return sysgenid_mark_is_same(sysgenid_probe_mark(&probe), secret.mark);
}

// The hypervisor shows a resume before the kernel's random generator has been reseeded, and the generation after that. Where
// nobody makes a new one, the secret is renewed all the same, and once more if it comes.
static void wait_for_generation(void) {
    struct timespec time = {0, 1000 * 1000};
    for (int ms = 0; ms < 1000 && sysgenid_mark_awaits_generation(sysgenid_probe_mark(&probe), secret.mark); ms++)
        nanosleep(&time, NULL);
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
    // Not each machine has the hypervisor's page, and not each user may map it.
    sysgenid_probe_add_clock(&probe, NULL);
    renew_secret();

    char request[256];
    while (fgets(request, sizeof request, stdin)) {
        unsigned result;
        for (;;) {
            if (!is_current()) {
                wait_for_generation();
                renew_secret();
            }
            result = answer(request);
            if (is_current())
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
