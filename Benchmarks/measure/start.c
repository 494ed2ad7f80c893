// From exec to READY, as a service manager sees it. See sd_notify(3).

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"

// A socket with an abstract address of its own, named in the environment.
static int listen_for_notifications(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char name[sizeof address.sun_path];
    int length = snprintf(name, sizeof name, "@sysgenid-measure-%d", getpid());
    memcpy(address.sun_path, name, (size_t)length);
    address.sun_path[0] = '\0';
    setenv("NOTIFY_SOCKET", name, 1);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct timeval limit = {.tv_sec = 20};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (bind(fd, (struct sockaddr *)&address, (socklen_t)(sizeof address.sun_family + (size_t)length)) != 0)
        fail("bind");
    return fd;
}

void measure_start(char **command) {
    int notifications = listen_for_notifications();
    uint64_t *begin = mmap(NULL, sizeof *begin, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (begin == MAP_FAILED)
        fail("mmap");
    pid_t process = fork();
    if (process == 0) {
        // What the program says is not asked for.
        if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
            _exit(127);
        *begin = now();
        execv(command[0], command);
        _exit(127);
    }
    // A daemon may have descriptors kept first.
    char message[4096] = "";
    while (strncmp(message, "READY=1", 7) != 0) {
        ssize_t length = recv(notifications, message, sizeof message - 1, 0);
        if (length < 0)
            fail("no READY");
        message[length] = 0;
    }
    uint64_t ready = now();
    kill(process, SIGTERM);
    int status;
    if (waitpid(process, &status, 0) != process || status != 0)
        fail("the daemon did not end well");
    printf("%llu\n", (unsigned long long)(ready - *begin));
}
