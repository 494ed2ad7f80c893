// Pins the libfuse interface that this project is written against, whatever newer libfuse is installed.
#ifndef CFUSE3_H
#define CFUSE3_H

#define FUSE_USE_VERSION 35
#include <fuse3/fuse_lowlevel.h>
#include <fuse3/cuse_lowlevel.h>
#include <stdarg.h>
#include <stdio.h>

// From 3.17 on a macro stands in the place of fuse_session_new, which Swift cannot import.
static inline struct fuse_session *cfuse3_session_new(
    struct fuse_args *arguments, const struct fuse_lowlevel_ops *table, size_t size, void *user_data) {
    return fuse_session_new(arguments, table, size, user_data);
}

// Takes what libfuse says: how grave it is, the format that tells its texts apart, and the text.
typedef void (*cfuse3_log_sink)(enum fuse_log_level level, const char *format, const char *text);

// The one that takes it now.
static inline cfuse3_log_sink *cfuse3_current_sink(void) {
    static cfuse3_log_sink sink;
    return &sink;
}

static inline void cfuse3_log(enum fuse_log_level level, const char *format, va_list arguments) {
    // More than any of libfuse's texts has; what is longer is cut off.
    char text[1024];
    if (vsnprintf(text, sizeof text, format, arguments) >= 0)
        (*cfuse3_current_sink())(level, format, text);
}

// A va_list is a structure on some processors, as on arm64, and Swift 6.2 fails to compile a function that takes one.
static inline void cfuse3_redirect_log(cfuse3_log_sink sink) {
    *cfuse3_current_sink() = sink;
    fuse_set_log_func(cfuse3_log);
}

#endif
