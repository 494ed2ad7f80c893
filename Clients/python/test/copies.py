# A program that knows nothing of a client: it draws, and makes two copies of itself, which draw when they are told so.
# The copies are process 1 of pid namespaces, and nothing in Python sees to them as to children.

import ctypes
import os
import platform
import random
import ssl
import sys

kind = sys.argv[1]
if kind.startswith("numpy"):
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
# Both keep the lock of the interpreter.
kernel, python = ctypes.PyDLL(None), ctypes.pythonapi


def draw():
    os.write(1, f"{draws[kind]()}\n".encode())


def copy():
    """A clone of a machine has all threads, and this copy has none: where one is needed, all is done as at a fork."""
    has_thread = kind in ("openssl", "numpy", "numpy-integers")
    if has_thread:
        python.PyOS_BeforeFork()
    process = kernel.syscall(number, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0)
    if has_thread:
        python.PyOS_AfterFork_Parent() if process else python.PyOS_AfterFork_Child()
    return process


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
