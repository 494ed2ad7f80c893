// Pins the libfuse interface that this project is written against, whatever newer libfuse is installed.
#ifndef CFUSE3_H
#define CFUSE3_H

#define FUSE_USE_VERSION 35
#include <fuse3/fuse_lowlevel.h>
#include <fuse3/cuse_lowlevel.h>

// From 3.17 on a macro stands in the place of fuse_session_new, which Swift cannot import.
static inline struct fuse_session *cfuse3_session_new(
    struct fuse_args *arguments, const struct fuse_lowlevel_ops *table, size_t size, void *user_data) {
    return fuse_session_new(arguments, table, size, user_data);
}

#endif
