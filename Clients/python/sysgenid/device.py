"""The device: its page, mapped, and a descriptor that is readable after a change."""

import errno
import fcntl
import os
import stat
import sys

_SET_WATCHER_TRACKING = 0xE401
_PAGE_SIZE = 4096


def setting(name, usual):
    """A variable of the environment, which a program with more privileges than its user has not."""
    is_raised = os.getuid() != os.geteuid() or os.getgid() != os.getegid()
    return usual if is_raised or sys.flags.ignore_environment else os.environ.get(name) or usual


def open_device():
    """Opens the device for reading. OSError says that there is none."""
    path = setting("SYSGENID_DEVICE", "/dev/sysgenid")
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.ioctl(fd, _SET_WATCHER_TRACKING, 0)
    except OSError:
        os.close(fd)
        raise
    return fd


def _published(name):
    folder = setting("SYSGENID_RUNTIME_DIR", "/run/sysgenid")
    return os.open(f"{folder}/{name}", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)


def _text(name):
    fd = _published(name)
    try:
        return os.read(fd, 4096).decode().removesuffix("\n")
    finally:
        os.close(fd)


def _is_published(fd):
    """Whether what is published is about the open device."""
    try:
        opened, named = os.fstat(fd), os.stat(_text("device"))
    except (OSError, ValueError):
        return False
    if stat.S_ISCHR(opened.st_mode):
        return stat.S_ISCHR(named.st_mode) and opened.st_rdev == named.st_rdev
    return os.path.samestat(opened, named)


def _offset():
    try:
        offset = int(_text("page_offset"))
    except FileNotFoundError:
        return 0
    if offset % 4 or not 0 <= offset <= _PAGE_SIZE - 4:
        raise ValueError(offset)
    return offset


def _open_page():
    """The page that the daemon publishes. Nobody but root may have been able to write to it, and it has to be whole."""
    fd = _published("page")
    status = os.fstat(fd)
    is_safe = stat.S_ISREG(status.st_mode) and status.st_uid == 0 and not status.st_mode & 0o022
    if is_safe and status.st_size >= _PAGE_SIZE:
        return fd
    os.close(fd)
    raise OSError(errno.EINVAL, "not a page")


def _map(fd, offset):
    """A view of the generation. The module mmap would keep a descriptor, and close it at the end, whosever it is then."""
    import ctypes

    mmap = ctypes.CDLL(None, use_errno=True).mmap
    mmap.restype = ctypes.c_void_p
    mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
    is_readable, is_shared = 1, 1
    page = mmap(None, _PAGE_SIZE, is_readable, is_shared, fd, 0)
    if page == ctypes.c_void_p(-1).value:
        raise OSError(ctypes.get_errno(), "mmap")
    return memoryview((ctypes.c_uint32 * 1).from_address(page + offset)).cast("B").cast("I")


def map_page():
    """A view whose first item is the generation; None where there is no device, or none whose page can be mapped for good.

    What the daemon publishes comes first: that goes on with the next daemon on any kernel, and is no watcher. Before
    Linux 6.9 a mapping of the device does not, which is known by its having no file position."""
    try:
        fd = open_device()
    except OSError:
        return None
    page = -1
    try:
        is_published = _is_published(fd)
        offset = _offset() if is_published else 0
        if is_published:
            page = _open_page()
        elif not stat.S_ISCHR(os.fstat(fd).st_mode):
            os.lseek(fd, 0, os.SEEK_CUR)
        return _map(page if is_published else fd, offset)
    except (OSError, ValueError, ImportError):
        return None
    finally:
        os.close(fd)
        if page >= 0:
            os.close(page)
