#if SYSGENID_THREAD_SANITIZER
    internal import CSysGenID
    internal import Synchronization

    /// A value that one thread at a time may use: `Mutex`, and Thread Sanitizer knows of it.
    ///
    /// On Linux a Mutex is a word and futex(2), and the sanitizer sees nothing of either. It is told here of each lock
    /// and unlock, as of those of pthread_mutex_lock(3), and so finds what is used without the lock. See
    /// sanitizer/tsan_interface.h.
    // Sendable: the value is behind the mutex, and the address never changes.
    public struct Lock<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
        private let mutex: Mutex<Value>
        /// By what the sanitizer knows it.
        private let name = UnsafeMutableRawPointer.allocate(byteCount: 8, alignment: 8)

        public init(_ value: consuming sending Value) {
            mutex = Mutex(value)
            csysgenid_tsan_lock_made(name)
        }

        deinit {
            csysgenid_tsan_lock_ends(name)
            name.deallocate()
        }

        /// Calls the body with the value, while no other thread has it.
        public borrowing func withLock<Result: ~Copyable, Failure: Error>(
            _ body: (inout sending Value) throws(Failure) -> sending Result
        ) throws(Failure) -> sending Result {
            csysgenid_tsan_will_lock(name)
            defer { csysgenid_tsan_unlocked(name) }
            return try mutex.withLock { value throws(Failure) -> sending Result in
                csysgenid_tsan_locked(name)
                defer { csysgenid_tsan_will_unlock(name) }
                return try body(&value)
            }
        }
    }
#else
    public import Synchronization

    /// A value that one thread at a time may use.
    public typealias Lock = Mutex
#endif
