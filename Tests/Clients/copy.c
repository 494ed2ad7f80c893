// Lets a program in Node or Java make a copy of itself that is process 1 of a pid namespace, as Tests/OpenSSL/client.c
// does in C. A copy has the thread that makes it and no other one: it may draw and write, and then has to leave.

#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Memory that is kept from children, as V8's is, a clone of a machine would have.
static void copy_all(void) {
    FILE *maps = fopen("/proc/self/maps", "r");
    unsigned long start, end;
    while (maps && fscanf(maps, "%lx-%lx%*[^\n]", &start, &end) == 2)
        madvise((void *)start, end - start, MADV_DOFORK);
    if (maps)
        fclose(maps);
}

// Returns 1 in the copy. In the one that it is made of, waits for its end and returns 0.
static int32_t copy(void) {
    copy_all();
    pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
    if (pid == 0)
        return 1;
    int status = 0;
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) {
        fprintf(stderr, "a copy ended with %x\n", (unsigned)status);
        _exit(1);
    }
    return 0;
}

// Java Native Interface, for `class Copies { static native int copy(); static native void leave(); }`

int32_t Java_Copies_copy(void *environment, void *class) {
    (void)environment, (void)class;
    return copy();
}

void Java_Copies_leave(void *environment, void *class) {
    (void)environment, (void)class;
    _exit(0);
}

// Node-API, of which the headers are not needed for so little. Java finds none of it, and needs none.
typedef void *(*callback)(void *environment, void *information);
#pragma weak napi_create_int32
#pragma weak napi_create_function
#pragma weak napi_set_named_property
int napi_create_int32(void *environment, int32_t value, void **result);
int napi_create_function(
    void *environment, const char *name, size_t length, callback function, void *data, void **result);
int napi_set_named_property(void *environment, void *object, const char *name, void *value);

static void *node_copy(void *environment, void *information) {
    (void)information;
    void *result = NULL;
    napi_create_int32(environment, copy(), &result);
    return result;
}

static void *node_leave(void *environment, void *information) {
    (void)environment, (void)information;
    _exit(0);
}

static void export(void *environment, void *exports, const char *name, callback function) {
    void *value = NULL;
    if (napi_create_function(environment, name, SIZE_MAX, function, NULL, &value) != 0 ||
        napi_set_named_property(environment, exports, name, value) != 0)
        abort();
}

void *napi_register_module_v1(void *environment, void *exports) {
    export(environment, exports, "copy", node_copy);
    export(environment, exports, "leave", node_leave);
    return exports;
}
