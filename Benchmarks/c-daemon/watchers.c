#include <errno.h>
#include <stdlib.h>

#include "daemon.h"

static struct watcher *watchers;
static uint64_t capacity, *vacant, vacant_count;
// One above the highest watcher that is open.
static uint64_t end;
static fuse_req_t *parked;
static size_t parked_count, parked_capacity;

static void *grown(void *memory, size_t count, size_t size) {
    memory = reallocarray(memory, count, size);
    if (!memory)
        abort();
    return memory;
}

uint64_t add_watcher(void) {
    if (vacant_count == 0) {
        uint64_t old = capacity;
        capacity = old ? 2 * old : 64;
        watchers = grown(watchers, capacity, sizeof *watchers);
        vacant = grown(vacant, capacity, sizeof *vacant);
        for (uint64_t handle = capacity; handle-- > old;) {
            watchers[handle] = (struct watcher){.is_open = false};
            vacant[vacant_count++] = handle;
        }
    }
    uint64_t handle = vacant[--vacant_count];
    watchers[handle] = (struct watcher){.acknowledged = current, .is_open = true};
    end = handle < end ? end : handle + 1;
    return handle;
}

struct watcher *find_watcher(uint64_t handle) {
    return &watchers[handle];
}

void remove_watcher(uint64_t handle) {
    if (watchers[handle].poll_handle)
        fuse_pollhandle_destroy(watchers[handle].poll_handle);
    watchers[handle] = (struct watcher){.is_open = false};
    vacant[vacant_count++] = handle;
    while (end > 0 && !watchers[end - 1].is_open)
        end--;
}

unsigned count_outdated(void) {
    unsigned count = 0;
    for (uint64_t handle = 0; handle < end; handle++)
        count += watchers[handle].is_open && watchers[handle].acknowledged != current;
    return count;
}

static void interrupted(fuse_req_t request, void *unused) {
    (void)unused;
    for (size_t index = 0; index < parked_count; index++)
        if (parked[index] == request) {
            parked[index] = parked[--parked_count];
            fuse_reply_err(request, EINTR);
            return;
        }
}

void park_read(fuse_req_t request) {
    if (parked_count == parked_capacity) {
        parked_capacity = parked_capacity ? 2 * parked_capacity : 64;
        parked = grown(parked, parked_capacity, sizeof *parked);
    }
    fuse_req_interrupt_func(request, interrupted, NULL);
    if (fuse_req_interrupted(request))
        fuse_reply_err(request, EINTR);
    else
        parked[parked_count++] = request;
}

void change_generation(uint32_t minimum) {
    uint32_t next = current + 1 ? current + 1 : 1;
    current = minimum > next ? minimum : next;
    __atomic_store_n(page, current, __ATOMIC_RELEASE);
    // Whoever is parked was up to date, so it is outdated now.
    for (size_t index = 0; index < parked_count; index++)
        fuse_reply_buf(parked[index], (const char *)&current, sizeof current);
    parked_count = 0;
    for (uint64_t handle = 0; handle < end; handle++) {
        struct fuse_pollhandle *poll_handle = watchers[handle].poll_handle;
        if (!poll_handle)
            continue;
        watchers[handle].poll_handle = NULL;
        fuse_lowlevel_notify_poll(poll_handle);
        fuse_pollhandle_destroy(poll_handle);
    }
}
