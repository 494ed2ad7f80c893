// Which system calls there are, and what tells one use of them from another. See inject.c.

#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <unistd.h>

#include "inject.h"

#define CALL(name, arguments, length) {SYS_##name, #name, arguments, length}
#define LEFT_ALONE(name) {SYS_##name, #name, NULL, -1}

const struct call calls[] = {
    CALL(read, "d", 2),
    CALL(write, "d", 2),
    CALL(pread64, "d", 2),
    CALL(pwrite64, "d", 2),
    CALL(readv, "d", -1),
    CALL(writev, "d", -1),
    CALL(openat, "-p", -1),
    CALL(close, "d", -1),
    CALL(newfstatat, "-p", -1),
    CALL(fstat, "d", -1),
    CALL(statx, "-p", -1),
    CALL(fstatfs, "d", -1),
    CALL(statfs, "p", -1),
    CALL(readlinkat, "-p", -1),
    CALL(faccessat, "-p", -1),
    CALL(faccessat2, "-p", -1),
    CALL(unlinkat, "-p", -1),
    CALL(renameat, "-p", -1),
    CALL(mkdirat, "-p", -1),
    CALL(fchmod, "d", -1),
    CALL(fchmodat, "-p", -1),
    CALL(fchown, "d", -1),
    CALL(fchownat, "-p", -1),
    CALL(ftruncate, "d", -1),
    CALL(fallocate, "d", -1),
    CALL(flock, "d", -1),
    CALL(getdents64, "d", -1),
    CALL(lseek, "d", -1),
    CALL(mount, "-p", -1),
    CALL(umount2, "p", -1),
    CALL(fcntl, "dn", -1),
    CALL(dup3, "-d", -1),
    CALL(ioctl, "dn", -1),
    CALL(eventfd2, "", -1),
    CALL(timerfd_create, "", -1),
    CALL(timerfd_settime, "d", -1),
    CALL(signalfd4, "", -1),
    CALL(memfd_create, "p", -1),
    CALL(mmap, "----d", -1),
    CALL(ppoll, "", -1),
    CALL(socketpair, "", -1),
    CALL(socket, "nn", -1),
    CALL(bind, "d", -1),
    CALL(connect, "d", -1),
    CALL(setsockopt, "dnn", -1),
    CALL(getsockopt, "dnn", -1),
    CALL(sendmsg, "d", -1),
    CALL(sendto, "d", -1),
    CALL(recvfrom, "d", -1),
    CALL(recvmsg, "d", -1),
    CALL(prctl, "n", -1),
    CALL(capget, "", -1),
    CALL(capset, "", -1),
    CALL(seccomp, "n", -1),
    CALL(getgroups, "", -1),
    CALL(setgroups, "", -1),
    CALL(mlockall, "n", -1),
    CALL(munlockall, "", -1),
    CALL(prlimit64, "-n", -1),
    CALL(getrandom, "", 1),
    CALL(rt_sigprocmask, "n", -1),
    CALL(rt_sigaction, "n", -1),
    CALL(tgkill, "--n", -1),
    CALL(clone3, "", -1),
    CALL(clone, "", -1),
    CALL(unshare, "n", -1),
    CALL(setns, "d", -1),
    CALL(clock_nanosleep, "", -1),
    CALL(inotify_init1, "", -1),
    CALL(inotify_add_watch, "-p", -1),
#ifdef __x86_64__
    CALL(stat, "p", -1),
    CALL(lstat, "p", -1),
    CALL(open, "p", -1),
    CALL(readlink, "p", -1),
    CALL(access, "p", -1),
    CALL(unlink, "p", -1),
    CALL(rename, "-p", -1),
    CALL(mkdir, "p", -1),
    CALL(rmdir, "p", -1),
    CALL(chmod, "p", -1),
    CALL(chown, "p", -1),
    CALL(poll, "", -1),
    LEFT_ALONE(arch_prctl),
#endif
    // Nothing can come in their way.
    LEFT_ALONE(getpid), LEFT_ALONE(gettid), LEFT_ALONE(getuid), LEFT_ALONE(geteuid), LEFT_ALONE(sched_yield),
    LEFT_ALONE(set_tid_address), LEFT_ALONE(set_robust_list), LEFT_ALONE(rseq), LEFT_ALONE(exit),
    LEFT_ALONE(exit_group), LEFT_ALONE(rt_sigreturn), LEFT_ALONE(restart_syscall), LEFT_ALONE(execve),
    LEFT_ALONE(clock_gettime), LEFT_ALONE(kill),
    // Of the C library and the language's runtime: their locks, which end the program where one fails, and the memory
    // that they manage. See `Memory` in docs/faults.md.
    LEFT_ALONE(futex), LEFT_ALONE(brk), LEFT_ALONE(munmap), LEFT_ALONE(mprotect), LEFT_ALONE(madvise),
    LEFT_ALONE(mremap), LEFT_ALONE(sigaltstack), LEFT_ALONE(sched_getaffinity),
};
const size_t call_count = sizeof calls / sizeof calls[0];

