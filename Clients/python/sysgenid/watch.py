"""A thread that sleeps until the generation changes, and renews at once what cannot be renewed before it is used."""

import _signal
import _thread
import fcntl
import os
import select

from sysgenid import device

_SECOND = 1000
# The numbers below are those that programs expect to get.
_LEAST = 20


class Watch:
    """It is no thread of the module threading, which the program may count or wait for, and takes no signal. It never
    asks to be waited for: the descriptor could live on in a child that nobody knows of."""

    def __init__(self, renew):
        self._renew = renew
        self._is_started = False
        self._fd, self._file = -1, None
        self._busy = _thread.allocate_lock()

    def start(self):
        """Starts it once. What is seeded from now on is renewed at the next change."""
        if self._is_started:
            return
        self._is_started = True
        # A child would find locked for ever what is being renewed, and keep a descriptor that it does not know.
        os.register_at_fork(before=self._busy.acquire, after_in_parent=self._busy.release, after_in_child=self._restart)
        self._begin()

    def _restart(self):
        self._busy.release()
        self._close(self._fd, self._file)
        self._begin()

    def _begin(self):
        try:
            self._open()
        except OSError:
            return
        before = _signal.pthread_sigmask(_signal.SIG_BLOCK, _signal.valid_signals())
        try:
            _thread.start_new_thread(self._run, ())
        except RuntimeError:
            self._close(self._fd, self._file)
        finally:
            _signal.pthread_sigmask(_signal.SIG_SETMASK, before)

    def _open(self):
        lowest = device.open_device()
        try:
            self._fd = fcntl.fcntl(lowest, fcntl.F_DUPFD_CLOEXEC, _LEAST)
        finally:
            os.close(lowest)
        self._file = os.fstat(self._fd)

    @staticmethod
    def _close(fd, file):
        """A program that closes all there is may have another file of that number by now."""
        try:
            if fd >= 0 and os.path.samestat(os.fstat(fd), file):
                os.close(fd)
        except OSError:
            pass

    def _run(self):
        while True:
            poll = select.poll()
            poll.register(self._fd, select.POLLIN)
            events = poll.poll()
            if not events[0][1] & select.POLLIN:
                self._sleep()
            self._change()

    def _change(self):
        while not self._readjust():
            self._sleep()

    def _readjust(self):
        """The new descriptor is up to date, and the old one is open until all is renewed: overseers of version 4 count it."""
        with self._busy:
            old = self._fd, self._file
            try:
                self._open()
            except OSError:
                return False
            self._renew()
            self._close(*old)
            return True

    @staticmethod
    def _sleep():
        select.poll().poll(_SECOND)
