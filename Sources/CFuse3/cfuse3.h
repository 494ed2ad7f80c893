// Pins the libfuse interface that this project is written against, whatever newer libfuse is installed.
#ifndef CFUSE3_H
#define CFUSE3_H

#define FUSE_USE_VERSION 35
#include <fuse3/fuse_lowlevel.h>
#include <fuse3/cuse_lowlevel.h>

#endif
