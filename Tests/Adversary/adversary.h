// A program without rights that does to the device whatever can be done with a descriptor, while root looks whether
// anybody else is the worse for it.

#ifndef ADVERSARY_H
#define ADVERSARY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// What the command line says.
struct options {
    const char *path;
    // Where the daemon publishes `generation` and `watchers`.
    const char *runtime;
    int seconds;
    uint64_t seed;
    uid_t first_user;
    int user_count;
    // How many clients are at work at a time.
    int clients;
    // What the calls have in their names; NULL for all.
    const char *only;
    bool has_changes;
    pid_t daemon;
    bool is_crowd;
    bool is_container;
};

enum { DESCRIPTORS = 8, MAPPINGS = 6, OTHERS = 24, CONTEXTS = 4, RINGS = 3, CLIENTS_MOST = 64, THREADS_MOST = 4 };
// Processors of which it is known whether they stand still.
enum { PAIRS_MOST = 64 };

struct mapping {
    char *address;
    size_t length;
};

struct ring {
    int fd;
    uint32_t entries, features;
    char *submissions, *completions;
    struct ring_layout *layout;
};

// One thread of a client, with what it has got hold of. Nothing is shared between threads but the descriptors.
struct attacker {
    uint64_t random;
    const char *path;
    int *descriptors;
    // Of a client that another client has made. It makes none itself.
    bool is_descendant;
    struct mapping mappings[MAPPINGS];
    int others[OTHERS];
    unsigned long contexts[CONTEXTS];
    struct ring rings[RINGS];
    // A page for what is read, and what asynchronous calls write to when they like.
    char *page;
    atomic_int *step;
};

// A row of the table: a system call, or a few that belong together, with random arguments. The answer of the last one.
struct call {
    const char *name;
    long (*make)(struct attacker *attacker);
};

enum { CALLS_MOST = 128 };
extern struct call calls[CALLS_MOST];
extern int call_count;
void gather_calls(const char *only);

// The parts of the table, each up to a row without a name.
extern const struct call file_calls[], change_calls[], open_calls[], memory_calls[], event_calls[], pipe_calls[],
    queue_calls[], ring_calls[], process_calls[];

// Random numbers that a seed decides. See random.c.
uint64_t next_random(uint64_t *state);
// One below the limit.
int below(struct attacker *attacker, int limit);
bool one_in(struct attacker *attacker, int chances);
// One of the words; their number is the first argument.
#define any_of(attacker, ...) \
    (((const unsigned long[]){__VA_ARGS__})[below( \
        attacker, (int)(sizeof((const unsigned long[]){__VA_ARGS__}) / sizeof(unsigned long)))])
// A size, an offset: mostly such as programs have, sometimes such as none has.
size_t any_size(struct attacker *attacker);
int64_t any_offset(struct attacker *attacker);
// One of the descriptors of the device.
int any_descriptor(struct attacker *attacker);
// Keeps a descriptor for a while, in place of another one, which is closed.
long keep(struct attacker *attacker, long fd);

// Nanoseconds of the monotonic clock.
int64_t now(void);

// What the processes of the test know of each other. They all write to it, and nobody waits there.
struct shared {
    struct {
        atomic_ulong begun, done, failed, missing;
    } calls[CALLS_MOST];
    struct {
        struct {
            atomic_ulong rounds;
            atomic_llong begun;
        } pairs[PAIRS_MOST];
        atomic_int count;
        atomic_llong worst;
    } floor;
    struct {
        atomic_bool is_to_end;
        atomic_int step;
        atomic_ulong rounds, rounds_of_floor, slow_rounds;
        atomic_llong begun, worst, floor_of_worst;
        atomic_bool has_complained;
        char complaint[256];
    } watchdog;
    struct {
        // Of each thread: the number of a call and one, or 0.
        atomic_int steps[THREADS_MOST];
        atomic_int held, error;
        atomic_bool is_full;
    } clients[CLIENTS_MOST];
};
extern struct shared *shared;

// How long what a machine does that is this busy takes at least. See floor.c.
void run_floor(void);
void floor_begin(void);
int64_t floor_worst(void);
// Those of the pair that has made the fewest.
unsigned long floor_rounds(void);
// Rounds of the floor after which something that has not come does not come: at least five seconds.
enum { ROUNDS_OF_PATIENCE = 500 };
// How many more where threads of the kernel have to do something first.
enum { ROUNDS_FOR_THE_KERNEL = 11 * ROUNDS_OF_PATIENCE };
// What takes this long is too long, unless the floor takes a tenth of it.
// A few rounds may be that long, since the floor does not see all that a machine does: what hurts does so again.
enum { MILLISECONDS_ALLOWED = 100, FLOORS_ALLOWED = 10, ROUNDS_ALLOWED = 2 };
bool is_too_long(int64_t nanoseconds, int64_t floor);

// Root, who uses the device as everybody does. See watchdog.c.
void run_watchdog(const struct options *options, uint32_t generation);
const char *watchdog_step(void);

// A client without rights, until it is killed or ends. See client.c and crowd.c.
void run_client(const struct options *options, int number, uint64_t seed);
void run_hoarder(const struct options *options, int number);
void drop_rights(const struct options *options, uid_t user);
void limit_resources(unsigned long descriptors);
// Makes this process root of namespaces of its own. Returns 0, or errno.
int enter_namespaces(int which);
// Random calls until the end of the process.
void attack(struct attacker *attacker);

// Both return whether nobody was hurt. See test.c and crowd.c.
bool run_waves(const struct options *options);
bool run_crowd(const struct options *options);

// What the tests are made of. See test.c.
//
// All that is awaited comes, or the rounds of the floor say that it does not. Each returns false where something was
// wrong, which it has said.
struct client {
    pid_t group;
    bool is_killed;
    int64_t end;
    unsigned long rounds_of_floor;
};
pid_t fork_into_group(void);
bool start_watchdog(const struct options *options);
bool end_watchdog(void);
bool is_watchdog_well(void);
bool has_lasted(unsigned long rounds_of_floor);
bool end_client(struct client *client, int number);
bool end_all(struct client *clients, int count);
extern int64_t longest_count;
bool await_watchers(const struct options *options, int64_t expected, const char *after);

// What is published. -1 where it cannot be read.
int64_t published(const struct options *options, const char *name);

// Says what is wrong. See report.c.
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
void tell_where(const char *what, pid_t process);
// Remembers which connection the device has, while it can be asked, and ends that where something hangs.
void find_connection(const char *path);
void free_who_hangs(void);
void tell_calls(void);

#endif
