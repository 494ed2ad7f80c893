// Preloaded into a program that is to find a device of version 4 of the interface: no request of version 8 is answered.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <linux/sysgenid.h>
#include <stdarg.h>

int ioctl(int fd, unsigned long request, ...) {
    va_list list;
    va_start(list, request);
    void *argument = va_arg(list, void *);
    va_end(list);
    if (_IOC_TYPE(request) != SYSGENID_IOCTL)
        return ((int (*)(int, unsigned long, ...))dlsym(RTLD_NEXT, "ioctl"))(fd, request, argument);
    errno = EINVAL;
    return -1;
}