static void read_text(char *text, size_t size, pid_t thread, uint64_t address) {
    size_t length = 0;
    for (; length + sizeof(long) < size; length += sizeof(long)) {
        errno = 0;
        long word = ptrace(PTRACE_PEEKDATA, thread, address + length, 0);
        if (errno != 0)
            break;
        memcpy(text + length, &word, sizeof word);
        if (memchr(&word, 0, sizeof word))
            return;
    }
    text[length] = 0;
}

static void name_descriptor(char *text, size_t size, pid_t thread, int descriptor) {
    char path[64];
    if (descriptor == STDERR_FILENO) {
        snprintf(text, size, "standard-error");
        return;
    }
    snprintf(path, sizeof path, "/proc/%d/fd/%d", thread, descriptor);
    ssize_t length = readlink(path, text, size - 1);
    text[length > 0 ? length : 0] = 0;
}

// Numbers that are others the next time: of processes, threads, descriptors and sockets.
static void hide_numbers(char *text) {
    if (strncmp(text, "/proc/", 6) != 0 && strncmp(text, "/dev/fd/", 8) != 0 && !strstr(text, ":["))
        return;
    char *end = text;
    for (const char *from = text; *from; from++) {
        int is_digit = *from >= '0' && *from <= '9';
        if (!is_digit)
            *end++ = *from;
        else if (end == text || end[-1] != 'N')
            *end++ = 'N';
    }
    *end = 0;
}

void describe_call(char *text, size_t size, pid_t thread, int number, const uint64_t *arguments) {
    const struct call *call = NULL;
    for (size_t index = 0; index < call_count && !call; index++)
        if (calls[index].number == number)
            call = &calls[index];
    if (!call) {
        snprintf(text, size, "call-%d", number);
        return;
    }
    size_t length = (size_t)snprintf(text, size, "%s", call->name);
    for (int index = 0; call->arguments[index]; index++) {
        char subject[300] = "";
        switch (call->arguments[index]) {
        case 'd': name_descriptor(subject, sizeof subject, thread, (int)arguments[index]); break;
        case 'p': read_text(subject, sizeof subject, thread, arguments[index]); break;
        case 'n': snprintf(subject, sizeof subject, "0x%lx", (unsigned long)arguments[index]); break;
        default: continue;
        }
        hide_numbers(subject);
        length += (size_t)snprintf(text + length, size - length, " %s", *subject ? subject : "-");
    }
}

#if defined __x86_64__
void set_result(pid_t thread, long result) {
    struct user_regs_struct registers;
    ptrace(PTRACE_GETREGS, thread, 0, &registers);
    registers.orig_rax = (unsigned long)-1;
    registers.rax = (unsigned long)result;
    ptrace(PTRACE_SETREGS, thread, 0, &registers);
}

void set_argument(pid_t thread, int index, unsigned long value) {
    struct user_regs_struct registers;
    ptrace(PTRACE_GETREGS, thread, 0, &registers);
    if (index == 1)
        registers.rsi = value;
    else
        registers.rdx = value;
    ptrace(PTRACE_SETREGS, thread, 0, &registers);
}
#elif defined __aarch64__
static void set_register(pid_t thread, int index, unsigned long value) {
    struct user_regs_struct registers;
    struct iovec vector = {&registers, sizeof registers};
    ptrace(PTRACE_GETREGSET, thread, NT_PRSTATUS, &vector);
    registers.regs[index] = value;
    ptrace(PTRACE_SETREGSET, thread, NT_PRSTATUS, &vector);
}

void set_result(pid_t thread, long result) {
    int none = -1;
    struct iovec vector = {&none, sizeof none};
    ptrace(PTRACE_SETREGSET, thread, NT_ARM_SYSTEM_CALL, &vector);
    set_register(thread, 0, (unsigned long)result);
}

void set_argument(pid_t thread, int index, unsigned long value) {
    set_register(thread, index, value);
}
#endif
