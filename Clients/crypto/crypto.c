// A library for LD_PRELOAD: keeps GnuTLS and libgcrypt of two clones of a program from drawing the same.
//
// Both ask the C library for something before each draw, whoever asks them and in whatever thread, and make use of it:
//
//     GnuTLS      time(2), to see whether it is to be seeded anew. At another generation it is, by its own
//                 gnutls_rnd_refresh(3), before it goes on.
//     libgcrypt   getpid(2), by which it sees that it is in a child: it mixes its whole pool then, or seeds its nonces
//                 anew. At another generation it is told another number. And getrusage(2), whose answer it puts into its
//                 pool before: what Linux leaves zero there are bytes of the kernel's, in each draw.
//
// All others are given what the kernel has: who asks is known by where it goes on. That is no more than to look up an
// address, takes no lock and may be done in a signal handler, as those three may (signal-safety(7)). Nothing is done
// before one of the two libraries draws.

#define _GNU_SOURCE
#include "sources.h"

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#define EXPORTED __attribute__((visibility("default")))
#define CALLER __builtin_extract_return_addr(__builtin_return_address(0))

// ---- The caller ----

// Whether a file's name is that of a library in any minor version, as libgcrypt.so.20.4.1 is of libgcrypt.so.20.
static int is_library(const char *path, const char *library) {
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    size_t length = strlen(library);
    return strncmp(name, library, length) == 0 && (name[length] == '\0' || name[length] == '.');
}

static int is_called_by(void *address, const char *library, struct dl_find_object *object) {
    return _dl_find_object(address, object) == 0 && object->dlfo_link_map->l_name &&
           is_library(object->dlfo_link_map->l_name, library);
}

static int is_in(uintptr_t address, const struct dl_find_object *object) {
    return address >= (uintptr_t)object->dlfo_map_start && address < (uintptr_t)object->dlfo_map_end;
}

// ---- The generation ----

// Where the page has been looked for, and its word, where there is one.
static _Atomic int is_sought;
static const volatile uint32_t *_Atomic word;

// The value of a variable of the environment, which a program with more privileges than its user has not.
static const char *setting(const char *name) {
    const char *value = secure_getenv(name);
    return value && *value ? value : NULL;
}

// Those who draw for the first time at once each map the page, and one mapping is kept. None waits for another one, which
// a child may not have.
static void seek_word(void) {
    int error = errno, cancellation;
    struct sysgenid_probe probe = {.word = NULL};
    const volatile uint32_t *none = NULL;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancellation);
    find_page(&probe, setting("SYSGENID_DEVICE"), setting("SYSGENID_RUNTIME_DIR"));
    if (probe.word && !atomic_compare_exchange_strong(&word, &none, probe.word))
        sysgenid_probe_close(&probe);
    is_sought = 1;
    pthread_setcancelstate(cancellation, NULL);
    errno = error;
}

// Whether there is one.
static int load_generation(uint32_t *generation) {
    if (!is_sought)
        seek_word();
    const volatile uint32_t *place = word;
    if (place)
        *generation = __atomic_load_n(place, __ATOMIC_ACQUIRE);
    return place != NULL;
}

// ---- GnuTLS ----

#define GNUTLS "libgnutls.so.30"

// Each thread has a generator of its own.
static _Thread_local struct {
    uint32_t generation;
    int is_seen;
    int is_busy;
} thread __attribute__((tls_model("initial-exec")));

// The function of the library that asks: there may be another copy of it.
static void refresh(const struct dl_find_object *library) {
    static void (*_Atomic known)(void);
    void (*function)(void) = known;
    if (!is_in((uintptr_t)function, library)) {
        void *handle = dlopen(library->dlfo_link_map->l_name, RTLD_LAZY | RTLD_NOLOAD);
        function = handle ? (void (*)(void))dlsym(handle, "gnutls_rnd_refresh") : NULL;
        known = function;
        if (handle)
            dlclose(handle);
    }
    if (function)
        function();
}

// Where there is no page, each draw could be the first one after a change.
static void renew(const struct dl_find_object *library) {
    uint32_t generation = 0;
    // It asks again while it is seeded anew.
    if (thread.is_busy)
        return;
    int is_known = load_generation(&generation);
    if (is_known && thread.is_seen && thread.generation == generation)
        return;
    thread.generation = generation;
    thread.is_seen = 1;
    thread.is_busy = 1;
    refresh(library);
    thread.is_busy = 0;
}

EXPORTED time_t time(time_t *out) {
    struct timespec now = {0, 0};
    struct dl_find_object caller;
    if (is_called_by(CALLER, GNUTLS, &caller))
        renew(&caller);
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (out)
        *out = now.tv_sec;
    return now.tv_sec;
}

// ---- libgcrypt ----

#define LIBGCRYPT "libgcrypt.so.20"

// What is added to the process id: 0, and after each change that was seen another number of the kernel's, so that none
// leads to one that was before, be it that of a parent.
static _Atomic uint32_t mark;
static _Atomic uint64_t seen = UINT64_MAX;

// What the draw of this thread has begun with. It has to end at the same: libgcrypt draws again at another one, but takes
// the number of bytes, which it has counted down, for what it was, and aborts.
static _Thread_local struct {
    uint32_t mark;
    enum { OUTSIDE, BEGUN, POLLED } stage;
} own __attribute__((tls_model("initial-exec")));

static uint32_t next_after(uint32_t number) {
    uint32_t next;
    return draw((unsigned char *)&next, sizeof next) ? next : number + 1;
}

// Whether libgcrypt asks from the place where a draw ends. In its first one that is where it asks after it has asked for
// its usage; later that alone tells nothing, since it asks for that beside its draws as well.
static int is_end(uintptr_t place, const struct dl_find_object *library) {
    static _Atomic uintptr_t known;
    if (!is_in(known, library) && own.stage == POLLED)
        known = place;
    own.stage = BEGUN;
    return place == known;
}

// Where there is no page, each draw could be the first one after a change.
static uint32_t begin(void) {
    uint32_t generation;
    if (!load_generation(&generation))
        return next_after(own.mark);
    if (seen != generation) {
        if (seen != UINT64_MAX)
            mark = next_after(mark);
        seen = generation;
    }
    return mark;
}

EXPORTED pid_t getpid(void) {
    struct dl_find_object caller;
    pid_t pid = (pid_t)syscall(SYS_getpid);
    if (!is_called_by(CALLER, LIBGCRYPT, &caller))
        return pid;
    if (!is_end((uintptr_t)CALLER, &caller))
        own.mark = begin();
    return (pid_t)((uint32_t)pid ^ own.mark);
}

EXPORTED int getrusage(__rusage_who_t who, struct rusage *usage) {
    struct dl_find_object caller;
    long numbers[4];
    int result = (int)syscall(SYS_getrusage, who, usage);
    if (result != 0 || !is_called_by(CALLER, LIBGCRYPT, &caller))
        return result;
    if (own.stage == BEGUN)
        own.stage = POLLED;
    if (draw((unsigned char *)numbers, sizeof numbers)) {
        usage->ru_ixrss = numbers[0];
        usage->ru_idrss = numbers[1];
        usage->ru_isrss = numbers[2];
        usage->ru_nswap = numbers[3];
        explicit_bzero(numbers, sizeof numbers);
    }
    return result;
}
