// requests CONFIG SIZE...: what a request for random bytes costs by the generator that an openssl.cnf(5) chooses, and by
// OpenSSL's own, in nanoseconds of the processor's time. In turns, so that both have the same machine.

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 25, BYTES = 1 << 20, LEAST = 2000, LARGEST = 1 << 16 };

static double processor_time(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static double cost(OSSL_LIB_CTX *library, size_t size) {
    static unsigned char bytes[LARGEST];
    int count = size * LEAST < BYTES ? (int)(BYTES / size) : LEAST;
    double start = processor_time();
    for (int i = 0; i < count; i++)
        if (RAND_bytes_ex(library, bytes, size, 0) != 1)
            exit(1);
    return (processor_time() - start) / count;
}

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

int main(int count, char **arguments) {
    OSSL_LIB_CTX *configured = OSSL_LIB_CTX_new(), *plain = OSSL_LIB_CTX_new();
    if (count < 3 || !configured || !plain || OSSL_LIB_CTX_load_config(configured, arguments[1]) != 1)
        return 1;
    for (int i = 2; i < count; i++) {
        size_t size = strtoul(arguments[i], NULL, 10);
        double ours[ROUNDS], theirs[ROUNDS];
        if (size == 0 || size > LARGEST)
            return 1;
        for (int round = 0; round < ROUNDS; round++) {
            ours[round] = cost(configured, size);
            theirs[round] = cost(plain, size);
        }
        qsort(ours, ROUNDS, sizeof *ours, ascending);
        qsort(theirs, ROUNDS, sizeof *theirs, ascending);
        printf("%zu %.0f %.0f\n", size, ours[ROUNDS / 2], theirs[ROUNDS / 2]);
    }
}
