// What the figures have in common.

#ifndef MEASURE_H
#define MEASURE_H

#include <stdint.h>
#include <sys/types.h>

// Where the processes of a figure run. Placement decides more than anything else, so all are pinned.
struct placement {
    // The processor of the client.
    int client;
    // The processor of whoever answers it: the daemon was started there, and so is the floor's peer.
    int peer;
};

// Nanoseconds of the monotonic clock.
uint64_t now(void);

// Says what failed and why, and ends.
_Noreturn void fail(const char *what);

// Lets the calling thread, and what it starts from now on, run on this processor only.
void pin(int processor);

// The value in the middle; the values are sorted.
double median(double *values, int count);

// calloc(3); ends where there is no memory.
void *allocate(unsigned long count, unsigned long size);

// Lets the process have as many open files as it may.
void raise_file_limit(void);

// Opens the device; ends where it cannot.
int open_device(const char *path, int flags);

// Makes a change.
void trigger(int device);

// Each prints its value: nanoseconds where nothing else is said. `path` is the device, or NULL for the floor.

// One load of the generation. See load.c.
void measure_load(const char *path, unsigned long count);

// One look at both pages. See mark.c.
void measure_mark(const char *path, unsigned long count);

// From the call that asks for a change to a reader on the other processor that sees it. See change.c.
void measure_change(struct placement, const char *path, int count);

// From the moment at which the played vmclock shows a resume to the one at which the device's page does: of so many, the
// one at that percentile. Without a path it is the floor, and with "reseed" in its place one that reseeds the kernel. See
// window.c.
void measure_window(struct placement, const char *clock, const char *path, int percentile, int is_busy, int count);

// Three values: how often the thread touches a page for the first time until the device's page shows the next change, at least
// and at most, and how often it allocates, by the counts in that file; the first two are -1 where the kernel lets nobody count.
// Says "ready" before. See store.c.
void measure_store(int thread, const char *path, const char *counts);

// The instructions in user space that the thread needs from a wait that ends until the device's page shows the next change. Says
// "ready" before. See steps.c.
void measure_steps(int thread, const char *path);

// Starts a process on that processor, which ends with this one. As fork(2).
pid_t start_pinned(int processor);

// Gives the process that real-time priority. See sched(7), SCHED_FIFO.
void run_first(int priority);

// One round trip: "ping-pong", or "read", "write" and "trigger" of the device. See round_trip.c.
void measure_round_trip(struct placement, const char *kind, const char *path, int count);

// From the call that asks for a change until the last of many has woken: "read" or "epoll". Where the path is that of
// the directory of devices, four of them each have the device of a container open. See wake.c.
void measure_wake(struct placement, const char *kind, const char *path, int sleepers, int count);

// From the first page that shows a change to the last, of the system's device and those of so many containers:
// `directory` is that of the devices, or NULL for the floor. See containers.c.
void measure_publish(struct placement, const char *directory, int containers, int count);

// Makes the devices c0, c1 and so on in the directory of devices, where they are not there.
void make_containers(const char *directory, int count);

// Writes the path of one of them.
void container_device(const char *directory, int container, char *path, unsigned long size);

// From exec to READY; the program is ended then. See start.c.
void measure_start(char **command);

// Percent of a processor that a process has used in so many seconds. See process.c.
void measure_processor_time(int process, int seconds);

// Becomes a program that is pinned, and has the real-time priority where it is not 0, and may lock its memory.
_Noreturn void run(int priority, char **command);

// Has the device open so many times until standard input ends: "open", or "blocked" in read. Or "containers": makes so
// many of them in the directory of devices, and has none open. See process.c.
void hold(const char *kind, const char *path, int count);

#endif
