#include "csysgenid_tsan.h"

#if __has_feature(thread_sanitizer)
#include <sanitizer/tsan_interface.h>
#define TELL(call) call
#else
#define TELL(call) (void)lock
#endif

void csysgenid_tsan_lock_made(void *lock) {
    TELL(__tsan_mutex_create(lock, 0));
}

void csysgenid_tsan_lock_ends(void *lock) {
    TELL(__tsan_mutex_destroy(lock, 0));
}

void csysgenid_tsan_will_lock(void *lock) {
    TELL(__tsan_mutex_pre_lock(lock, 0));
}

void csysgenid_tsan_locked(void *lock) {
    TELL(__tsan_mutex_post_lock(lock, 0, 0));
}

void csysgenid_tsan_will_unlock(void *lock) {
    TELL(__tsan_mutex_pre_unlock(lock, 0));
}

void csysgenid_tsan_unlocked(void *lock) {
    TELL(__tsan_mutex_post_unlock(lock, 0));
}
