// libseccomp 2.5 and later.
#ifndef CSECCOMP_H
#define CSECCOMP_H

#include <seccomp.h>

#endif
