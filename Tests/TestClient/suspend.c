// Stops one thread of another process, as a bug or a lost lock would.

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "client.h"

// The number of the process's thread of that name; 0 where there is none.
static pid_t find_thread(const char *process, const char *name) {
    char path[64], found[32];
    snprintf(path, sizeof path, "/proc/%s/task", process);
    DIR *folder = opendir(path);
    if (!folder)
        exit(failed("opendir"));
    pid_t thread = 0;
    for (struct dirent *entry; !thread && (entry = readdir(folder));) {
        char file[400];
        snprintf(file, sizeof file, "%s/%s/comm", path, entry->d_name);
        FILE *comm = fopen(file, "r");
        if (!comm)
            continue;
        if (fgets(found, sizeof found, comm)) {
            found[strcspn(found, "\n")] = 0;
            if (strcmp(found, name) == 0)
                thread = atoi(entry->d_name);
        }
        fclose(comm);
    }
    closedir(folder);
    return thread;
}

int command_suspend(const char *process, const char *name) {
    pid_t thread = find_thread(process, name);
    if (!thread)
        return ESRCH;
    if (ptrace(PTRACE_SEIZE, thread, NULL, NULL) != 0 || ptrace(PTRACE_INTERRUPT, thread, NULL, NULL) != 0)
        return failed("ptrace");
    if (waitpid(thread, NULL, __WALL) != thread)
        return failed("waitpid");
    say("stopped");
    char line[16];
    // It goes on when this process ends, too.
    fgets(line, sizeof line, stdin);
    return ptrace(PTRACE_DETACH, thread, NULL, NULL) == 0 ? 0 : failed("detach");
}
