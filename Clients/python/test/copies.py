# A program that knows nothing of a client: it draws, and makes two copies of itself, which draw when they are told so.
# The copies are process 1 of pid namespaces, and nothing in Python sees to them as to children.

import ctypes
import os
import platform
import random
import sys

kind = sys.argv[1]
# Either has the client start a thread, which a copy does not have.
has_thread = kind == "openssl" or kind.startswith("numpy")
if kind == "openssl":
    import ssl
elif has_thread:
    import numpy
instance = random.Random()
draws = {
    "random": random.random,
    "randrange": lambda: random.randrange(1 << 60),
    "gauss": lambda: random.gauss(0, 1),
    "shuffle": lambda: random.sample(range(1 << 20), 8),
    "instance": instance.random,
    "instance-gauss": lambda: instance.gauss(0, 1),
    "state": lambda: (hash(random.getstate()), random.random())[0],
    "openssl": lambda: ssl.RAND_bytes(8).hex(),
    "numpy": lambda: numpy.random.random(),
    "numpy-integers": lambda: numpy.random.randint(1 << 60),
}
number = {"x86_64": 56, "aarch64": 220}[platform.machine()]
CLONE_NEWPID, SIGCHLD = 0x20000000, 17
# It keeps the lock of the interpreter.
kernel = ctypes.PyDLL(None)


def draw():
    os.write(1, f"{draws[kind]()}\n".encode())


def copy():
    if not has_thread:
        return kernel.syscall(number, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0)
    # The thread is made anew, as at a fork. No line of Python may run before that: where the lost one had asked for the
    # interpreter's lock, its taking it would be waited for, for ever. After unshare(2) the child is process 1 as well; it is
    # refused a second time, unless the first is taken back.
    with open("/proc/self/ns/pid") as own:
        for call in (lambda: kernel.setns(own.fileno(), CLONE_NEWPID), lambda: kernel.unshare(CLONE_NEWPID)):
            if call() != 0:
                sys.exit("no pid namespace for a copy")
        return os.fork()


def wait_for_line():
    while os.read(0, 1) not in (b"\n", b""):
        pass


if copy() != 0:
    os._exit(os.waitstatus_to_exitcode(os.wait()[1]))
draw()
for _ in range(2):
    if copy() == 0:
        os.write(1, b"ready\n")
        wait_for_line()
        draw()
        os._exit(0)
for _ in range(2):
    os.wait()
os._exit(0)
