// What inject.c has to know of system calls and of processors.

#ifndef INJECT_H
#define INJECT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct call {
    int number;
    const char *name;
    // What tells one use of the call from another, a letter an argument: d is a descriptor, p a path, n a number; - says
    // nothing. NULL: the call is left alone.
    const char *arguments;
    // Which argument says how many bytes there are at most; -1 where none does.
    int length;
};

extern const struct call calls[];
extern const size_t call_count;

// The name of the call and what it is made with, as `openat /run/sysgenid/state`.
void describe_call(char *text, size_t size, pid_t thread, int number, const uint64_t *arguments);

// Of a thread that stands before a system call: the call is not made, and this is its result.
void set_result(pid_t thread, long result);
// And: the call is made with another argument.
void set_argument(pid_t thread, int index, unsigned long value);

#endif
