#define _GNU_SOURCE
#include "storewatch.h"

#include "files.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <ucontext.h>
#include <unistd.h>

enum { LONGEST_MESSAGE = 4096 };
/* More than one event can bring. Only what is used takes memory. */
static const size_t log_capacity = 64 << 20;

static struct watched files[STOREWATCH_FILES];
static size_t file_count;
static int message_socket = -1;
static char *entries;
static size_t used;

static void append(struct storewatch_entry entry, const void *bytes)
{
    size_t end = used + sizeof entry + ((entry.length + 7) & ~(size_t)7);
    if (end > log_capacity)
        abort();
    memcpy(entries + used, &entry, sizeof entry);
    memcpy(entries + used + sizeof entry, bytes, entry.length);
    used = end;
}

void storewatch_take_messages(void)
{
    char message[LONGEST_MESSAGE];
    ssize_t count;
    while ((count = recv(message_socket, message, sizeof message, MSG_DONTWAIT)) > 0)
        append((struct storewatch_entry){.kind = STOREWATCH_MESSAGE, .length = (uint32_t)count}, message);
}

static void protect(int protection)
{
    for (size_t file = 0; file < file_count; file++)
        watched_protect(&files[file], protection);
}

#if defined(__x86_64__)

enum { TRAP_FLAG = 0x100 };

static struct sigaction earlier_fault, earlier_trap;
/* Taken at the fault, and given back after the step. */
static atomic_flag step = ATOMIC_FLAG_INIT;
static _Atomic pid_t stepping;

static void faulted(int number, siginfo_t *information, void *context)
{
    int saved = errno;
    int is_watched = 0;
    for (size_t file = 0; file < file_count; file++)
        is_watched |= watched_contains(&files[file], information->si_addr);
    if (!is_watched) {
        /* Somebody else's: it faults once more. */
        sigaction(number, &earlier_fault, NULL);
        return;
    }
    while (atomic_flag_test_and_set(&step))
        ;
    stepping = gettid();
    storewatch_take_messages();
    protect(PROT_READ | PROT_WRITE);
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] |= TRAP_FLAG;
    errno = saved;
}

static void stepped(int number, siginfo_t *information, void *context)
{
    int saved = errno;
    (void)information;
    if (stepping != gettid()) {
        sigaction(number, &earlier_trap, NULL);
        raise(number);
        return;
    }
    protect(PROT_READ);
    for (size_t file = 0; file < file_count; file++) {
        size_t page = 0, first, length;
        while ((length = watched_change(&files[file], &page, &first)) > 0)
            append(
                (struct storewatch_entry){STOREWATCH_STORE, (uint32_t)file, (uint32_t)first, (uint32_t)length},
                files[file].before + first);
    }
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
    stepping = 0;
    atomic_flag_clear(&step);
    errno = saved;
}

static int catch_steps(void)
{
    struct sigaction action = {.sa_flags = SA_SIGINFO};
    sigfillset(&action.sa_mask);
    action.sa_sigaction = faulted;
    if (sigaction(SIGSEGV, &action, &earlier_fault) != 0)
        return -1;
    action.sa_sigaction = stepped;
    return sigaction(SIGTRAP, &action, &earlier_trap);
}

static void leave_steps(void)
{
    sigaction(SIGSEGV, &earlier_fault, NULL);
    sigaction(SIGTRAP, &earlier_trap, NULL);
}

int storewatch_is_possible(void)
{
#if defined(__has_feature)
    /* A sanitizer takes the signals itself. */
    return !__has_feature(thread_sanitizer) && !__has_feature(address_sanitizer);
#else
    return 1;
#endif
}

#else

static int catch_steps(void)
{
    errno = ENOSYS;
    return -1;
}

static void leave_steps(void)
{
}

int storewatch_is_possible(void)
{
    return 0;
}

#endif

int storewatch_begin(const int *descriptors, size_t count, int socket)
{
    if (count > STOREWATCH_FILES) {
        errno = EINVAL;
        return -1;
    }
    if (!entries) {
        void *space =
            mmap(NULL, log_capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (space == MAP_FAILED)
            return -1;
        entries = space;
    }
    used = 0;
    message_socket = socket;
    file_count = 0;
    for (size_t file = 0; file < count; file++)
        if (watched_open(&files[file], descriptors[file]) != 0)
            return -1;
    file_count = count;
    if (catch_steps() != 0)
        return -1;
    protect(PROT_READ);
    return 0;
}

const void *storewatch_take_log(size_t *size)
{
    *size = used;
    used = 0;
    return entries;
}

void storewatch_end(void)
{
    protect(PROT_READ | PROT_WRITE);
    for (size_t file = 0; file < file_count; file++)
        watched_close(&files[file]);
    file_count = 0;
    message_socket = -1;
    leave_steps();
}
