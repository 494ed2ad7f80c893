// Runs a program of which one system call fails, or takes less than it was given, as it is told while the program runs.
// See ptrace(2), and SECCOMP_RET_TRACE in seccomp(2).
//
// What it is told stands in a file: `record`, and every call is noted from then on, or `fail RESULT ORDINAL CALL`, for the
// call with that description that comes as the so-manieth from then on. A negative result is an error of errno(3), any
// other one a number of bytes. When the call was made, the file is emptied. What there is to note goes to a file beside it,
// with `.log` behind its name, a line each.
//
// The program has the process id, the parent and the descriptors that this one was started with: who looks on is a child.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "inject.h"

static int orders, notes;
// What was read last of the orders.
static char order[512];
static int left;
static long result;
static char wanted[sizeof order];
static int has_begun, is_recording;

static void note(const char *word, const char *text) {
    char line[600];
    int length = snprintf(line, sizeof line, "%s%s\n", word, text);
    (void)!write(notes, line, (size_t)length);
}

static void read_orders(void) {
    char text[sizeof order] = "";
    ssize_t length = pread(orders, text, sizeof text - 1, 0);
    if (length < 0 || strcmp(text, order) == 0)
        return;
    strcpy(order, text);
    is_recording = strcmp(order, "record\n") == 0;
    if (sscanf(order, "fail %ld %d %511[^\n]", &result, &left, wanted) != 3)
        left = 0;
}

static const struct call *call_of(int number) {
    for (size_t index = 0; index < call_count; index++)
        if (calls[index].number == number)
            return &calls[index];
    return NULL;
}

static void before_call(pid_t thread) {
    struct __ptrace_syscall_info information;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof information, &information) <= 0)
        return;
    int number = (int)information.seccomp.nr;
    const uint64_t *arguments = information.seccomp.args;
    // The first call of the daemon itself. What was before it are those of the loader and of the language's runtime.
    has_begun |= number == SYS_eventfd2;
    read_orders();
    if (!has_begun || (!is_recording && left == 0))
        return;
    char text[400];
    describe_call(text, sizeof text, thread, number, arguments);
    if (is_recording)
        return note("", text);
    if (strcmp(text, wanted) != 0 || --left > 0)
        return;
    const struct call *call = call_of(number);
    if (result < 0)
        set_result(thread, result);
    else if (call && call->length >= 0 && arguments[call->length] > (uint64_t)result)
        set_argument(thread, call->length, (unsigned long)result);
    (void)!ftruncate(orders, 0);
    note("made ", text);
}

static void look_on(void) {
    for (int status; ;) {
        pid_t thread = waitpid(-1, &status, __WALL);
        if (thread < 0 && errno == ECHILD)
            return;
        if (thread < 0 || !WIFSTOPPED(status))
            continue;
        int signal = WSTOPSIG(status), event = status >> 16;
        if (event == PTRACE_EVENT_SECCOMP)
            before_call(thread);
        // The whole process was stopped, and stays so until it is continued.
        int is_stopped = event == PTRACE_EVENT_STOP && signal != SIGTRAP;
        ptrace(is_stopped ? PTRACE_LISTEN : PTRACE_CONT, thread, 0, event == 0 ? signal : 0);
    }
}

// All calls but those that are left alone wait for who looks on.
static int install_filter(void) {
    struct sock_filter program[128] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    };
    unsigned short length = 1;
    for (size_t index = 0; index < call_count; index++) {
        if (calls[index].arguments)
            continue;
        program[length++] =
            (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)calls[index].number, 0, 1);
        program[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    }
    program[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
    struct sock_fprog description = {.len = length, .filter = program};
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &description);
}

int command_inject(const char *path, char **arguments) {
    char beside[4096];
    snprintf(beside, sizeof beside, "%s.log", path);
    int ends[2];
    orders = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    notes = open(beside, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (orders < 0 || notes < 0 || pipe2(ends, O_CLOEXEC) != 0)
        return failed("open");
    pid_t program = getpid(), tracer = fork();
    if (tracer < 0)
        return failed("fork");
    if (tracer == 0) {
        // No signal that is meant for the program.
        setsid();
        // What the program was given, as a connection, must not live longer than it, whatever number it has.
        orders = dup2(orders, STDIN_FILENO);
        notes = dup2(notes, STDOUT_FILENO);
        int ready = dup2(ends[1], STDERR_FILENO);
        close_range(STDERR_FILENO + 1, ~0U, 0);
        long options = PTRACE_O_TRACECLONE | PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL;
        int error = ptrace(PTRACE_SEIZE, program, 0, options) == 0 ? 0 : errno;
        (void)!write(ready, &error, sizeof error);
        if (error != 0)
            _exit(1);
        close(ready);
        look_on();
        _exit(0);
    }
    close(ends[1]);
    // What a child that has ended by itself left is the error of none of its calls.
    int error = ECHILD;
    (void)!read(ends[0], &error, sizeof error);
    errno = error;
    if (error != 0)
        return failed("ptrace");
    if (install_filter() != 0)
        return failed("seccomp");
    execv(arguments[0], arguments);
    return failed("exec");
}
