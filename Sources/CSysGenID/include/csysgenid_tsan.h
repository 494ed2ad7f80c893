#ifndef CSYSGENID_TSAN_H
#define CSYSGENID_TSAN_H

// Tells Thread Sanitizer of a lock that it cannot see. Nothing in a build without it. See sanitizer/tsan_interface.h.

void csysgenid_tsan_lock_made(void *lock);
void csysgenid_tsan_lock_ends(void *lock);
void csysgenid_tsan_will_lock(void *lock);
void csysgenid_tsan_locked(void *lock);
void csysgenid_tsan_will_unlock(void *lock);
void csysgenid_tsan_unlocked(void *lock);

#endif
