/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ioctl interface of /dev/sysgenid, the System Generation ID device.
 *
 * Two versions of the kernel patch series are in use and both are served; their numbers differ.
 * In every request the argument is the word itself, never a pointer.
 */
#ifndef _UAPI_LINUX_SYSGENID_H
#define _UAPI_LINUX_SYSGENID_H

#include <linux/ioctl.h>

/* Version 8 of the series, March 2021. Only tracked watchers are waited for. */
#define SYSGENID_IOCTL 0xE4

/* bool: turns tracking of this watcher on or off. */
#define SYSGENID_SET_WATCHER_TRACKING _IO(SYSGENID_IOCTL, 1)
/* Timeout in ms, 0 = for ever: waits until no tracked watcher is outdated. EINTR, ETIME. */
#define SYSGENID_WAIT_WATCHERS _IO(SYSGENID_IOCTL, 2)
/* Minimum generation: makes a new generation. EACCES without CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN. */
#define SYSGENID_TRIGGER_GEN_UPDATE _IO(SYSGENID_IOCTL, 3)

/* Version 4 of the series, January 2021. Every open file is waited for. */
#define SYSGENID_V4_IOCTL 0x2d

/* No argument: returns the number of open files that are outdated. */
#define SYSGENID_V4_GET_OUTDATED_WATCHERS _IO(SYSGENID_V4_IOCTL, 1)
/* Timeout in ms, 0 = for ever: waits until no open file is outdated. EINTR. */
#define SYSGENID_V4_WAIT_WATCHERS _IO(SYSGENID_V4_IOCTL, 2)
/* Minimum generation: makes a new generation. EACCES as above. */
#define SYSGENID_V4_FORCE_GEN_UPDATE _IO(SYSGENID_V4_IOCTL, 3)

#endif
