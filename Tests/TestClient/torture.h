// Clients of all kinds at once, for the commands that have them. See torture.c.

#ifndef TEST_CLIENT_TORTURE_H
#define TEST_CLIENT_TORTURE_H

#include <stdatomic.h>

// How many changes were asked for: no generation may be higher.
extern atomic_uint asked;

// What the clients and their command have had to complain about.
extern atomic_int failures;

// Starts so many clients, and waits until they use the device.
void start_clients(const char *path, int count);

// Waits until everybody has been told of the last change, however long it takes, as long as somebody is told. Says how
// many have been.
int wait_until_told(void);

// Says what was seen; returns 0 where nobody has complained, and everybody was told of the last change.
int report_clients(void);

#endif
