# The client in this process, where SYSGENID_DEVICE names a device of this test alone: its changes are triggered here.

import copy
import fcntl
import multiprocessing
import os
import pickle
import random
import signal
import sys
import threading
import time
import unittest
import warnings
from random import Random, getrandbits

import numpy
import ssl

TRIGGER, COUNT_OUTDATED = 0xE403, 0x2D01


def trigger():
    fd = os.open(os.environ["SYSGENID_DEVICE"], os.O_RDONLY)
    fcntl.ioctl(fd, TRIGGER, 0)
    os.close(fd)


def wait_for_watch():
    """Until no open file is outdated: the watch has renewed all then."""
    fd = os.open(os.environ["SYSGENID_DEVICE"], os.O_RDONLY)
    while fcntl.ioctl(fd, COUNT_OUTDATED, 0) != 0:
        time.sleep(0.001)
    os.close(fd)


def in_child(work):
    """What a child of this process finds."""
    process = os.fork()
    if process == 0:
        try:
            os._exit(0 if work() else 1)
        finally:
            os._exit(2)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0


def following(generator=random):
    """What it would give next if nothing happened."""
    twin = Random()
    twin.setstate(generator.getstate())
    return twin.getrandbits(64)


class Generators(unittest.TestCase):
    def setUp(self):
        random.seed()
        numpy.random.seed()

    def test_a_change_comes_before_the_next_draw(self):
        for generator in random, Random(), random._inst:
            known = following(generator)
            self.assertEqual(generator.getrandbits(64), known)
            known = following(generator)
            trigger()
            self.assertNotEqual(generator.getrandbits(64), known)

    def test_what_was_imported_by_name_is_renewed(self):
        known = following()
        trigger()
        self.assertNotEqual(getrandbits(64), known)

    def test_what_is_seeded_on_purpose_is_left_alone(self):
        for generator in random, Random():
            generator.seed(42)
            expected = Random(42)
            for _ in range(3):
                self.assertEqual(generator.random(), expected.random())
                self.assertEqual(generator.gauss(0, 1), expected.gauss(0, 1))
                trigger()

    def test_seeding_by_the_system_ends_that(self):
        random.seed(42)
        random.seed()
        known = following()
        trigger()
        self.assertNotEqual(random.getrandbits(64), known)

    def test_a_state_that_is_put_in_is_left_alone(self):
        state = Random(7).getstate()
        random.setstate(state)
        trigger()
        self.assertEqual(random.random(), Random(7).random())

    def test_a_state_that_is_put_back_is_renewed(self):
        state = random.getstate()
        random.seed(1)
        random.setstate(state)
        known = following()
        random.setstate(random.getstate())
        trigger()
        self.assertNotEqual(random.getrandbits(64), known)
        # Also where the change comes in between.
        state = random.getstate()
        known = following()
        random.getstate()
        trigger()
        random.setstate(state)
        self.assertNotEqual(random.getrandbits(64), known)

    def test_types_are_what_they_were(self):
        class Derived(Random):
            pass

        class Constant(Random):
            def random(self):
                return 0.25

        self.assertIsInstance(random.SystemRandom(), Random)
        self.assertEqual(Derived(3).random(), Random(3).random())
        self.assertEqual(Constant().uniform(0, 4), 1.0)
        self.assertEqual(Constant().randrange(1 << 53), 1 << 51)
        generator = Random(3)
        for other in pickle.loads(pickle.dumps(generator)), copy.deepcopy(generator):
            self.assertIs(type(other), Random)
            self.assertEqual(other.random(), Random(3).random())
        random.SystemRandom().gauss(0, 1)
        self.assertEqual(Random.random.__doc__, super(Random, Random()).random.__doc__)

    def test_a_child_is_seeded_by_the_system(self):
        def is_renewed():
            known = following()
            trigger()
            return random.getrandbits(64) != known

        random.seed(42)
        self.assertTrue(in_child(is_renewed))
        self.assertEqual(random.random(), Random(42).random())

    def test_many_threads_draw_while_changes_come(self):
        drawn = [set() for _ in range(8)]
        end = threading.Event()

        def draw(numbers):
            while not end.is_set():
                numbers.add(random.getrandbits(64))
                numpy.random.random()
                ssl.RAND_bytes(16)

        threads = [threading.Thread(target=draw, args=[numbers]) for numbers in drawn]
        for thread in threads:
            thread.start()
        for _ in range(200):
            trigger()
        while min(map(len, drawn)) < 100:
            time.sleep(0.001)
        end.set()
        for thread in threads:
            thread.join()
        self.assertEqual(len(set.union(*drawn)), sum(map(len, drawn)))

    def test_numpy_is_renewed_at_once(self):
        before = numpy.random.get_state()[1]
        trigger()
        wait_for_watch()
        self.assertFalse((numpy.random.get_state()[1] == before).all())

    def test_numpy_that_is_seeded_on_purpose_is_left_alone(self):
        for seed in (
            lambda: numpy.random.seed(42),
            lambda: numpy.random.set_state(numpy.random.RandomState(42).get_state()),
        ):
            numpy.random.seed()
            seed()
            trigger()
            wait_for_watch()
            self.assertEqual(numpy.random.random(), numpy.random.RandomState(42).random())


class Watching(unittest.TestCase):
    def test_nothing_of_it_is_seen(self):
        self.assertEqual(threading.enumerate(), [threading.main_thread()])

    def test_children_have_a_watch_of_their_own(self):
        def is_renewed():
            before = numpy.random.get_state()[1]
            trigger()
            wait_for_watch()
            return not (numpy.random.get_state()[1] == before).all()

        self.assertTrue(in_child(is_renewed))
        self.assertTrue(in_child(lambda: in_child(is_renewed)))
        self.assertTrue(is_renewed())

    def test_children_are_made_while_changes_come(self):
        end = threading.Event()
        changes = threading.Thread(target=lambda: [trigger() for _ in iter(end.is_set, True)])
        changes.start()
        for _ in range(100):
            self.assertTrue(in_child(lambda: numpy.random.random() and ssl.RAND_bytes(1) and random.random()))
        end.set()
        changes.join()

    def test_pools_of_processes_work(self):
        for method in multiprocessing.get_all_start_methods():
            with multiprocessing.get_context(method).Pool(2) as pool:
                self.assertEqual(pool.map(abs, range(-3, 3)), [3, 2, 1, 0, 1, 2])

    def test_it_takes_no_signal(self):
        """One that the program blocks, to wait for it, stays with the program."""
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
        os.kill(os.getpid(), signal.SIGUSR1)
        self.assertEqual(signal.sigwait([signal.SIGUSR1]), signal.SIGUSR1)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR1])

    def test_it_closes_nothing_of_the_programs(self):
        """A daemon closes whatever is open, and has files of the same numbers then."""

        def closes():
            os.closerange(3, 1000)
            files = [os.open("/dev/zero", os.O_RDONLY) for _ in range(100)]
            for _ in range(3):
                before = numpy.random.get_state()[1]
                trigger()
                while (numpy.random.get_state()[1] == before).all():
                    time.sleep(0.001)
                time.sleep(0.01)
            return all(os.read(file, 1) == b"\0" for file in files)

        self.assertTrue(in_child(closes))


if __name__ == "__main__":
    warnings.simplefilter("error")
    unittest.main(verbosity=2)
