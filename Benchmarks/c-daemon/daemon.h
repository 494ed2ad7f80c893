// The device as a small C program on libfuse serves it: one thread, the same answers, and nothing else of what
// the real one does (no character device, no state for a successor, no backends, no attributes, no sandbox). What
// it costs is what the kernel and libfuse cost.

#ifndef C_DAEMON_H
#define C_DAEMON_H

#define FUSE_USE_VERSION 35
#include <fuse3/fuse_lowlevel.h>
#include <stdbool.h>
#include <stdint.h>

// The generation that is current, and the page that clients map.
extern uint32_t current;
extern volatile uint32_t *page;
extern int page_file;

// The backing id of passthrough opens, 0 before the handshake.
extern int backing;

// Lets libfuse write to a socket, and returns where its reply to the handshake comes out; -1 where it cannot be.
int begin_replies(struct fuse_session *session);

// Agrees on passthrough in the reply, sends it to the kernel, and lets libfuse write there from now on.
bool complete_handshake(int replies, int connection);

// The callbacks, and what it is mounted with besides. See operations.c.
extern const struct fuse_lowlevel_ops operations;
extern const unsigned long mount_flags;

// One open file description. See watchers.c.
struct watcher {
    uint32_t acknowledged;
    bool is_open;
    bool is_tracked;
    struct fuse_pollhandle *poll_handle;
};

// Adds one and returns its number.
uint64_t add_watcher(void);
struct watcher *find_watcher(uint64_t handle);
void remove_watcher(uint64_t handle);
unsigned count_outdated(void);

// Leaves a read unanswered until the next change, or until its caller is interrupted.
void park_read(fuse_req_t request);

// Makes a change: the page first, then whoever sleeps.
void change_generation(uint32_t minimum);

#endif
