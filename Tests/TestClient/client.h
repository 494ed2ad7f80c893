// What the commands have in common.

#ifndef TEST_CLIENT_H
#define TEST_CLIENT_H

#include <stdint.h>

// Says one word.
void say(const char *word);

// Says which call failed and why, and returns the error number.
int failed(const char *call);

// Says the result of a call, or the name of its error where it is negative.
void print_answer(long result);

// Sleeps for so many microseconds, and says whether a number that is to grow has stood still for 30,000 such sleeps. On a
// busy machine they take longer, as what it waits for does.
int has_stopped(int number, unsigned int microseconds);

// Opens the device, or ends with the error number.
int open_device(const char *path, int flags);

// The generation in the page of the device, or the end with the error number.
const volatile uint32_t *map_device(const char *path);

// Many clients that block in read. See crowd.c.
int command_crowd(const char *path, int count);

// Mappings. See map.c.
int command_map(const char *path, int flags);
int command_map_rules(const char *path);
int command_probe(const char *path);

// Many threads that block, and that come and go. See throng.c.
int command_throng(const char *path, int count);
int command_churn(const char *path, int seconds);

// How long after a resume the page changes. See measure.c.
int command_measure(const char *path, uint64_t address);

// A program that does nothing but store a word after a resume. See floor.c.
int command_floor(const char *path);

// Stops a thread of a process until a line is read from standard input. See suspend.c.
int command_suspend(const char *process, const char *name);

// A client that does what it is told, and one whose wait has an end. See interact.c.
int command_interact(const char *path);
int command_expire(const char *path, int milliseconds);

// Very many containers. See host.c.
int command_host(const char *containers, int count);

// A program that was written for vmclocks. See clock.c.
int command_clock(const char *path);

// Makes, changes and looks at the files of a folder as it is told. See tree.c.
int command_tree(const char *folder);

// Reads the device as a tool that copies whatever it finds. See backup.c.
int command_backup(const char *path);

// A person with many ids. See family.c.
int command_family(const char *path, int count);

// Another program, with the priority of the unit. See real_time.c.
int command_real_time(char **arguments);

// A service manager that keeps descriptors. See supervise.c.
int command_supervise(const char *address, char **arguments);

// Everything that can be asked of the device, once, and clients that only wait. See exercise.c.
int command_exercise(const char *path, long long expected);
int command_await(const char *path);

// A program of which a system call fails. See inject.c.
int command_inject(const char *path, char **arguments);

// A service that hands out UUIDs, and looks at the device unless it is NULL. See uuids.c.
int command_uuids(const char *path);

// Clients of all kinds, and what they have to complain about. See torture.c and changes.c.
int command_torture(const char *path, int count);
int command_endure(const char *path, int count);

// Clients that lose the device and open it again. See resettle.c.
int command_resettle(const char *path, int count);

// A library that prefers a vmclock to the device. See prefer.c.
int command_prefer(const char *path, const char *clock);

// How often a secret is used after a resume before that is noticed. See window.c.
int command_window(const char *path, const char *clock);

// A program that knows nothing of the device, and what it makes of SIGUSR1. See signals.c.
int command_signals(const char *way);

#endif
